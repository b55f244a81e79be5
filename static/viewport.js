/** Which part of the window is shown: zoomed and moved by mouse, touch and keyboard. */

const slotsMin = 10;
const zoomStep = 1.25;
const moveShare = 0.1;

/** @typedef {{min: number, max: number}} Range */
/** @typedef {{start: number, first: number, end: number, step: number}} Window */

export class Viewport {
  #canvas;
  #series;
  #onChange;
  /** Epoch seconds; undefined: all that is known, up to now. @type {Range | undefined} */
  #chosen;
  /** Where fingers and the mouse's button are down. @type {Map<number, number>} */
  #pointers = new Map();

  /**
   * @param {HTMLElement} canvas @param {Window} series
   * @param {() => void} onChange
   */
  constructor(canvas, series, onChange) {
    this.#canvas = canvas;
    this.#series = series;
    this.#onChange = onChange;
    this.#listen();
  }

  /** What is shown, epoch seconds. */
  get range() {
    const { start, first, end } = this.#series;
    if (!this.#chosen) return { min: first, max: end };
    const { min, max } = this.#chosen;
    // Time passes: what has left the window cannot be shown any more.
    const by = Math.max(0, start - min);
    return { min: min + by, max: max + by };
  }

  #listen() {
    const canvas = this.#canvas;
    document.getElementById("live")?.addEventListener("click", () => this.#show(undefined));
    // Who scrolls past the chart does not mean to zoom it: first it must have the focus.
    canvas.addEventListener(
      "wheel",
      (event) => {
        if (document.activeElement !== canvas && !event.ctrlKey) return;
        event.preventDefault();
        if (Math.abs(event.deltaX) > Math.abs(event.deltaY))
          this.#move(event.deltaX / canvas.clientWidth);
        else this.#zoom(event.deltaY > 0 ? zoomStep : 1 / zoomStep, this.#shareAt(event.clientX));
      },
      { passive: false },
    );
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#pointers.set(event.pointerId, event.clientX);
    });
    canvas.addEventListener("pointermove", (event) => this.#drag(event));
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
      canvas.addEventListener(name, ({ pointerId }) => this.#pointers.delete(pointerId));
    }
    canvas.addEventListener("keydown", (event) => this.#press(event));
  }

  /** @param {PointerEvent} event */
  #drag({ pointerId, clientX }) {
    const before = this.#pointers.get(pointerId);
    if (before === undefined) return;
    const others = [...this.#pointers].filter(([id]) => id !== pointerId);
    this.#pointers.set(pointerId, clientX);
    const other = others[0]?.[1];
    if (other === undefined) this.#move((before - clientX) / this.#canvas.clientWidth);
    else {
      const apart = Math.max(20, Math.abs(clientX - other));
      this.#zoom(
        Math.max(20, Math.abs(before - other)) / apart,
        this.#shareAt((clientX + other) / 2),
      );
    }
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const acts = /** @type {Record<string, () => void>} */ ({
      "+": () => this.#zoom(1 / zoomStep, 0.5),
      "=": () => this.#zoom(1 / zoomStep, 0.5),
      "-": () => this.#zoom(zoomStep, 0.5),
      ArrowLeft: () => this.#move(-moveShare),
      ArrowRight: () => this.#move(moveShare),
      Home: () => this.#move(Number.NEGATIVE_INFINITY),
      End: () => this.#move(Number.POSITIVE_INFINITY),
      Escape: () => this.#show(undefined),
    });
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  /** How far to the right, from 0 to 1. @param {number} clientX */
  #shareAt(clientX) {
    const { left, width } = this.#canvas.getBoundingClientRect();
    return Math.min(1, Math.max(0, (clientX - left) / width));
  }

  /** @param {number} factor of the time that is shown @param {number} share what stays in place */
  #zoom(factor, share) {
    const { min, max } = this.range;
    const { start, end, step } = this.#series;
    const size = Math.min(end - start, Math.max(slotsMin * step, (max - min) * factor));
    const from = min + (max - min - size) * share;
    this.#show({ min: from, max: from + size });
  }

  /** @param {number} shares of what is shown, to the right */
  #move(shares) {
    const { min, max } = this.range;
    const { start, end } = this.#series;
    const by = Math.min(end - max, Math.max(start - min, (max - min) * shares));
    this.#show({ min: min + by, max: max + by });
  }

  /** @param {Range | undefined} range */
  #show(range) {
    const { start, end } = this.#series;
    const isWhole = range && range.max - range.min >= end - start;
    if (range) {
      const by = Math.max(start - range.min, Math.min(0, end - range.max));
      this.#chosen = isWhole ? undefined : { min: range.min + by, max: range.max + by };
    } else this.#chosen = undefined;
    const button = document.getElementById("live");
    if (button) button.hidden = this.#chosen === undefined;
    this.#onChange();
  }
}
