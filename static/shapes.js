/** Bars and lines as Chart.js draws them, in the colours of the legend. */

/** @typedef {import("./series.js").Bar} Bar */
/** @typedef {ReturnType<typeof pointOf>} Point */

const { Chart } = /** @type {any} */ (globalThis);
const gapPixels = 1;
/** A few colours for each theme. */
const hatchesMax = 50;
/** Stripes by colour. @type {Map<string, CanvasPattern | string>} */
const hatches = new Map();

/**
 * A point as the library keeps it, with what the tooltip says of it.
 * @param {Bar} bar @param {number} start @param {number} end
 * @param {{sum: bigint | undefined, isAbout?: boolean, isBefore?: boolean}} of
 */
export function pointOf(bar, start, end, of) {
  const x = (bar.start + bar.end) * 500;
  const [low, high] = [Math.min(start, end), Math.max(start, end)];
  const custom = { barStart: start, barEnd: end, start, end, min: low, max: high };
  return { isBefore: false, ...of, x, y: end, height: end - start, bar, _custom: custom };
}

/**
 * @param {Element} item of the legend @param {Point[]} data @param {number} width of a bar and the
 *   gap behind it, in pixels
 */
export function barsOf(item, data, width) {
  const color = colorOf(item);
  const backgroundColor = data.map(({ bar }) => (bar.isWhole ? color : hatchOf(color)));
  const barThickness = Math.max(1, width - gapPixels);
  const place = { grouped: false, barThickness, borderWidth: 0, borderSkipped: false };
  return {
    type: "bar",
    label: item.textContent,
    data,
    ...place,
    borderColor: color,
    backgroundColor,
  };
}

/** @param {Element} item of the legend @param {Point[]} data */
export function lineOf(item, data) {
  const borderColor = colorOf(item);
  const isDashed = item.firstElementChild?.classList.contains("dashed");
  const borderWidth = Chart.defaults.font.size / 7;
  const borderDash = isDashed ? [borderWidth * 2, borderWidth * 2] : [];
  // One point alone would be no line. By itself the library would make other colours under a mouse.
  const points = { pointRadius: data.length === 1 ? 3 : 0, pointHoverBackgroundColor: borderColor };
  // A time that is not over would be a fall.
  const dots = [borderWidth, borderWidth * 2];
  const isDotted = (/** @type {number} */ i) => data[i]?.bar.isWhole === false;
  const segment = {
    borderDash: (/** @type {any} */ { p0DataIndex: from, p1DataIndex: to }) =>
      isDotted(from) || isDotted(to) ? dots : undefined,
  };
  const lines = { borderWidth, borderDash, segment };
  const style = { borderColor, backgroundColor: borderColor, ...lines, ...points };
  return { type: "line", label: item.textContent, data, fill: false, ...style };
}

/**
 * Sets the period before off from the bars behind it, one of which is as grey as its line.
 * @param {{ctx: any}} chart @param {any} meta of what is drawn next @param {string} card its colour
 */
export function setOff({ ctx }, meta, card) {
  const { dataset: line } = meta;
  if (!meta._dataset.isBefore || !line) return;
  ctx.save();
  Object.assign(ctx, { strokeStyle: card, lineWidth: 3 * line.options.borderWidth });
  ctx.setLineDash(line.options.borderDash);
  ctx.beginPath();
  line.path(ctx);
  ctx.stroke();
  ctx.restore();
}

/** @param {Element} item of the legend */
function colorOf(item) {
  return getComputedStyle(/** @type {Element} */ (item.firstElementChild)).color;
}

/** Stripes of a colour, for a bar that is not over. @param {string} color */
function hatchOf(color) {
  const known = hatches.get(color);
  if (known) return known;
  const size = 8;
  const tile = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const context = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
  Object.assign(context, { strokeStyle: color, lineWidth: size / 3 });
  for (const x of [-size, 0, size]) {
    context.moveTo(x - 1, size + 1);
    context.lineTo(x + size + 1, -1);
  }
  context.stroke();
  if (hatches.size >= hatchesMax) hatches.clear();
  const hatch = context.createPattern(tile, "repeat") ?? color;
  hatches.set(color, hatch);
  return hatch;
}
