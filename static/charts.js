/** The graph page: draws what `series.js` keeps, once per frame at most. */

import { Series } from "./series.js";
import { Viewport } from "./viewport.js";

const Chart = /** @type {any} */ (globalThis).Chart;
/** More is noise: points of a line, and pixels that each should have. */
const pointsMax = 300;
const pointsMin = 10;
const pointPixelsMin = 4;

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const root = document.documentElement;
const canvas = element("time");
const legend = element("time-legend");
const { currency, measure, shape, window: span = "" } = element("charts").dataset;
const { locale } = root.dataset;
/** @param {object} options @returns {(value: any) => string} */
const numbers = (options) => new Intl.NumberFormat(locale, options).format;
const money = { style: "currency", currency, currencyDisplay: "narrowSymbol" };
const short = { notation: "compact", maximumSignificantDigits: 3 };
const shortFigure = numbers(measure === "revenue" ? { ...money, ...short } : short);
const mean = numbers(measure === "revenue" ? money : { maximumFractionDigits: 2 });

const series = new Series();
const viewport = new Viewport(canvas, series, requestDraw);
/** Of text and of lines. */
const colors = { soft: "", line: "" };
/** @type {(time: number) => string} */
let timeText;

/** A canvas knows no CSS: elements say what theme and zone make of it. */
function readStyle() {
  const { fontFamily, fontSize } = getComputedStyle(document.body);
  Chart.defaults.font.family = fontFamily;
  Chart.defaults.font.size = Number.parseFloat(fontSize) * 0.85;
  const { color, borderTopColor } = getComputedStyle(canvas);
  Object.assign(colors, { soft: color, line: borderTopColor });
  const time = span === "15m" ? "medium" : "short";
  const style = { timeStyle: time, ...(span === "30d" && { dateStyle: "short" }) };
  const timeZone = root.dataset.tz || undefined;
  timeText = new Intl.DateTimeFormat(locale, /** @type {any} */ ({ ...style, timeZone })).format;
}

/** Ticks at whole minutes, hours and days of UTC. @param {any} axis */
function setTimeTicks(axis) {
  const ticksMax = axis.width / (Chart.defaults.font.size * (span === "30d" ? 11 : 8));
  const wanted = (axis.max - axis.min) / 1000 / ticksMax;
  const steps = [5, 15, 30, 60, 120, 300, 900, 3600, 7200, 14400, 43200, 86400, 172800];
  const step = (steps.find((seconds) => seconds >= wanted) ?? 604800) * 1000;
  axis.ticks = [];
  // None at the very start: it would stand under the labels of the other axis.
  const start = axis.min + (axis.max - axis.min) / 20;
  for (let value = Math.ceil(start / step) * step; value <= axis.max; value += step) {
    axis.ticks.push({ value });
  }
}

const shared = { animation: false, responsive: true, maintainAspectRatio: false };
const noLegend = { legend: { display: false } };
const soft = { color: () => colors.soft };
const line = { color: () => colors.line };

function timeChart() {
  const callbacks = {
    title: (/** @type {any} */ items) => timeText(items[0]?.parsed.x),
    label: (/** @type {any} */ { dataset, parsed }) => ` ${dataset.label}  ${mean(parsed.y)}`,
  };
  return new Chart(element("time"), {
    type: "line",
    data: { datasets: [] },
    options: {
      ...shared,
      parsing: false,
      normalized: true,
      interaction: { mode: "nearest", axis: "x", intersect: false },
      plugins: { ...noLegend, tooltip: { callbacks, reverse: true } },
      scales: {
        x: {
          type: "linear",
          afterBuildTicks: setTimeTicks,
          ticks: { ...soft, maxRotation: 0, callback: (/** @type {number} */ at) => timeText(at) },
          grid: { display: false },
          border: line,
        },
        y: {
          stacked: shape === "stacked",
          beginAtZero: true,
          ticks: { ...soft, maxTicksLimit: 6, callback: (/** @type {any} */ y) => shortFigure(y) },
          grid: line,
          border: { display: false },
        },
      },
    },
  });
}

readStyle();
const chart = timeChart();
let frame = 0;

/** One line for each item of the legend, the last of which is the time before. */
function draw() {
  frame = 0;
  const { min, max } = viewport.range;
  const points = Math.min(pointsMax, chart.width / pointPixelsMin);
  const lines = series.points(min, max, Math.max(pointsMin, points));
  const names = [...series.products, series.products.length > 0 ? "Others" : "All", "All"];
  chart.data.datasets = [...legend.children].map((item, i, { length }) => {
    if (i === length - 1) return lineOf(item, "Before", series.ghost());
    const fill = shape === "stacked" && (i === 0 ? "origin" : "-1");
    return { ...lineOf(item, names[i], lines[i]), fill, stack: "now" };
  });
  Object.assign(chart.options.scales.x, { min: min * 1000, max: max * 1000 });
  chart.update("none");
}

/** @param {Element} item of the legend @param {string} [label] @param {object[]} [data] */
function lineOf(item, label, data = []) {
  const mark = /** @type {Element} */ (item.firstElementChild);
  const { color } = getComputedStyle(mark);
  const borderWidth = Chart.defaults.font.size / 7;
  const dash = mark.classList.contains("dashed") ? [borderWidth * 2, borderWidth * 2] : [];
  const backgroundColor = color.replace("rgb(", "rgba(").replace(")", ", 0.22)");
  const style = { borderColor: color, backgroundColor, borderWidth, borderDash: dash };
  return { label, data, pointRadius: 0, ...style };
}

function requestDraw() {
  if (frame === 0) frame = requestAnimationFrame(draw);
}

function redraw() {
  readStyle();
  requestDraw();
}

/** The chart as it stands, on the colour of its card, with its title. */
function savePicture() {
  const size = Chart.defaults.font.size * 2 * (devicePixelRatio || 1);
  const copy = document.createElement("canvas");
  Object.assign(copy, { width: chart.canvas.width, height: chart.canvas.height + 2 * size });
  const context = /** @type {CanvasRenderingContext2D} */ (copy.getContext("2d"));
  const card = /** @type {HTMLElement} */ (canvas.closest(".panel"));
  context.fillStyle = getComputedStyle(card).backgroundColor;
  context.fillRect(0, 0, copy.width, copy.height);
  context.fillStyle = getComputedStyle(card).color;
  context.font = `600 ${size * 0.6}px ${Chart.defaults.font.family}`;
  const title = element("time-title").textContent?.replace(/\s+/g, " ").trim() ?? "";
  context.fillText(`${title} · ${timeText(series.end * 1000)}`, size / 2, size);
  context.drawImage(chart.canvas, 0, 2 * size);
  copy.toBlob((blob) => {
    if (!blob) return;
    const link = Object.assign(document.createElement("a"), { download: `salesboard-${span}.png` });
    link.href = URL.createObjectURL(blob);
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

/** @param {string} name @param {(data: string) => void} act */
function onMessage(name, act) {
  element("stream").addEventListener(name, (event) => {
    act(/** @type {CustomEvent} */ (event).detail.data);
    requestDraw();
  });
}

onMessage("history", (data) => series.take(JSON.parse(data)));
onMessage("hb", (data) => {
  const { t, asOf } = JSON.parse(data);
  series.advance(t / 1000, asOf === null ? undefined : asOf / 1000);
});

element("png").hidden = false;
element("png").addEventListener("click", savePicture);
for (const name of ["themechange", "tzchange"]) document.addEventListener(name, redraw);
new MutationObserver(requestDraw).observe(legend, { childList: true, subtree: true });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
addEventListener("resize", redraw);
redraw();
