/** The table page: an amount that changes flashes. */
{
  /** Cells that change together and still flash one by one; more would be a flicker. */
  const flashesMax = 40;
  /**
   * A cell flashes only after it has rested: what always changes needs no hint, and animations that
   * never end would keep the browser painting, sixty times a second instead of ten.
   */
  const restMs = 2_000;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {WeakMap<Element, number>} */
  const changedAt = new WeakMap();

  /** @param {Element} cell */
  function hasRested(cell) {
    const now = performance.now();
    const rest = now - (changedAt.get(cell) ?? -restMs);
    changedAt.set(cell, now);
    return rest >= restMs;
  }

  new MutationObserver((changes) => {
    const cells = changes.flatMap(({ target }) => target.parentElement?.closest(".money") ?? []);
    const rested = [...new Set(cells)].filter(hasRested);
    if (calm.matches || rested.length > flashesMax) return;
    for (const cell of rested) {
      cell.animate([{ color: "var(--accent)" }, {}], { duration: 1_200, easing: "ease-out" });
    }
  }).observe(document.body, { characterData: true, subtree: true });
}
