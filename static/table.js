/** The table page: flashes amounts that change, and keeps the selection. */
{
  /** The most cells that flash together, because more would flicker. */
  const flashesMax = 40;
  /**
   * A cell flashes only after this rest. A cell that always changes needs no hint, and an endless
   * animation would make the browser paint sixty times a second instead of ten.
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
  // Restores the selection, which a moving row or a changing figure removes.
  addEventListener("htmx:after:swap", () => {
    if (!marked || !selection.isCollapsed) return;
    const [from, to] = marked;
    selection.setBaseAndExtent(from.node, placeOf(from), to.node, placeOf(to));
  });
}
