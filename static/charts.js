/** The graph page: draws what `series.js` keeps, once per frame at most, and says it in tables too. */

import { Series } from "./series.js";
import { Viewport } from "./viewport.js";

const Chart = /** @type {any} */ (globalThis).Chart;
/** More is noise: points of the time chart, and pixels that each should have. */
const pointsMax = 300;
const pointPixelsMin = 4;
const tableRowsMax = 30;
const tableIntervalMs = 2_000;
const colorsMax = 5;

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const root = document.documentElement;
const { currency, measure = "", shape, window: span = "" } = element("charts").dataset;
const { locale } = root.dataset;
/** @param {object} options @returns {(value: any) => string} */
const numbers = (options) => new Intl.NumberFormat(locale, options).format;
const narrow = { style: "currency", currency, currencyDisplay: "narrowSymbol" };
const money = numbers({ ...narrow, maximumFractionDigits: 6 });
const shortMoney = numbers({ ...narrow, notation: "compact", maximumSignificantDigits: 3 });
const count = numbers({});
const shortCount = numbers({ notation: "compact", maximumSignificantDigits: 3 });
const figure = measure === "revenue" ? money : count;
const shortFigure = measure === "revenue" ? shortMoney : shortCount;
const mean = numbers(measure === "revenue" ? narrow : { maximumFractionDigits: 2 });

const series = new Series();
const viewport = new Viewport(element("time"), series, requestDraw);
const colors = { ink: "", soft: "", line: "", series: [""] };
/** @type {(time: number) => string} */
let timeText;

/** A canvas knows no CSS variables: an element takes each colour on, and says how it looks. */
function readTheme() {
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  const [ink = "", soft = "", line = "", ...others] = "ink soft line 1 2 3 4 5"
    .split(" ")
    .map((name) => {
      probe.className = `ink-${name}`;
      return getComputedStyle(probe).color;
    });
  probe.remove();
  Object.assign(colors, { ink, soft, line, series: others });
  const { fontFamily, fontSize } = getComputedStyle(document.body);
  Chart.defaults.font.family = fontFamily;
  Chart.defaults.font.size = Number.parseFloat(fontSize) * 0.85;
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

readTheme();
const chart = timeChart();
let frame = 0;
let tableAt = 0;

function draw() {
  frame = 0;
  const { min, max } = viewport.range;
  const pixels = chart.width / pointPixelsMin;
  const points = series.points(min, max, Math.max(10, Math.min(pointsMax, pixels)));
  const isStacked = shape === "stacked";
  const names = [...series.products, series.products.length > 0 ? "Others" : "All"];
  if (!isStacked && series.products.length > 0) names.push("All");
  const datasets = names.map((label, i) => {
    const color = colorOf(label, i);
    const backgroundColor = color.replace("rgb(", "rgba(").replace(")", ", 0.22)");
    const fill = isStacked && (i === 0 ? "origin" : "-1");
    return lineOf(label, points[i] ?? [], {
      borderColor: color,
      backgroundColor,
      fill,
      dash: i >= colorsMax && i < series.products.length,
    });
  });
  const before = lineOf("Before", series.ghost(), {
    borderColor: colors.soft,
    fill: false,
    dash: true,
  });
  chart.data.datasets = [...datasets, { ...before, stack: "before" }];
  Object.assign(chart.options.scales.x, { min: min * 1000, max: max * 1000 });
  chart.update("none");
  showLegend([...names.map((name, i) => [name, inkOf(name, i)]), ["Before", "ink-soft dashed"]]);
  if (performance.now() - tableAt > tableIntervalMs) showTable();
}

/** @param {string} label @param {object[]} data @param {any} style */
function lineOf(label, data, { dash, ...style }) {
  const borderWidth = Chart.defaults.font.size / 7;
  const borderDash = dash ? [borderWidth * 2, borderWidth * 2] : [];
  return { label, data, borderWidth, borderDash, pointRadius: 0, stack: "now", ...style };
}

/** @param {string} name @param {number} i */
function inkOf(name, i) {
  if (i >= series.products.length) return name === "All" ? "ink-ink" : "ink-soft";
  return `ink-${(i % colorsMax) + 1}${i >= colorsMax ? " dashed" : ""}`;
}

/** @param {string} name @param {number} i */
function colorOf(name, i) {
  if (i >= series.products.length) return name === "All" ? colors.ink : colors.soft;
  return colors.series[i % colorsMax] ?? colors.soft;
}

/** @param {string} tag @param {string} text */
function create(tag, text, className = "") {
  return Object.assign(document.createElement(tag), { textContent: text, className });
}

/** A product's name shows it alone, or leaves it out. @param {string[][]} items names and classes */
function showLegend(items) {
  const legend = element("time-legend");
  const text = items.flat().join("\n");
  if (legend.dataset.text === text) return;
  legend.dataset.text = text;
  legend.replaceChildren(
    ...items.map(([name = "", className], i) => {
      const item = create("li", "");
      const isProduct = i < series.products.length;
      const label = create(isProduct ? "a" : "span", name);
      if (label instanceof HTMLAnchorElement) label.href = toggled(name);
      item.append(create("i", "", className), label);
      return item;
    }),
  );
}

/** @param {string} product */
function toggled(product) {
  const url = new URL(location.href);
  const picked = url.searchParams.getAll("product");
  url.searchParams.delete("product");
  const others = picked.filter((name) => name !== product);
  const next = picked.length === 0 ? [product] : others;
  for (const name of next) url.searchParams.append("product", name);
  return url.href;
}

function showTable() {
  tableAt = performance.now();
  const details = /** @type {HTMLDetailsElement} */ (element("time-data"));
  if (!details.open) return;
  const starts = Array.from({ length: tableRowsMax }, (_, i) => series.end - i * series.step);
  const rows = starts.filter((start) => start >= series.start);
  const head = ["From", "All", ...series.products, "Others"];
  const lines = rows.map((start) => {
    const [all = "0", rest = "0", ...products] = series.at(start);
    return [timeText(start * 1000), ...[all, ...products, rest].map(figure)];
  });
  const cells = [head, ...lines].map((texts, at) => {
    const row = create("tr", "");
    row.append(...texts.map((text, i) => create(at === 0 || i === 0 ? "th" : "td", text)));
    return row;
  });
  details.querySelector("table")?.replaceChildren(...cells);
}

function requestDraw() {
  if (frame === 0) frame = requestAnimationFrame(draw);
}

function redraw() {
  readTheme();
  tableAt = 0;
  requestDraw();
}

/** The chart as it stands, on the colour of its card, with its title. */
function savePicture() {
  const { canvas } = chart;
  const size = Chart.defaults.font.size * 2 * (devicePixelRatio || 1);
  const copy = document.createElement("canvas");
  Object.assign(copy, { width: canvas.width, height: canvas.height + 2 * size });
  const context = /** @type {CanvasRenderingContext2D} */ (copy.getContext("2d"));
  const card = /** @type {HTMLElement} */ (canvas.closest(".panel"));
  context.fillStyle = getComputedStyle(card).backgroundColor;
  context.fillRect(0, 0, copy.width, copy.height);
  context.fillStyle = colors.ink;
  context.font = `600 ${size * 0.6}px ${Chart.defaults.font.family}`;
  const title = element("time-title").textContent?.replace(/\s+/g, " ").trim() ?? "";
  context.fillText(`${title} · ${timeText(series.end * 1000)}`, size / 2, size);
  context.drawImage(canvas, 0, 2 * size);
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
onMessage("hb", (data) => series.advance(JSON.parse(data).t / 1000));

element("png").hidden = false;
element("png").addEventListener("click", savePicture);
for (const name of ["themechange", "tzchange"]) document.addEventListener(name, redraw);
document.addEventListener("toggle", redraw, true);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
addEventListener("resize", redraw);
redraw();
