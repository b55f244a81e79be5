/**
 * The graph panel, for all products or for one: the choices, the charts, and the same numbers as
 * tables.
 */

import { html } from "hono/html";
import { formatAmount } from "../../domain/money.ts";
import type { Sums } from "../../domain/sums.ts";
import { HISTORY_PRODUCTS_MAX } from "../../history/slot.ts";
import { type Formatter, formatFor } from "../look/format.ts";
import { type Look, measures, queryOf, windows } from "../look/look.ts";
import { type Html, type Site, topicsText } from "../look/site.ts";
import type { Board } from "../model/board.ts";
import { type Graph, isOfProduct, measureOf, shapeOf } from "../model/graph.ts";
import type { SalesView } from "../model/view.ts";
import type { Plural } from "../words/plural.ts";
import { wordsFor } from "../words/words.ts";
import { bars } from "./bars.ts";
import { exportMenu, fileLink } from "./download-links.ts";
import { timeOf } from "./fragments.ts";
import { waitingFor } from "./own-sales.ts";

/** Products to pick from. An address can name any other. */
const OFFERED_MAX = 30;
/** Colours of lines. Further products get dashed lines. */
const COLORS = 5;
/** The latest slots in the table. The download has all. */
const TABLE_ROWS = 30;

export interface GraphPanel {
  readonly site: Site;
  readonly look: Look;
  readonly board: Board;
  readonly graph: Graph;
  readonly view: Pick<SalesView, "board">;
}

type Drawn = Pick<GraphPanel, "site" | "look" | "graph">;

export function graphPanel(panel: GraphPanel): Html {
  const { site, look } = panel;
  return html`<div id="charts" data-currency="${site.currency}" data-measure="${measureOf(look)}"
    data-window="${look.window}" data-shape="${shapeOf(look)}"${targetOf(panel)}${alertsOf(panel)}>
    ${timeChart(panel)}
    ${isOfProduct(look) ? "" : html`<div id="bars">${bars(panel.board, site, look)}</div>`}
  </div>`;
}

/** The script draws it where bars are days of all products. */
function targetOf({ site: { target }, look }: GraphPanel): Html {
  const isDrawn = target !== undefined && !isOfProduct(look) && measureOf(look) === "revenue";
  return isDrawn ? html` data-target="${formatAmount(target)}"` : html``;
}

/**
 * The script draws a line where an alert starts: of all products, or of the one on the page. Where
 * only some are picked, no bar is what the rule compares.
 */
function alertsOf({ board, look }: GraphPanel): Html {
  const isPicked = !isOfProduct(look) && look.product.length > 0;
  const product = isOfProduct(look) ? look.product[0] : undefined;
  const levels = (board.rules ?? []).flatMap(({ text, level }) => {
    const isShown = level?.measure === measureOf(look) && level.product === product;
    return isShown ? [{ text, value: Number(level.amount), seconds: level.seconds }] : [];
  });
  if (isPicked || levels.length === 0) return html``;
  return html` data-alerts="${JSON.stringify(levels)}"`;
}

/** The address of this page with `changes` to its look. */
function address({ site, look }: Pick<GraphPanel, "site" | "look">, changes: Partial<Look> = {}) {
  const path = isOfProduct(look) ? "/product" : "/graph";
  return `${site.base}${path}${queryOf(look, { ...changes, view: undefined })}`;
}

function timeChart(panel: GraphPanel): Html {
  const { site, look } = panel;
  const words = wordsFor(look.locale);
  const title = html`${words[measureOf(look)]}
    <small id="span">${words.lastOf[look.window]}</small> <small id="bar-length"></small>`;
  // Programs have a window of their own where none is named.
  const query = queryOf({ ...look, ownWindow: undefined }, { view: undefined });
  // Scripts save the picture, which shows no more than the page.
  const picture = html`<button id="png" type="button" hidden>PNG</button>`;
  const files = html`${fileLink(`${site.base}/download/history.csv${query}`, "csv")}
    ${fileLink(`${site.base}/api/history${query}`, "json", `history-${look.window}.json`)}`;
  return html`<section class="panel chart time" aria-labelledby="time-title">
    ${isOfProduct(look) ? html`<h2 id="time-title">${title}</h2>` : html`<h1 id="time-title">${title}</h1>`}
    <div class="choices controls">
      ${links(panel, words.window, "window", windows, (name) => lengthOf(name, look))}
      ${links(
        panel,
        words.figure,
        "measure",
        measures.filter((name) => !(look.mask && name === "revenue")),
        (name) => words[name],
      )}
      ${isOfProduct(look) ? "" : ofMany(panel)}
      <span class="actions"><button id="live" type="button" hidden>${words.backToLive}</button>
        ${look.mask ? picture : exportMenu(look, html`${files}${picture}`)}</span>
    </div>
    <div class="canvas">
      <canvas id="time" role="img" tabindex="0" aria-labelledby="time-title" aria-describedby="time-help"></canvas>
      <div id="selection" hidden></div>
    </div>
    <ul class="legend" id="time-legend" translate="no">${legend(panel)}</ul>
    <p class="hint" id="past">${pastNotes(panel)}</p>
    <p class="hint controls" id="time-help"><span class="by-mouse">${words.byMouse}</span><span
      class="by-touch">${words.byTouch}</span></p>
    <details id="time-data" hx-get="${address(panel)}" hx-trigger="toggle"
      hx-select="#time-data table" hx-target="#time-data table" hx-swap="outerHTML"
      hx-status:4xx="swap:none" hx-status:5xx="swap:none">
      <summary>${words.asTable[look.window]}</summary>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="time-title">${table(panel)}</div>
    </details>
  </section>`;
}

/** The choices for a graph of several products. */
function ofMany(panel: GraphPanel): Html {
  const { shape, shapes } = wordsFor(panel.look.locale);
  return html`${links(panel, shape, "shape", ["stacked", "lines"], (name) => shapes[name])}
    ${picks(panel)}`;
}

/**
 * The legend. Its order is that of the script's lines, and the script takes colours and dashes from
 * here. A click on a product shows it alone, or removes it from the products picked.
 */
export function legend({ site, look, graph }: Drawn): Html {
  if (!graph.history.isKept) return html``;
  const words = wordsFor(look.locale);
  const products = graph.linesOf(look);
  // Of the time before the longest window nothing is kept.
  const before =
    look.window === "60d" ? [] : ([["ink-soft dashed", words.before[look.window]]] as const);
  if (isOfProduct(look)) return items([["ink-1", products[0] ?? ""], ...before]);
  const link = (product: string) => {
    const others = look.product.filter((name) => name !== product);
    const shown = look.product.length === 0 ? [product] : others;
    return html`<a href="${address({ site, look }, { product: shown })}">${product}</a>`;
  };
  const lines = products.map((product, i) => {
    const ink = `ink-${(i % COLORS) + 1}${i < COLORS ? "" : " dashed"}`;
    return [ink, link(product)] as const;
  });
  const rest = products.length === 0 ? [] : ([["ink-soft", words.others]] as const);
  const isOne = look.shape === "lines" || products.length === 0;
  const all = isOne ? ([["ink-ink", words.total]] as const) : [];
  return items([...lines, ...rest, ...all, ...before]);
}

function items(lines: readonly (readonly [ink: string, text: Html | string])[]): Html {
  return html`${lines.map(([ink, text]) => html`<li><i class="${ink}"></i>${text}</li>`)}`;
}

/** Bounded: three for each locale. */
const lengths = new Map<string, Intl.NumberFormat>();

/** "30d", and "30j" in French. */
function lengthOf(window: Look["window"], { locale }: Look): string {
  const unit = window.endsWith("m") ? "minute" : window.endsWith("h") ? "hour" : "day";
  const style = { style: "unit", unit, unitDisplay: "narrow" } as const;
  const key = `${locale} ${unit}`;
  const format = lengths.get(key) ?? new Intl.NumberFormat(locale, style);
  lengths.set(key, format);
  return format.format(Number.parseInt(window, 10));
}

/** Links to choose one parameter of the address. */
function links<K extends "window" | "measure" | "shape">(
  panel: GraphPanel,
  name: string,
  parameter: K,
  values: readonly Look[K][],
  text: (value: Look[K]) => string,
): Html {
  const { look } = panel;
  return html`<nav aria-label="${name}">${values.map((value) => {
    const isCurrent =
      parameter === "measure" ? measureOf(look) === value : look[parameter] === value;
    const href = address(panel, { [parameter]: value });
    return html`<a href="${href}" ${isCurrent ? html`aria-current="true"` : ""}>${text(value)}</a>`;
  })}</nav>`;
}

/** A form, so that it works without scripts. It carries the other parameters. */
function picks({ site, look, view }: GraphPanel): Html {
  const offered = view.board.rows.slice(0, OFFERED_MAX).map(({ product }) => product);
  const products = [...new Set([...look.product, ...offered])];
  const rest = new URLSearchParams(queryOf(look, { product: [], view: undefined }));
  const words = wordsFor(look.locale);
  const { length } = look.product;
  const state = length === 0 ? words.bestSellers : words.picked(String(length), length);
  return html`<details class="menu picks"><summary>${state}</summary>
    <form method="get" action="${site.base}/graph">
      ${[...rest].map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
      <ul translate="no">${products.map((product) => {
        const isPicked = look.product.includes(product);
        return html`<li><label><input type="checkbox" name="product" value="${product}"
          ${isPicked ? "checked" : ""}> ${product}</label></li>`;
      })}</ul>
      <button type="submit">${words.show}</button>
    </form></details>`;
}

/** Says which sales the graph lacks or groups, and why. */
export function pastNotes({ site, look, graph }: Drawn): Html {
  const { count } = formatFor(look.locale, site.currency);
  const words = wordsFor(look.locale);
  const { state, isCurrent, older, unknown, hasRest } = graph.notes.of;
  if (!site.keepsHistory) {
    return html`<strong>${words.noHistory}</strong> ${words.historyOff(html`<code>--history off</code>`)}`;
  }
  if (state === "none" && site.demoPast > 0) return waitingFor(site, look);
  if (state === "none") {
    const topic = html`<code>${topicsText(site, ({ historyTopic }) => historyTopic)}</code>`;
    const table = html`<a href="${site.base}/">${words.table}</a>`;
    return html`<strong>${words.noHistory}</strong> ${words.historyEmpty(topic, table)}`;
  }
  if (state === "reading") return html`${words.historyRead}`;
  const some = (of: Plural, n: bigint | number) => (n > 0 ? of(count(n), n) : "");
  const sentences = [
    isCurrent ? "" : words.historyLate,
    hasRest ? words.tracksMost(count(HISTORY_PRODUCTS_MAX)) : "",
    some(words.older, older),
    some(words.unknown, unknown),
  ];
  return html`${sentences.map((sentence) => html`${sentence} `)}`;
}

function table(panel: GraphPanel): Html {
  const { look, site, graph } = panel;
  const format = formatFor(look.locale, site.currency);
  // Without history the times of slots would not be numbers.
  if (!graph.history.isKept) return html`<table></table>`;
  const { start, step, all, rest, products } = graph.series(look, Date.now(), TABLE_ROWS);
  const show = cellOf(look, format);
  const words = wordsFor(look.locale);
  const lines = products.map(({ product, sums }) => [product, sums] as const);
  const shown = isOfProduct(look)
    ? lines
    : [[words.total, all] as const, ...lines, [words.others, rest] as const];
  return html`<table translate="no">
    <thead><tr><th scope="col">${words.from}</th>${shown.map(([name]) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${all
      .map((_, i) => {
        const from = timeOf(new Date((start + i * step) * 1000), { zone: look.tz });
        const cells = shown.map(([, sums]) => html`<td>${show(sums[i])}</td>`);
        return html`<tr><th scope="row">${from}</th>${cells}</tr>`;
      })
      .reverse()}</tbody></table>`;
}

function cellOf(look: Look, format: Formatter): (sums: Sums | undefined) => string {
  const measure = measureOf(look);
  return (sums) => {
    if (measure === "revenue") return format.money(sums?.revenue ?? 0n);
    return measure === "units"
      ? format.quantity(sums?.quantity ?? 0n)
      : format.count(sums?.sales ?? 0n);
  };
}
