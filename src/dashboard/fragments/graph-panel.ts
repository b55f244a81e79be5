/**
 * The graph panel, for all products or for one: the choices, the charts, and the same numbers as
 * tables.
 */

import { html } from "hono/html";
import type { Sums } from "../../domain/sums.ts";
import { HISTORY_PRODUCTS_MAX } from "../../history/slot.ts";
import { type Formatter, formatFor } from "../look/format.ts";
import { type Look, measures, queryOf, windows } from "../look/look.ts";
import type { Html, Site } from "../look/site.ts";
import type { Board } from "../model/board.ts";
import { type Graph, isOfProduct, measureOf, shapeOf } from "../model/graph.ts";
import type { SalesView } from "../model/view.ts";
import { bars } from "./bars.ts";
import { exportMenu, fileLink } from "./download-links.ts";
import { timeOf } from "./fragments.ts";

/** Products to pick from. An address can name any other. */
const OFFERED_MAX = 30;
/** Colours of lines. Further products get dashed lines. */
const COLORS = 5;
/** The latest slots in the table. The download has all. */
const TABLE_ROWS = 30;

const windowNames = { "15m": "15 minutes", "24h": "24 hours", "30d": "30 days" } as const;
const slotNames = { "15m": "second", "24h": "minute", "30d": "hour" } as const;
const beforeNames = {
  "15m": "The 15 minutes before",
  "24h": "Same time yesterday",
  "30d": "The 30 days before",
} as const;
const measureNames = { revenue: "Revenue", units: "Units", sales: "Sales" } as const;
const shapeNames = { stacked: "Stacked", lines: "Lines" } as const;

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
    data-window="${look.window}" data-shape="${shapeOf(look)}">
    ${timeChart(panel)}
    ${isOfProduct(look) ? "" : html`<div id="bars">${bars(panel.board, site, look)}</div>`}
  </div>`;
}

/** The address of this page with `changes` to its look. */
function address({ site, look }: Pick<GraphPanel, "site" | "look">, changes: Partial<Look> = {}) {
  const path = isOfProduct(look) ? "/product" : "/graph";
  return `${site.base}${path}${queryOf(look, { ...changes, view: undefined })}`;
}

function timeChart(panel: GraphPanel): Html {
  const { site, look } = panel;
  const title = html`${measureNames[measureOf(look)]}
    <small>the last ${windowNames[look.window]}</small> <small id="bar-length"></small>`;
  const query = queryOf(look, { view: undefined });
  // Scripts save the picture, which shows no more than the page.
  const picture = html`<button id="png" type="button" hidden>PNG</button>`;
  const files = html`${fileLink(`${site.base}/download/history.csv${query}`, "csv")}
    ${fileLink(`${site.base}/api/history${query}`, "json", `history-${look.window}.json`)}`;
  return html`<section class="panel chart time" aria-labelledby="time-title">
    ${isOfProduct(look) ? html`<h2 id="time-title">${title}</h2>` : html`<h1 id="time-title">${title}</h1>`}
    <div class="choices controls">
      ${links(panel, "Window", "window", windows, (name) => name)}
      ${links(
        panel,
        "Figure",
        "measure",
        measures.filter((name) => !(look.mask && name === "revenue")),
        (name) => measureNames[name],
      )}
      ${isOfProduct(look) ? "" : ofMany(panel)}
      <span class="actions"><button id="live" type="button" hidden>Back to live</button>
        ${look.mask ? picture : exportMenu(look, html`${files}${picture}`)}</span>
    </div>
    <div class="canvas">
      <canvas id="time" role="img" tabindex="0" aria-labelledby="time-title" aria-describedby="time-help"></canvas>
      <div id="selection" hidden></div>
    </div>
    <ul class="legend" id="time-legend" translate="no">${legend(panel)}</ul>
    <p class="hint" id="past">${pastNotes(panel)}</p>
    <p class="hint controls" id="time-help"><span class="by-mouse">Drag over the chart to look closer, or roll the wheel
      with <kbd>Ctrl</kbd>. With the chart in focus: <kbd>+</kbd>, <kbd>−</kbd>, <kbd>←</kbd>, <kbd>→</kbd>,
      <kbd>Home</kbd>, <kbd>End</kbd>; <kbd>Esc</kbd> returns to now.</span><span class="by-touch">Spread two fingers to
      look closer; move with one.</span></p>
    <details id="time-data" hx-get="${address(panel)}" hx-trigger="toggle"
      hx-select="#time-data table" hx-target="#time-data table" hx-swap="outerHTML"
      hx-status:4xx="swap:none" hx-status:5xx="swap:none">
      <summary>Show as table, by ${slotNames[look.window]}</summary>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="time-title">${table(panel)}</div>
    </details>
  </section>`;
}

/** The choices for a graph of several products. */
function ofMany(panel: GraphPanel): Html {
  return html`${links(panel, "Shape", "shape", ["stacked", "lines"], (name) => shapeNames[name])}
    ${picks(panel)}`;
}

/**
 * The legend. Its order is that of the script's lines, and the script takes colours and dashes from
 * here. A click on a product shows it alone, or removes it from the products picked.
 */
export function legend({ site, look, graph }: Drawn): Html {
  if (!graph.history.isKept) return html``;
  const products = graph.linesOf(look);
  const before = ["ink-soft dashed", beforeNames[look.window]] as const;
  if (isOfProduct(look)) return items([["ink-1", products[0] ?? ""], before]);
  const link = (product: string) => {
    const others = look.product.filter((name) => name !== product);
    const shown = look.product.length === 0 ? [product] : others;
    return html`<a href="${address({ site, look }, { product: shown })}">${product}</a>`;
  };
  const lines = products.map((product, i) => {
    const ink = `ink-${(i % COLORS) + 1}${i < COLORS ? "" : " dashed"}`;
    return [ink, link(product)] as const;
  });
  const rest = products.length === 0 ? [] : ([["ink-soft", "All other products"]] as const);
  const isOne = look.shape === "lines" || products.length === 0;
  const all = isOne ? ([["ink-ink", "Total"]] as const) : [];
  return items([...lines, ...rest, ...all, before]);
}

function items(lines: readonly (readonly [ink: string, text: Html | string])[]): Html {
  return html`${lines.map(([ink, text]) => html`<li><i class="${ink}"></i>${text}</li>`)}`;
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
  const state = look.product.length === 0 ? "the best sellers" : `${look.product.length} picked`;
  return html`<details class="menu picks"><summary>Products: ${state}</summary>
    <form method="get" action="${site.base}/graph">
      ${[...rest].map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
      <ul>${products.map((product) => {
        const isPicked = look.product.includes(product);
        return html`<li><label><input type="checkbox" name="product" value="${product}"
          ${isPicked ? "checked" : ""}> ${product}</label></li>`;
      })}</ul>
      <button type="submit">Show</button>
    </form></details>`;
}

/** Says which sales the graph lacks or groups, and why. */
export function pastNotes({ site, look, graph }: Drawn): Html {
  const { count } = formatFor(look.locale, site.currency);
  const { state, older, unknown, hasRest } = graph.notes.of;
  if (!site.keepsHistory) {
    return html`<strong>No history.</strong> It is switched off (<code>--history off</code>).`;
  }
  if (state === "none") {
    return html`<strong>No history.</strong> The topic <code>${site.historyTopic}</code> is still empty.`;
  }
  if (state === "reading") return html`Reading the history …`;
  const many = html`History tracks the ${HISTORY_PRODUCTS_MAX} best-selling products of each
    partition; the rest are grouped as “All other products”.`;
  const some = (n: bigint | number) => `${count(n)} ${Number(n) === 1 ? "sale is" : "sales are"}`;
  const sentences = [
    hasRest ? many : "",
    older > 0n ? `${some(older)} older than this history or without a usable time.` : "",
    unknown > 0 ? `${some(unknown)} in the totals, but not in this history.` : "",
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
  const lines = products.map(({ product, sums }) => [product, sums] as const);
  const shown = isOfProduct(look)
    ? lines
    : [["Total", all] as const, ...lines, ["All other products", rest] as const];
  return html`<table>
    <thead><tr><th scope="col">From</th>${shown.map(([name]) => html`<th scope="col">${name}</th>`)}</tr></thead>
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
