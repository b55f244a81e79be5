/**
 * The pages: a board → complete HTML, so that the first paint has the numbers, with or without
 * scripts.
 */

import { html } from "hono/html";
import type { AssetPaths } from "./assets.ts";
import { formatFor } from "./format.ts";
import { type Html, more, notices, rows, type Site, source, tiles, timeOf } from "./fragments.ts";
import { type Look, queryOf } from "./look.ts";
import type { Board } from "./view.ts";

export interface Page {
  readonly site: Site;
  readonly assets: AssetPaths;
  readonly board: Board;
  readonly look: Look;
}

const stateNames = {
  connecting: "Connecting",
  restoring: "Catching up",
  live: "Live",
  stale: "Stale",
  behind: "Stale",
} as const;

export function tablePage(page: Page): Html {
  const { board, site, look } = page;
  const format = formatFor(look.locale, site.currency);
  return layout(
    page,
    "Table",
    html`<section class="panel" aria-labelledby="products">
      <table>
        <caption id="products">Products</caption>
        <thead>
          <tr>
            <th scope="col" class="rank"><abbr title="Rank">#</abbr></th>
            <th scope="col">Product</th>
            <th scope="col" class="quantity">Total quantity</th>
            <th scope="col" class="money" aria-sort="descending">Total price</th>
            <th scope="col" class="sales">Sales</th>
            <th scope="col" class="share">Share</th>
          </tr>
        </thead>
        <tbody id="rows">${rows(board, site, format)}</tbody>
      </table>
      <p id="more">${more(board, format)}</p>
    </section>`,
  );
}

export function graphPage(page: Page): Html {
  const { assets, site } = page;
  return layout(
    page,
    "Graph",
    html`<div id="charts" data-currency="${site.currency}" data-locale="${page.look.locale}">
      ${chart("time", "Revenue per second", "The last 15 minutes, from when this page was opened")}
      ${chart("revenue", "Revenue by product", "All sales")}
      ${chart("quantity", "Quantity by product", "All sales")}
    </div>`,
    html`<script src="${assets.chart}"></script><script src="${assets.charts}" type="module"></script>`,
  );
}

/** A canvas says nothing to a screen reader: the same numbers stand in a table beside it. */
function chart(id: string, title: string, note: string): Html {
  return html`<section class="panel chart ${id}" aria-labelledby="${id}-title">
    <h1 id="${id}-title">${title} <small>${note}</small></h1>
    <div class="canvas">
      <canvas id="${id}" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-data"></canvas>
    </div>
    <ul class="legend" id="${id}-legend"></ul>
    <details id="${id}-data">
      <summary>Numbers</summary>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="${id}-title"><table></table></div>
    </details>
  </section>`;
}

export function errorPage(assets: AssetPaths, site: Site, title: string, message: string): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>${head(assets, `${title} – Salesboard`)}</head>
      <body>
        <main class="error">
          <h1>${title}</h1>
          <p>${message}</p>
          <p><a href="${site.base}/">Back to the table</a></p>
        </main>
      </body>
    </html>`;
}

/**
 * The scripts stand last and are not deferred: a deferred htmx starts by a timer, and may then miss
 * its own extension (no stream at all), or open the stream before `charts.js` hears the snapshot.
 */
function layout(page: Page, name: "Table" | "Graph", content: Html, scripts: Html = html``): Html {
  const { site, assets, board } = page;
  const format = formatFor(page.look.locale, site.currency);
  const link = (path: string, text: string) =>
    text === name
      ? html`<a href="${site.base}${path}" aria-current="page">${text}</a>`
      : html`<a href="${site.base}${path}">${text}</a>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        ${head(assets, `${name} – Salesboard`)}
        <meta name="htmx-config" content='{"includeIndicatorCSS": false, "history": false, "extensions": "sse"}'>
        <noscript><meta http-equiv="refresh" content="5"></noscript>
        <script src="${assets.status}"></script>
      </head>
      <body>
        <header>
          <a class="brand" href="${site.base}/"><img src="${assets.icon}" alt="">Salesboard</a>
          <nav aria-label="Pages">${link("/", "Table")} ${link("/graph", "Graph")}</nav>
          <div class="tools">
            <span id="state" role="status" data-state="${board.state}">${stateNames[board.state]}</span>
            <button id="theme" type="button" hidden><span>Theme</span></button>
          </div>
        </header>
        <div id="alerts"><div id="notices">${notices(board)}</div><div id="lowered"></div></div>
        <main>
          <section class="tiles" id="tiles" aria-label="Totals">${tiles(board, site, format)}</section>
          ${content}
        </main>
        <footer>
          <span>Exactly once · read committed</span>
          <span>as of ${asOfTime(board.asOf)}</span>
          <span id="source">${source(board, site, format)}</span>
          ${site.isEmbedded ? html`<span>in-memory demo broker</span>` : ""}
        </footer>
        ${stream(site, page.look, name === "Table" ? "table" : "graph")}
        ${scripts}
        <script src="${assets.htmx}"></script>
        <script src="${assets.htmxSse}"></script>
      </body>
    </html>`;
}

function head(assets: AssetPaths, title: string): Html {
  return html`<meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title}</title>
    <link rel="icon" href="${assets.icon}" type="image/svg+xml">
    <link rel="preload" href="${assets.font}" as="font" type="font/woff2" crossorigin>
    <link rel="stylesheet" href="${assets.styles}">`;
}

function asOfTime(asOf: number | undefined): Html {
  return asOf === undefined ? html`<time id="asof">never</time>` : timeOf(new Date(asOf), "asof");
}

/**
 * The element that holds the stream. htmx never retries a first connection that failed, so a timer
 * asks again (it does nothing while a stream is open), and `drop` keeps a slow answer from being
 * asked for twice. An error page must not be swapped in.
 */
function stream(site: Site, look: Look, view: Look["view"]): Html {
  const query = queryOf(look, { view });
  return html`<div id="stream" hidden hx-sse:connect="${site.base}/events${query}" hx-sse:close="bye"
    hx-swap="none" hx-trigger="load, every 2s" hx-sync="this:drop" hx-status:4xx="swap:none"
    hx-status:5xx="swap:none" hx-config='{"sse": {"reconnectMaxDelay": 5000}}'></div>`;
}
