/** Pausing stops the view, not the data: what the stream brings is counted, and shown to nobody. */
{
  /** `paused`: updates that were held back since the view was paused; it is there while it is. */
  const { dataset } = document.documentElement;
  const button = /** @type {HTMLElement} */ (document.getElementById("pause"));

  /** A new stream begins with all there is; what is on its way by the old one, htmx drops. */
  function openStream() {
    const stream = /** @type {HTMLElement} */ (document.getElementById("stream"));
    const next = stream.cloneNode();
    stream.replaceWith(next);
    /** @type {any} */ (globalThis).htmx.process(next);
  }

  button.hidden = false;
  button.addEventListener("click", () => {
    const isPaused = dataset.paused === undefined;
    if (isPaused) dataset.paused = "0";
    else delete dataset.paused;
    /** @type {Element} */ (button.firstElementChild).textContent = isPaused ? "Resume" : "Pause";
    dispatchEvent(new Event("pausechange"));
    if (!isPaused) openStream();
  });
  // Here, before htmx swaps it or hands it to the charts. A farewell ends the stream all the same.
  addEventListener("htmx:sse:before:message", (event) => {
    const { message } = /** @type {CustomEvent} */ (event).detail;
    if (dataset.paused === undefined || message.event === "bye") return;
    event.preventDefault();
    if (!message.event) dataset.paused = String(Number(dataset.paused) + 1);
  });
}
