/** The graph page: draws the data of `series.js`, at most once per frame. */

import { Series } from "./series.js";
import { Viewport } from "./viewport.js";

const { Chart } = /** @type {any} */ (globalThis);
/** The most points of a line, and the fewest pixels for one, because more would be noise. */
const pointsMax = 300;
const pointsMin = 10;
const pointPixelsMin = 4;
/** Seconds between ticks: whole minutes, hours and days of UTC. */
const tickSteps = [5, 15, 30, 60, 120, 300, 900, 3600, 7200, 14400, 43200, 86400, 172800, 604800];

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const root = document.documentElement;
const canvas = /** @type {HTMLCanvasElement} */ (element("time"));
const legend = element("time-legend");
const { currency, measure, shape, window: span = "" } = element("charts").dataset;
const isStacked = shape === "stacked";
/** @param {object} options @returns {(value: any) => string} */
const numbers = (options) => new Intl.NumberFormat(root.dataset.locale, options).format;
const money = { style: "currency", currency, currencyDisplay: "narrowSymbol" };
const short = { notation: "compact", maximumSignificantDigits: 3 };
const shortFigure = numbers(measure === "revenue" ? { ...money, ...short } : short);
const mean = numbers(measure === "revenue" ? money : { maximumFractionDigits: 2 });
/** @type {(time: number) => string} */
let timeText;
let card = "";

/** Reads theme and zone from elements, because a canvas does not know CSS. */
function readStyle() {
  const { fontFamily, fontSize } = getComputedStyle(document.body);
  const { color, borderTopColor } = getComputedStyle(canvas);
  const font = { family: fontFamily, size: Number.parseFloat(fontSize) * 0.85 };
  Object.assign(Chart.defaults, { color, borderColor: borderTopColor });
  Object.assign(Chart.defaults.font, font);
  card = getComputedStyle(/** @type {Element} */ (canvas.closest(".panel"))).backgroundColor;
  timeText = new Intl.DateTimeFormat(root.dataset.locale, {
    timeStyle: span === "15m" ? "medium" : "short",
    dateStyle: span === "30d" ? "short" : undefined,
    timeZone: root.dataset.tz,
  }).format;
}

/** @param {any} axis */
function setTicks(axis) {
  const ticksMax = axis.width / (Chart.defaults.font.size * (span === "30d" ? 11 : 8));
  const length = axis.max - axis.min;
  const step = (tickSteps.find((s) => s * 1000 * ticksMax >= length) ?? 604800) * 1000;
  axis.ticks = [];
  // No tick at the very start, because its label would overlap those of the other axis.
  let value = Math.ceil((axis.min + length / 20) / step) * step;
  for (; value <= axis.max; value += step) axis.ticks.push({ value });
}

readStyle();
const series = new Series();
const viewport = new Viewport(canvas, series, requestDraw);
const chart = new Chart(canvas, {
  type: "line",
  data: { datasets: [] },
  options: {
    animation: false,
    maintainAspectRatio: false,
    parsing: false,
    normalized: true,
    interaction: { mode: "nearest", axis: "x", intersect: false },
    plugins: {
      legend: { display: false },
      tooltip: {
        reverse: true,
        callbacks: {
          title: (/** @type {any} */ [item]) => timeText(item?.parsed.x),
          label: (/** @type {any} */ { dataset, raw }) => ` ${dataset.label}  ${mean(raw.figure)}`,
        },
      },
    },
    scales: {
      x: {
        type: "linear",
        afterBuildTicks: setTicks,
        ticks: { maxRotation: 0, callback: (/** @type {number} */ time) => timeText(time) },
        grid: { display: false },
      },
      y: {
        beginAtZero: true,
        ticks: {
          maxTicksLimit: 6,
          callback: (/** @type {number} */ figure) => shortFigure(figure),
        },
        border: { display: false },
      },
    },
  },
  plugins: [{ id: "card", beforeDraw: fillCard }],
});
let frame = 0;

/**
 * Paints the background, so that a saved picture has it too.
 * @param {{ctx: any, width: number, height: number}} chart
 */
function fillCard({ ctx, width, height }) {
  ctx.fillStyle = card;
  ctx.fillRect(0, 0, width, height);
}

/** Draws one line for each item of the legend; the last item is the period before. */
function draw() {
  frame = 0;
  const { min, max } = viewport.range;
  const points = Math.max(pointsMin, Math.min(pointsMax, chart.width / pointPixelsMin));
  const lines = series.points(min, max, points);
  const items = [...legend.children];
  const before = items.pop();
  /** @type {number[]} */
  const sums = [];
  chart.data.datasets = items.map((item, i) => {
    // Stacks here, because Chart.js would keep a record of every time that it ever stacked.
    const data = lines[i]?.map(({ x, y }, at) => {
      sums[at] = y + (isStacked ? (sums[at] ?? 0) : 0);
      return { x, y: sums[at], figure: y };
    });
    return lineOf(item, data, isStacked && (i === 0 ? "origin" : "-1"));
  });
  const ghost = series.ghost().map(({ x, y }) => ({ x, y, figure: y }));
  if (before) chart.data.datasets.push(lineOf(before, ghost, false));
  Object.assign(chart.options.scales.x, { min: min * 1000, max: max * 1000 });
  chart.update("none");
}

/** @param {Element} item of the legend @param {object[]} data @param {string | false} fill */
function lineOf(item, data = [], fill) {
  const mark = /** @type {Element} */ (item.firstElementChild);
  const borderColor = getComputedStyle(mark).color;
  // Computed by CSS, which knows every form that a browser writes a colour in.
  const backgroundColor = `color-mix(in srgb, ${borderColor} 22%, transparent)`;
  const borderWidth = Chart.defaults.font.size / 7;
  const borderDash = mark.classList.contains("dashed") ? [borderWidth * 2, borderWidth * 2] : [];
  // By itself the library would make others for a point under the mouse, of forms that it knows.
  const points = { pointRadius: 0, pointHoverBackgroundColor: borderColor };
  const style = { borderColor, backgroundColor, borderWidth, borderDash, ...points };
  return { label: item.textContent, data, fill, ...style };
}

function requestDraw() {
  if (frame === 0) frame = requestAnimationFrame(draw);
}

function redraw() {
  readStyle();
  requestDraw();
}

/** Saves the chart as a picture, with the title and legend of the page. */
function savePicture() {
  const title = [...element("time-title").childNodes].map((node) => node.textContent?.trim());
  const text = [...title, timeText(series.end * 1000)].filter(Boolean).join(" · ");
  /** @param {boolean} display */
  const surround = (display) => {
    Object.assign(chart.options.plugins, { title: { display, text }, legend: { display } });
    chart.update("none");
  };
  surround(true);
  const href = chart.toBase64Image();
  surround(false);
  const download = `salesboard-${span}.png`;
  Object.assign(document.createElement("a"), { href, download }).click();
}

/** @param {string} name @param {(message: any) => void} take */
function onMessage(name, take) {
  document.addEventListener(name, (event) => {
    take(JSON.parse(/** @type {CustomEvent} */ (event).detail.data));
    requestDraw();
  });
}

onMessage("history", (message) => series.take(message));
onMessage("hb", ({ t, asOf }) => series.advance(t / 1000, asOf === null ? undefined : asOf / 1000));
element("png").hidden = false;
element("png").addEventListener("click", savePicture);
for (const name of ["themechange", "tzchange"]) addEventListener(name, redraw);
new MutationObserver(requestDraw).observe(legend, { childList: true, subtree: true });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
addEventListener("resize", redraw);
requestDraw();
