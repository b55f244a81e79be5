/** Pause stops the view, not the stream: updates are counted and not shown. */
{
  /** `paused`: updates held back since the pause. Present only during a pause. */
  const { dataset } = document.documentElement;
  /** @type {import("../src/dashboard/words/scripts.ts").ScriptWords} */
  const words = JSON.parse(dataset.words ?? "{}");
  const button = /** @type {HTMLElement} */ (document.getElementById("pause"));

  button.hidden = false;
  button.addEventListener("click", () => {
    const isPaused = dataset.paused === undefined;
    if (isPaused) dataset.paused = "0";
    else delete dataset.paused;
    /** @type {Element} */ (button.firstElementChild).textContent = isPaused
      ? words.resume
      : words.pause;
    dispatchEvent(new Event("pausechange"));
    if (!isPaused) dispatchEvent(new Event("restart"));
  });
  // Before htmx swaps the message or passes it to the charts. `bye` still ends the stream.
  addEventListener("htmx:sse:before:message", (event) => {
    const { message } = /** @type {CustomEvent} */ (event).detail;
    if (dataset.paused === undefined || message.event === "bye") return;
    event.preventDefault();
    if (!message.event) dataset.paused = String(Number(dataset.paused) + 1);
  });
}
