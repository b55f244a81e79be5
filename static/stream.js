/**
 * On every page: a page that cannot keep up with its stream stays usable, and begins anew. On a
 * slow or busy machine a frame can cost more than the time until the next one.
 */
{
  /** The page can draw and take clicks after so long. */
  const busyMsMax = 50;
  let restedAt = performance.now();

  // htmx takes the messages that wait one right after the other, and leaves the browser no time.
  addEventListener("htmx:sse:before:message", (event) => {
    if (performance.now() - restedAt < busyMsMax) return;
    const rest = new Promise((resolve) => setTimeout(resolve)).then(() => {
      restedAt = performance.now();
    });
    /** @type {CustomEvent} */ (event).detail.waitUntil(rest);
  });

  // A new stream begins with a full snapshot. htmx drops the old one, and all that waits in it.
  addEventListener("restart", () => {
    const stream = /** @type {HTMLElement} */ (document.getElementById("stream"));
    const next = stream.cloneNode();
    stream.replaceWith(next);
    /** @type {any} */ (globalThis).htmx.process(next);
  });
}
