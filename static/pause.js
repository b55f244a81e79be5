/** Pausing stops the view, not the data: what the stream brings is counted, and shown to nobody. */
{
  const root = document.documentElement;
  const button = /** @type {HTMLElement} */ (document.getElementById("pause"));
  /** The stream as htmx has it. @type {any} */
  let connection;
  /** Updates since the view was paused; null = it is not. @type {number | null} */
  let heldBack = null;
  /** The view goes on with the next stream, for that begins with all there is. */
  let isCatchingUp = false;

  function show() {
    if (heldBack === null) delete root.dataset.paused;
    else root.dataset.paused = String(heldBack);
    const text = button.querySelector("span");
    if (text) text.textContent = heldBack === null ? "Pause" : "Resume";
    document.dispatchEvent(new Event("pausechange"));
  }

  button.hidden = false;
  button.addEventListener("click", () => {
    isCatchingUp = heldBack !== null && connection !== undefined;
    heldBack = heldBack === null ? 0 : null;
    show();
    if (!isCatchingUp) return;
    connection.config.reconnectDelay = 0;
    connection.delayCanceller?.();
    connection.reader?.cancel();
  });
  // Here, before htmx swaps it or hands it to the charts. A farewell ends the stream all the same.
  addEventListener("htmx:sse:before:message", (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    connection = detail.connection;
    if ((heldBack === null && !isCatchingUp) || detail.message.event === "bye") return;
    event.preventDefault();
    if (heldBack === null || detail.message.event) return;
    heldBack++;
    root.dataset.paused = String(heldBack);
  });
  const delay = 500;
  addEventListener("htmx:sse:after:connection", () => {
    isCatchingUp = false;
    if (connection) connection.config.reconnectDelay = delay;
  });
  addEventListener("htmx:sse:error", () => {
    if (connection) connection.config.reconnectDelay = delay;
  });
}
