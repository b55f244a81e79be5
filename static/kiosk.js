/** A page on a wall: keeps the screen on and hides an idle pointer. */
{
  const idleMs = 3_000;
  const root = document.documentElement;
  let timer = 0;

  /** The lock ends when the page is hidden. Without a lock the settings of the screen decide. */
  async function keepAwake() {
    if (!document.hidden) await navigator.wakeLock?.request("screen").catch(() => {});
  }

  function showPointer() {
    root.classList.remove("idle");
    clearTimeout(timer);
    timer = setTimeout(() => root.classList.add("idle"), idleMs);
  }

  void keepAwake();
  document.addEventListener("visibilitychange", keepAwake);
  addEventListener("pointermove", showPointer);
  showPointer();
}
