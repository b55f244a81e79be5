/** The table page: an amount that changes flashes, and what is marked stays marked. */
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

  const selection = /** @type {Selection} */ (getSelection());
  /** @typedef {{node: Node, offset: number}} End @type {[End, End] | undefined} */
  let marked;
  /** @param {End} end */
  const placeOf = ({ node, offset }) =>
    Math.min(offset, node instanceof Text ? node.length : node.childNodes.length);

  addEventListener("htmx:before:swap", () => {
    const { anchorNode, anchorOffset, focusNode, focusOffset, isCollapsed } = selection;
    marked = undefined;
    if (!anchorNode || !focusNode || isCollapsed) return;
    marked = [
      { node: anchorNode, offset: anchorOffset },
      { node: focusNode, offset: focusOffset },
    ];
  });
  // A row that moves, or a figure that changes, takes the selection away: it is put back.
  addEventListener("htmx:after:swap", () => {
    if (!marked || !selection.isCollapsed) return;
    const [from, to] = marked;
    selection.setBaseAndExtent(from.node, placeOf(from), to.node, placeOf(to));
  });
}
