/**
 * A single key presses the control that names it in `aria-keyshortcuts`. Readers can switch this
 * off (WCAG 2.1.4). Keys do nothing while somebody types or holds another key. A menu closes by
 * Escape, and when the focus or a press is elsewhere.
 */
{
  const help = /** @type {HTMLDialogElement} */ (document.getElementById("help"));
  const single = /** @type {HTMLInputElement} */ (document.getElementById("single"));
  const button = /** @type {HTMLElement} */ (document.getElementById("keys"));
  const pressable = "a, button, summary, input, [tabindex='0']";
  const typing = "input:not([type=checkbox]), textarea, select, [contenteditable], dialog *";

  try {
    single.checked = localStorage.getItem("keys") !== "off";
    single.addEventListener("change", () => {
      localStorage.setItem("keys", single.checked ? "on" : "off");
    });
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  button.hidden = false;
  button.addEventListener("click", () => help.showModal());

  document.addEventListener("keydown", (event) => {
    const { key, target, altKey, ctrlKey, metaKey, repeat, isComposing } = event;
    const isHeld = altKey || ctrlKey || metaKey || repeat || isComposing;
    if (isHeld || help.open || event.defaultPrevented || !single.checked) return;
    if (!(target instanceof Element) || target.closest(typing)) return;
    // The space bar presses the control that has the focus.
    if (key === " " && (event.shiftKey || target.closest(pressable))) return;
    const name = key === " " ? "Space" : key.toLowerCase();
    const control = document.querySelector(`[aria-keyshortcuts~="${CSS.escape(name)}"]`);
    if (!(control instanceof HTMLElement)) return;
    event.preventDefault();
    if (control instanceof HTMLInputElement) control.select();
    else control.click();
  });

  /** @param {unknown} place in a menu that stays open, if it is in one */
  function closeMenus(place) {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (place instanceof Node && menu.contains(place)) continue;
      menu.removeAttribute("open");
      if (place === undefined && menu.contains(document.activeElement))
        menu.querySelector("summary")?.focus();
    }
  }

  for (const name of /** @type {const} */ (["pointerdown", "focusin"]))
    document.addEventListener(name, ({ target }) => closeMenus(target));
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") closeMenus(undefined);
  });
}
