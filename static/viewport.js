/**
 * The visible part of the window. A mouse selects it, fingers move and zoom it, and so do keys and
 * the wheel.
 */

const slotsMin = 10;
const zoomStep = 1.25;
const moveShare = 0.1;
/** The smallest distance between two fingers, because a closer pinch would leap. */
const pinchPixelsMin = 20;
/** A shorter drag is a click. */
const selectPixelsMin = 8;

/** All times here are epoch seconds. @typedef {{min: number, max: number}} Range */
/** @typedef {{start: number, first: number, end: number, step: number}} Window */

export class Viewport {
  #canvas;
  #window;
  #onChange;
  #axis;
  /** Undefined = all known slots, up to now. @type {Range | undefined} */
  #chosen;
  /** The positions of fingers. @type {Map<number, number>} */
  #pointers = new Map();
  /** Where the mouse button was pressed. @type {number | undefined} */
  #selectFrom;
  #selection = document.getElementById("selection");

  /**
   * @param {HTMLElement} canvas @param {Window} window
   * @param {{onChange: () => void, axis: () => {start: number, end: number} | undefined}} chart
   *   `axis`: where on the canvas the axis begins and ends, in pixels
   */
  constructor(canvas, window, { onChange, axis }) {
    this.#canvas = canvas;
    this.#window = window;
    this.#onChange = onChange;
    this.#axis = axis;
    document.getElementById("live")?.addEventListener("click", () => this.#show());
    canvas.addEventListener("wheel", (event) => this.#roll(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.#grip(event));
    canvas.addEventListener("pointermove", (event) => this.#drag(event));
    canvas.addEventListener("pointerup", (event) => this.#select(event));
    canvas.addEventListener("lostpointercapture", ({ pointerId }) => {
      this.#pointers.delete(pointerId);
      this.#selectFrom = undefined;
      this.#mark(0, 0);
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

  /** The reader has chosen a part of the window. */
  get isChosen() {
    return this.#chosen !== undefined;
  }

  /** @param {WheelEvent} event */
  #roll(event) {
    // Without the key a reader scrolls past the chart.
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const { deltaX, deltaY, clientX } = event;
    if (Math.abs(deltaX) > Math.abs(deltaY)) this.#move(deltaX / this.#canvas.clientWidth);
    else this.#zoom(deltaY > 0 ? zoomStep : 1 / zoomStep, clientX);
  }

  /** @param {PointerEvent} event */
  #grip({ pointerId, pointerType, button, clientX }) {
    if (button !== 0) return;
    this.#canvas.setPointerCapture(pointerId);
    if (pointerType === "touch") this.#pointers.set(pointerId, clientX);
    else this.#selectFrom = clientX;
  }

  /** @param {PointerEvent} event */
  #drag({ pointerId, clientX }) {
    if (this.#selectFrom !== undefined) return this.#mark(this.#selectFrom, clientX);
    const before = this.#pointers.get(pointerId);
    if (before === undefined) return;
    this.#pointers.set(pointerId, clientX);
    const other = [...this.#pointers].find(([id]) => id !== pointerId)?.[1];
    if (other === undefined) return this.#move((before - clientX) / this.#canvas.clientWidth);
    const [was, is] = [before, clientX].map((x) => Math.max(pinchPixelsMin, Math.abs(x - other)));
    this.#zoom(Number(was) / Number(is), (clientX + other) / 2);
  }

  /** Shows the time between where a button was pressed and released. @param {PointerEvent} event */
  #select({ clientX }) {
    const from = this.#selectFrom;
    if (from === undefined || Math.abs(clientX - from) < selectPixelsMin) return;
    const { min, max } = this.range;
    const { left, width } = this.#area();
    const [low = 0, high = 1] = [from, clientX]
      .map((x) => clamp((x - left) / width, 0, 1))
      .sort((a, b) => a - b);
    const size = Math.max((high - low) * (max - min), slotsMin * this.#window.step);
    this.#show(min + low * (max - min), size);
  }

  /** Marks the time between two places of the mouse. @param {number} from @param {number} to */
  #mark(from, to) {
    if (!this.#selection) return;
    const { left } = this.#canvas.getBoundingClientRect();
    this.#selection.hidden = Math.abs(to - from) < selectPixelsMin;
    const [low, wide] = [Math.min(from, to) - left, Math.abs(to - from)];
    Object.assign(this.#selection.style, { left: `${low}px`, width: `${wide}px` });
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
    const { left, width } = this.#area();
    const share = clientX === undefined ? 0.5 : clamp((clientX - left) / width, 0, 1);
    const size = clamp((max - min) * factor, slotsMin * step, end - start);
    this.#show(min + (max - min - size) * share, size);
  }

  /** Where the time axis is on the screen, in pixels. */
  #area() {
    const { left, width } = this.#canvas.getBoundingClientRect();
    const { start, end } = this.#axis() ?? { start: 0, end: width };
    return { left: left + start, width: end - start };
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
