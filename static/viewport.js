/** The visible part of the window: zoomed and moved by mouse, touch and keyboard. */

const slotsMin = 10;
const zoomStep = 1.25;
const moveShare = 0.1;
/** The smallest distance between two fingers, because a closer pinch would leap. */
const pinchPixelsMin = 20;

/** All times here are epoch seconds. @typedef {{min: number, max: number}} Range */
/** @typedef {{start: number, first: number, end: number, step: number}} Window */

export class Viewport {
  #canvas;
  #window;
  #onChange;
  /** Undefined = all known slots, up to now. @type {Range | undefined} */
  #chosen;
  /** The positions of fingers and of the pressed mouse button. @type {Map<number, number>} */
  #pointers = new Map();

  /** @param {HTMLElement} canvas @param {Window} window @param {() => void} onChange */
  constructor(canvas, window, onChange) {
    this.#canvas = canvas;
    this.#window = window;
    this.#onChange = onChange;
    document.getElementById("live")?.addEventListener("click", () => this.#show());
    canvas.addEventListener("wheel", (event) => this.#roll(event), { passive: false });
    canvas.addEventListener("pointerdown", ({ pointerId, clientX }) => {
      canvas.setPointerCapture(pointerId);
      this.#pointers.set(pointerId, clientX);
    });
    canvas.addEventListener("pointermove", (event) => this.#drag(event));
    canvas.addEventListener("lostpointercapture", (event) => {
      this.#pointers.delete(event.pointerId);
    });
    canvas.addEventListener("keydown", (event) => this.#press(event));
  }

  /** The visible range. */
  get range() {
    const { start, first, end } = this.#window;
    if (!this.#chosen) return { min: first, max: end };
    const { min, max } = this.#chosen;
    // The window moves on with time, so the range cannot start before it.
    const by = Math.max(0, start - min);
    return { min: min + by, max: max + by };
  }

  /** @param {WheelEvent} event */
  #roll(event) {
    // Zooms only with the focus, because a reader may just scroll past the chart.
    if (document.activeElement !== this.#canvas && !event.ctrlKey) return;
    event.preventDefault();
    const { deltaX, deltaY, clientX } = event;
    if (Math.abs(deltaX) > Math.abs(deltaY)) this.#move(deltaX / this.#canvas.clientWidth);
    else this.#zoom(deltaY > 0 ? zoomStep : 1 / zoomStep, clientX);
  }

  /** @param {PointerEvent} event */
  #drag({ pointerId, clientX }) {
    const before = this.#pointers.get(pointerId);
    if (before === undefined) return;
    this.#pointers.set(pointerId, clientX);
    const other = [...this.#pointers].find(([id]) => id !== pointerId)?.[1];
    if (other === undefined) return this.#move((before - clientX) / this.#canvas.clientWidth);
    const [was, is] = [before, clientX].map((x) => Math.max(pinchPixelsMin, Math.abs(x - other)));
    this.#zoom(Number(was) / Number(is), (clientX + other) / 2);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const act = /** @type {Record<string, () => void>} */ ({
      "+": () => this.#zoom(1 / zoomStep),
      "=": () => this.#zoom(1 / zoomStep),
      "-": () => this.#zoom(zoomStep),
      ArrowLeft: () => this.#move(-moveShare),
      ArrowRight: () => this.#move(moveShare),
      Home: () => this.#move(Number.NEGATIVE_INFINITY),
      End: () => this.#move(Number.POSITIVE_INFINITY),
      Escape: () => this.#show(),
    })[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  /** @param {number} factor of the visible time @param {number} [clientX] stays in place */
  #zoom(factor, clientX) {
    const { min, max } = this.range;
    const { start, end, step } = this.#window;
    const { left, width } = this.#canvas.getBoundingClientRect();
    const share = clientX === undefined ? 0.5 : clamp((clientX - left) / width, 0, 1);
    const size = clamp((max - min) * factor, slotsMin * step, end - start);
    this.#show(min + (max - min - size) * share, size);
  }

  /** @param {number} shares of the visible range, to the right */
  #move(shares) {
    const { min, max } = this.range;
    this.#show(min + (max - min) * shares, max - min);
  }

  /** Shows the whole window, or the given part of it. */
  #show(from = 0, size = Number.POSITIVE_INFINITY) {
    const { start, end } = this.#window;
    const min = clamp(from, start, end - size);
    this.#chosen = size < end - start ? { min, max: min + size } : undefined;
    const button = document.getElementById("live");
    if (button) button.hidden = this.#chosen === undefined;
    this.#onChange();
  }
}

/** @param {number} value @param {number} least @param {number} most */
const clamp = (value, least, most) => Math.max(least, Math.min(most, value));
