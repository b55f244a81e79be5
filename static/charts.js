/** The graph page: draws what `series.js` keeps, once per frame at most, and says it in tables too. */

import { Series } from "./series.js";

/** @typedef {import("./series.js").Entry} Entry */

const Chart = /** @type {any} */ (globalThis).Chart;
const seriesMax = 5;
/** More is noise: points of the time chart, and pixels that each should have. */
const pointsMax = 180;
const pointPixelsMin = 6;
const barsMax = 8;
const nameLengthMax = 24;
const tableRowsMax = 30;
const tableIntervalMs = 2_000;

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const { locale, currency } = element("charts").dataset;
/** @param {object} options @returns {(value: any) => string} */
const numbers = (options) => new Intl.NumberFormat(locale, options).format;
const narrow = { style: "currency", currency, currencyDisplay: "narrowSymbol" };
const money = numbers({ ...narrow, maximumFractionDigits: 6 });
const cents = numbers(narrow);
const shortMoney = numbers({ ...narrow, notation: "compact", maximumSignificantDigits: 3 });
const count = numbers({});
const shortCount = numbers({ notation: "compact", maximumSignificantDigits: 3 });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

const now = () => Math.floor(Date.now() / 1000);
const series = new Series(now());
const colors = { ink: "", soft: "", line: "", series: [""] };

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
}

/** Ticks at whole minutes and the like. @param {any} axis */
function setTimeTicks(axis) {
  const ticksMax = axis.width / (Chart.defaults.font.size * 8);
  const wanted = (axis.max - axis.min) / 1000 / ticksMax;
  const step = ([5, 10, 15, 30, 60, 120, 300].find((seconds) => seconds >= wanted) ?? 600) * 1000;
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
  const formatTime = (/** @type {number} */ at) => clock.format(at);
  const formatAmount = (/** @type {number} */ amount) => shortMoney(amount);
  const callbacks = {
    title: (/** @type {any} */ items) => clock.format(items[0]?.parsed.x),
    label: (/** @type {any} */ { dataset, parsed }) => ` ${dataset.label}  ${cents(parsed.y)}`,
  };
  return new Chart(element("time"), {
    type: "line",
    data: { datasets: [] },
    options: {
      ...shared,
      parsing: false,
      normalized: true,
      interaction: { mode: "index", intersect: false },
      plugins: { ...noLegend, tooltip: { callbacks, reverse: true } },
      scales: {
        x: {
          type: "linear",
          afterBuildTicks: setTimeTicks,
          ticks: { ...soft, maxRotation: 0, callback: formatTime },
          grid: { display: false },
          border: line,
        },
        y: {
          stacked: true,
          beginAtZero: true,
          ticks: { ...soft, maxTicksLimit: 6, callback: formatAmount },
          grid: line,
          border: { display: false },
        },
      },
    },
  });
}

/** Writes each bar's value behind it, for walls where nobody hovers. */
const valueLabels = {
  id: "valueLabels",
  afterDatasetsDraw(/** @type {any} */ chart) {
    const { ctx, data } = chart;
    ctx.save();
    ctx.fillStyle = colors.ink;
    ctx.font = `600 ${Chart.defaults.font.size}px ${Chart.defaults.font.family}`;
    ctx.textBaseline = "middle";
    chart.getDatasetMeta(0).data.forEach((/** @type {any} */ bar, /** @type {number} */ i) => {
      ctx.fillText(data.datasets[0].texts[i], bar.x + 8, bar.y);
    });
    ctx.restore();
  },
};

/** @param {string} id @param {number} color */
function barChart(id, color) {
  return new Chart(element(id), {
    type: "bar",
    plugins: [valueLabels],
    data: {
      labels: [],
      datasets: [
        { data: [], texts: [], borderRadius: 4, backgroundColor: () => colors.series[color] },
      ],
    },
    options: {
      ...shared,
      indexAxis: "y",
      events: [],
      layout: { padding: { right: Chart.defaults.font.size * 5 } },
      plugins: noLegend,
      scales: {
        x: { display: false, beginAtZero: true },
        y: {
          ticks: { color: () => colors.ink, autoSkip: false },
          grid: { display: false },
          border: { display: false },
        },
      },
    },
  });
}

readTheme();
const charts = {
  time: timeChart(),
  revenue: barChart("revenue", 0),
  quantity: barChart("quantity", 1),
};
let frame = 0;
let tablesAt = 0;

function draw() {
  frame = 0;
  series.advance(now());
  const byRevenue = ranked((entry) => entry.micros);
  const byQuantity = ranked((entry) => BigInt(entry.totalQuantity));
  const top = byRevenue.slice(0, seriesMax).map(({ product }) => product);
  const names = [...top, "Others"];
  const time = series.points(top, Math.min(pointsMax, charts.time.width / pointPixelsMin));
  charts.time.data.datasets = names.map((label, i) => {
    const color = (i < top.length && colors.series[i]) || colors.soft;
    const area = color.replace("rgb(", "rgba(").replace(")", ", 0.22)");
    const fill = i === 0 ? "origin" : "-1";
    const style = {
      borderColor: color,
      backgroundColor: area,
      borderWidth: Chart.defaults.font.size / 7,
      pointRadius: 0,
    };
    return { label, data: time.series[i], fill, ...style };
  });
  Object.assign(charts.time.options.scales.x, { min: time.min, max: time.max });
  charts.time.update("none");
  drawBars(charts.revenue, byRevenue, (entry) => [
    Number(entry.micros),
    shortMoney(entry.totalPrice),
  ]);
  drawBars(charts.quantity, byQuantity, ({ totalQuantity }) => [
    Number(totalQuantity),
    shortCount(totalQuantity),
  ]);
  showLegend(names.map((name, i) => [name, i < top.length ? `ink-${i + 1}` : "ink-soft"]));
  if (performance.now() - tablesAt < tableIntervalMs) return;
  tablesAt = performance.now();
  const times = (time.series[0] ?? []).map(({ x }, i) => {
    return [clock.format(x), ...time.series.map((points) => cents(points[i]?.y))];
  });
  showTable("time", ["Time", ...names], times.reverse());
  showTable(
    "revenue",
    ["Product", "Revenue"],
    byRevenue.map((e) => [e.product, money(e.totalPrice)]),
  );
  showTable(
    "quantity",
    ["Product", "Quantity"],
    byQuantity.map((e) => [e.product, count(e.totalQuantity)]),
  );
}

/** @param {(entry: Entry) => bigint} sizeOf */
function ranked(sizeOf) {
  const sized = [...series.entries.values()].map((entry) => ({ entry, size: sizeOf(entry) }));
  sized.sort((a, b) => (a.size < b.size ? 1 : a.size > b.size ? -1 : 0));
  return sized.map(({ entry }) => entry);
}

/** @param {any} chart @param {Entry[]} best @param {(entry: Entry) => [number, string]} show */
function drawBars(chart, best, show) {
  const bars = best.slice(0, barsMax).map((entry) => ({ name: entry.product, show: show(entry) }));
  chart.data.labels = bars.map(({ name }) => {
    return name.length > nameLengthMax ? `${name.slice(0, nameLengthMax - 1)}…` : name;
  });
  chart.data.datasets[0].data = bars.map((bar) => bar.show[0]);
  chart.data.datasets[0].texts = bars.map((bar) => bar.show[1]);
  chart.update("none");
}

/** @param {string} tag @param {string} text */
function create(tag, text, className = "") {
  return Object.assign(document.createElement(tag), { textContent: text, className });
}

/** @param {string[][]} items names and classes */
function showLegend(items) {
  const legend = element("time-legend");
  const text = items.flat().join("\n");
  if (legend.dataset.text === text) return;
  legend.dataset.text = text;
  legend.replaceChildren(
    ...items.map(([name = "", className]) => {
      const item = create("li", name);
      item.prepend(create("i", "", className));
      return item;
    }),
  );
}

/** @param {string} id @param {string[]} head @param {string[][]} rows */
function showTable(id, head, rows) {
  const details = /** @type {HTMLDetailsElement} */ (element(`${id}-data`));
  if (!details.open) return;
  const lines = [head, ...rows.slice(0, tableRowsMax)].map((cells, at) => {
    const row = create("tr", "");
    row.append(...cells.map((text, i) => create(at === 0 || i === 0 ? "th" : "td", text)));
    return row;
  });
  details.querySelector("table")?.replaceChildren(...lines);
}

function requestDraw() {
  if (frame === 0) frame = requestAnimationFrame(draw);
}

function redraw() {
  readTheme();
  tablesAt = 0;
  requestDraw();
}

/** @param {string} name @param {(data: string) => void} act */
function onMessage(name, act) {
  element("stream").addEventListener(name, (event) => {
    act(/** @type {CustomEvent} */ (event).detail.data);
    requestDraw();
  });
}

onMessage("totals", (data) => series.take(now(), data));
onMessage("hb", (data) => series.beat(now(), JSON.parse(data).state === "live"));
for (const name of ["htmx:sse:before:connection", "htmx:sse:close", "htmx:sse:error"]) {
  element("stream").addEventListener(name, () => series.lose(now()));
}
document.addEventListener("visibilitychange", () => document.hidden && series.lose(now()));
document.addEventListener("themechange", redraw);
document.addEventListener("toggle", redraw, true);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
addEventListener("resize", redraw);
redraw();
