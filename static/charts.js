/** The graph page: draws the data of `series.js` as bars or lines, at most once per frame. */

import { drawLevels, targetOf } from "./levels.js";
import { chooseBars, day, tickTimes } from "./scale.js";
import { decimalOf, Series } from "./series.js";
import { barsOf, lineOf, pointOf, setOff } from "./shapes.js";
import { Viewport } from "./viewport.js";
import { Zone } from "./zone.js";

const { Chart } = /** @type {any} */ (globalThis);
/** Of the chart on A4 or letter, in pixels. */
const paper = { width: 680, height: 300 };

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const root = document.documentElement;
/** @type {import("../src/dashboard/words/scripts.ts").ScriptWords} */
const words = JSON.parse(root.dataset.words ?? "{}");
const canvas = /** @type {HTMLCanvasElement} */ (element("time"));
const legend = element("time-legend");
const windowText = element("span").textContent;
const { currency, measure, shape, window: span = "" } = element("charts").dataset;
const isStacked = shape === "stacked";
/** @param {object} options @returns {(value: any) => string} */
const numbers = (options) => new Intl.NumberFormat(root.dataset.locale, options).format;
const money = { style: "currency", currency, currencyDisplay: "narrowSymbol" };
const short = { notation: "compact", maximumSignificantDigits: 3 };
const shortFigure = numbers(measure === "revenue" ? { ...money, ...short } : short);
const exact = { maximumFractionDigits: 6 };
const figure = numbers(measure === "revenue" ? { ...money, ...exact } : exact);
/** @type {Record<"date" | "time" | "moment", (time: number) => string>} */
let texts;
/** A part of the window that is chosen. @type {(part: {min: number, max: number}) => string} */
let partText;
let zone = new Zone(undefined);
let card = "";
/** The length of what is drawn, in seconds. */
let barLength = 1;

/** Reads theme and zone from elements, because a canvas does not know CSS. */
function readStyle() {
  const { fontFamily, fontSize } = getComputedStyle(document.body);
  const { color, borderTopColor } = getComputedStyle(canvas);
  const font = { family: fontFamily, size: Number.parseFloat(fontSize) * 0.85 };
  Object.assign(Chart.defaults, { color, borderColor: borderTopColor });
  Object.assign(Chart.defaults.font, font);
  card = getComputedStyle(/** @type {Element} */ (canvas.closest(".panel"))).backgroundColor;
  const { tz: timeZone, locale } = root.dataset;
  zone = new Zone(timeZone);
  /** @param {Intl.DateTimeFormatOptions} options @returns {(seconds: number) => string} */
  const text = (options) => {
    const { format } = new Intl.DateTimeFormat(locale, { timeZone, ...options });
    return (time) => format(time * 1000);
  };
  const ofDay = /** @type {const} */ ({ weekday: "short", day: "numeric", month: "short" });
  const seconds = span === "15m" ? /** @type {const} */ ({ second: "2-digit" }) : {};
  const ofTime = /** @type {const} */ ({ hour: "numeric", minute: "2-digit", ...seconds });
  const [date, time] = [text(ofDay), text(ofTime)];
  const days = new Intl.DateTimeFormat(locale, { timeZone, ...ofDay });
  const moments = { timeZone, ...ofTime, ...(span === "15m" ? {} : ofDay) };
  const hours = new Intl.DateTimeFormat(locale, moments);
  partText = ({ min, max }) =>
    (barLength >= day ? days : hours).formatRange(min * 1000, max * 1000);
  texts = { date, time, moment: (at) => (span === "15m" ? time(at) : `${date(at)}, ${time(at)}`) };
}

/** @param {any} axis */
function setTicks(axis) {
  const range = { min: axis.min / 1000, max: axis.max / 1000 };
  const roomFor = (/** @type {number} */ letters) =>
    axis.width / (Chart.defaults.font.size * letters);
  // A phone has no room for four dates, or times with seconds, and has it for four hours.
  const hoursMax = barLength >= day || span === "15m" ? 0 : Math.min(4, roomFor(5));
  const ticksMax = Math.max(roomFor(8), hoursMax);
  const times = tickTimes(range, barLength, ticksMax, zone);
  axis.ticks = times.map((time) => ({ value: time * 1000 }));
}

/** "10:15", or "Thu, Nov 26" where a day begins. @param {number} value epoch milliseconds */
function tickText(value) {
  const time = value / 1000;
  if (barLength >= day || (span !== "15m" && zone.floor(time, day) === time))
    return texts.date(time);
  return texts.time(time);
}

/** @param {import("./series.js").Bar} bar */
function spanText({ start, end, isWhole }) {
  const text = barLength >= day ? texts.date(start) : `${texts.moment(start)} – ${texts.time(end)}`;
  return isWhole ? text : words.notComplete.replace("{}", text);
}

/** The library would keep the colours of the first theme. */
const inkOf = {
  text: { color: () => Chart.defaults.color },
  line: { color: () => Chart.defaults.borderColor },
};

let frame = 0;
readStyle();
const series = new Series();
const viewport = new Viewport(canvas, series, { onChange: requestDraw, axis });
const chart = new Chart(canvas, {
  type: "bar",
  data: { datasets: [] },
  options: {
    animation: false,
    maintainAspectRatio: false,
    // Bars are as long and as wide as there is room, which changes without the window, too.
    onResize: requestDraw,
    parsing: false,
    normalized: true,
    interaction: { mode: "index", axis: "x", intersect: false },
    plugins: {
      legend: { display: false },
      tooltip: {
        // The largest first, and the period before last.
        itemSort: (/** @type {any} */ a, /** @type {any} */ b) =>
          Number(a.raw.isBefore) - Number(b.raw.isBefore) || b.raw.height - a.raw.height,
        filter: (/** @type {any} */ { raw }) => raw.sum !== undefined && raw.sum !== 0n,
        callbacks: {
          title: (/** @type {any} */ [item]) => (item ? spanText(item.raw.bar) : ""),
          beforeBody: (/** @type {any} */ [item]) => {
            const all = item?.raw.bar.sums.at(-1);
            return all === undefined || !isStacked
              ? ""
              : `${words.total}  ${figure(decimalOf(all))}`;
          },
          label: (/** @type {any} */ { dataset, raw }) => {
            const sum = decimalOf(raw.sum);
            const about = () => shortFigure(sum);
            return ` ${dataset.label}  ${raw.isAbout ? words.about.replace("{}", about) : figure(sum)}`;
          },
        },
      },
    },
    scales: {
      x: {
        type: "linear",
        offset: false,
        afterBuildTicks: setTicks,
        ticks: { ...inkOf.text, maxRotation: 0, callback: tickText },
        grid: { display: false },
        border: inkOf.line,
      },
      y: {
        beginAtZero: true,
        ticks: { ...inkOf.text, maxTicksLimit: 6, callback: shortFigure },
        grid: inkOf.line,
        border: { display: false },
      },
    },
  },
  plugins: [
    {
      id: "card",
      beforeDraw: fillCard,
      beforeDatasetDraw: (/** @type {any} */ chart, /** @type {any} */ { meta }) =>
        setOff(chart, meta, card),
      afterDatasetsDraw: (/** @type {any} */ chart) => drawLevels(chart, barLength, card),
    },
  ],
});

/** Where on the canvas the time axis is. */
function axis() {
  const { left: start, right: end } = chart.chartArea;
  return { start, end };
}

/**
 * Paints the background, so that a saved picture has it too.
 * @param {{ctx: any, width: number, height: number}} chart
 */
function fillCard({ ctx, width, height }) {
  ctx.fillStyle = card;
  ctx.fillRect(0, 0, width, height);
}

/** Draws each item of the legend; the last one may be the period before. */
function draw() {
  frame = 0;
  const { range, isChosen } = viewport;
  const view = chooseBars(series, zone, { range, isChosen, span, width: chart.width });
  const { bars, range: shown } = view;
  barLength = view.length;
  const perSecond = (chart.chartArea ?? chart).width / Math.max(1, shown.max - shown.min);
  const items = [...legend.children];
  const before = items.at(-1)?.querySelector(".ink-soft.dashed") ? items.pop() : undefined;
  // Stacks here, because Chart.js would keep a record of every time that it ever stacked. What was
  // returned goes below zero.
  const heights = bars.map(() => ({ above: 0, below: 0 }));
  chart.data.datasets = items.map((item, line) => {
    const data = bars.map((bar, i) => {
      const sum = bar.sums[line] ?? 0n;
      const height = Number(sum) / 1e6;
      const stack = heights[i] ?? { above: 0, below: 0 };
      const start = isStacked ? stack[height < 0 ? "below" : "above"] : 0;
      if (isStacked) stack[height < 0 ? "below" : "above"] += height;
      return pointOf(bar, start, start + height, { sum });
    });
    return isStacked ? barsOf(item, data, perSecond * barLength) : lineOf(item, data);
  });
  if (before)
    chart.data.datasets.push({ ...lineOf(before, ghost(bars)), order: -1, isBefore: true });
  Object.assign(chart.options.scales.x, { min: shown.min * 1000, max: shown.max * 1000 });
  const target = targetOf(barLength);
  chart.options.scales.y.suggestedMax = target === undefined ? undefined : Number(target);
  const ofTarget = target === undefined ? "" : words.target.replace("{}", () => figure(target));
  element("bar-length").textContent = `${lengthText()}${ofTarget}`;
  element("span").textContent = isChosen ? partText(range) : windowText;
  chart.update("none");
}

/** The period before, as if it were now. @param {import("./series.js").Bar[]} bars */
function ghost(bars) {
  const isAbout = barLength < series.beforeStep;
  return bars.map((bar) => {
    const { before: sum } = bar;
    const height = sum === undefined ? Number.NaN : Number(sum) / 1e6;
    return pointOf(bar, 0, height, { sum, isAbout, isBefore: true });
  });
}

/** By length, because a formatter costs more than a frame should. @type {Map<number, string>} */
const lengthTexts = new Map();

/** "each bar: 10 seconds" */
function lengthText() {
  const known = lengthTexts.get(barLength);
  if (known !== undefined) return known;
  const units = { day, hour: 3_600, minute: 60, second: 1 };
  const [unit, size] = Object.entries(units).find(([, size]) => barLength % size === 0) ?? ["", 1];
  const text = numbers({ style: "unit", unit, unitDisplay: "long" })(barLength / size);
  const shown = (isStacked ? words.eachBar : words.eachPoint).replace("{}", text);
  lengthTexts.set(barLength, shown);
  return shown;
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
  const text = [...title, texts.date(series.end), texts.time(series.end)]
    .filter(Boolean)
    .join(" · ");
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

/** Draws for a sheet of paper, and for the screen again. @param {boolean} isPrinting */
function print(isPrinting) {
  // Not the theme that is chosen: nobody chooses it here, and it comes back.
  if (isPrinting) root.dataset.screenTheme = root.dataset.theme;
  root.dataset.theme = isPrinting ? "light" : root.dataset.screenTheme;
  readStyle();
  if (isPrinting) chart.resize(paper.width, paper.height);
  else chart.resize();
  draw();
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
addEventListener("beforeprint", () => print(true));
addEventListener("afterprint", () => print(false));
requestDraw();
