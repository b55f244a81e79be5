/** The frame of all pages: head, header, tiles, footer and the element of the stream. */

import { html } from "hono/html";
import { notices, source, timeOf } from "../fragments/fragments.ts";
import { misfit } from "../fragments/misfit.ts";
import { demoLine } from "../fragments/own-sales.ts";
import { periodLinks, periodNote } from "../fragments/periods.ts";
import type { Table } from "../fragments/table.ts";
import { tiles } from "../fragments/tiles.ts";
import { zoneForm } from "../fragments/zones.ts";
import { boardAddress, queryElsewhere } from "../look/address.ts";
import { titleOf } from "../look/dimension.ts";
import { formatFor } from "../look/format.ts";
import { type Look, queryOf } from "../look/look.ts";
import type { Html, Site } from "../look/site.ts";
import type { Board } from "../model/board.ts";
import type { Graph } from "../model/graph.ts";
import type { SalesView } from "../model/view.ts";
import type { PageWords } from "../words/en.ts";
import { languageOf, scriptWordsFor, wordsFor } from "../words/words.ts";
import type { AssetPaths } from "./assets.ts";
import { helpDialog } from "./help.ts";

export interface Page {
  readonly site: Site;
  readonly assets: AssetPaths;
  /** Changes with the code of the pages, so that an open page learns that it is outdated. */
  readonly build: string;
  readonly board: Board;
  readonly view: Pick<SalesView, "board" | "partitionsOf">;
  readonly graph: Graph;
  readonly table: Table;
  readonly look: Look;
  /** Who reads; undefined = everybody may. */
  readonly reader?: { readonly name: string; readonly hasSession: boolean } | undefined;
}

export interface Layout {
  readonly title: string;
  /** The view that the page's stream carries. */
  readonly view: NonNullable<Look["view"]>;
  readonly content: Html;
  /** Scripts of this page only. */
  readonly scripts?: Html;
  /** How often the page reloads without scripts. */
  readonly refreshSeconds?: number;
}

/**
 * The scripts come last and are not deferred. A deferred htmx starts by a timer and can then miss
 * its own extension (no stream at all), or open the stream before `charts.js` listens.
 */
export function layout(page: Page, { title, view, content, ...rest }: Layout): Html {
  const { scripts = html``, refreshSeconds = 5 } = rest;
  const { site, assets, board, look, build } = page;
  const format = formatFor(look.locale, site.currency, look.mask);
  const words = wordsFor(look.locale);
  return html`<!doctype html>
    <html lang="${languageOf(look.locale)}" class="${look.kiosk ? "kiosk" : ""}" data-theme="${look.theme}"
      data-tz="${look.tz ?? ""}" data-locale="${look.locale}" data-build="${build}"
      data-words="${JSON.stringify(scriptWordsFor(look.locale))}">
      <head>
        ${head(assets, `${title} – ${site.title}`)}
        <meta name="htmx-config" content='{"includeIndicatorCSS": false, "history": "reload", "extensions": "sse"}'>
        <noscript><meta http-equiv="refresh" content="${refreshSeconds}"></noscript>
        <script src="${assets.choices}"></script>
      </head>
      <body>
        ${header(page, view)}
        ${demoLine(site, look)}
        <div id="alerts"><div id="notices">${notices(board, look)}</div>
          <div id="misfit" aria-live="polite">${misfit(board, site, look)}</div>
          <p id="days" class="hint">${periodNote(board, site, look)}</p>
          <p id="lowered" class="notice" hidden>${words.lowered(html`<time></time>`)}</p></div>
        <main id="main" tabindex="-1">
          <section class="tiles" id="tiles" aria-label="${words.totals}">${tiles(board, site, look)}</section>
          ${content}
        </main>
        <footer>
          ${look.kiosk ? html`<span class="title" translate="no">${site.title}</span>` : ""}
          <span>${words.exactlyOnce}</span>
          <span class="asof">${words.updated(asOfTime(board.asOf?.date, look))} ${zoneForm(look)}</span>
          <span id="source">${source(board, site, look, format)}</span>
          ${site.isEmbedded ? html`<span>${words.demoData}</span>` : ""}
        </footer>
        ${helpDialog(words, site)}
        ${stream(site, look, view)}
        <script src="${assets.status}"></script>
        <script src="${assets.stream}"></script>
        <script src="${assets.pause}"></script>
        <script src="${assets.keys}"></script>
        ${look.kiosk ? html`<script src="${assets.kiosk}"></script>` : ""}
        ${scripts}
        <script src="${assets.htmx}"></script>
        <script src="${assets.htmxSse}"></script>
      </body>
    </html>`;
}

export function head(assets: AssetPaths, title: string): Html {
  return html`<meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title}</title>
    <link rel="icon" href="${assets.icon}" type="image/svg+xml">
    <link rel="preload" href="${assets.font}" as="font" type="font/woff2" crossorigin>
    <link rel="stylesheet" href="${assets.styles}">`;
}

/** `keys.js` reads `aria-keyshortcuts`. */
function header({ site, assets, board, look, reader }: Page, view: Layout["view"]): Html {
  const query = queryElsewhere(look);
  const words = wordsFor(look.locale);
  const state = scriptWordsFor(look.locale).states[board.state];
  const link = (path: string, text: string, key: string, of: Layout["view"]) => html`
    <a href="${site.base}${path}${query}" aria-keyshortcuts="${key}"
      ${of === view && look.by === undefined ? html`aria-current="page"` : ""}>${text}</a>`;
  const boards = site.boards.map(
    ({ name }, i) => html`
    <a class="by" href="${boardAddress(site, look, name)}" aria-keyshortcuts="${i + 1}" translate="no"
      ${name === look.by ? html`aria-current="page"` : ""}>${titleOf(name)}</a>`,
  );
  return html`<a class="skip" href="#main">${words.skip}</a>
    <header>
      <a class="brand" href="${site.base}/${query}"><img src="${assets.icon}" alt=""><span translate="no">${site.title}</span></a>
      <nav aria-label="${words.pages}">${link("/", words.table, "t", "table")}
        ${link("/graph", words.graph, "g", "graph")}${boards} ${link("/rejected", words.rejectedShort, "d", "letters")}</nav>
      <nav id="period" aria-label="${words.period}">${periodLinks(board, site, look, view)}</nav>
      <div class="tools">
        <span id="state" data-state="${board.state}"><b role="status">${state}</b><span></span></span>
        <button id="pause" type="button" aria-keyshortcuts="p Space" hidden><span>${words.pause}</span></button>
        <button id="theme" type="button" hidden><span>${words.theme}</span></button>
        <button id="keys" type="button" aria-keyshortcuts="?" aria-haspopup="dialog" hidden><span
          class="away">${words.keyboard}</span></button>
        ${reader?.hasSession ? logOut(site, reader.name, words) : ""}
      </div>
    </header>`;
}

function logOut(site: Site, name: string, words: PageWords): Html {
  return html`<form method="post" action="${site.base}/logout"><button
    title="${words.isLoggedIn(name)}"><span>${words.logOut}</span></button></form>`;
}

function asOfTime(asOf: Date | undefined, { tz: zone, locale }: Look): Html {
  if (asOf === undefined) return html`<time id="asof">${wordsFor(locale).never}</time>`;
  return timeOf(asOf, { zone, id: "asof" });
}

/**
 * The element that holds the stream. htmx never retries a failed first connection, so a timer tries
 * again; it does nothing while a stream is open. `drop` prevents a second request while an answer
 * is slow. Error pages are not swapped in.
 */
function stream(site: Site, look: Look, view: Layout["view"]): Html {
  const query = queryOf(look, { view });
  return html`<div id="stream" hidden hx-sse:connect="${site.base}/events${query}" hx-sse:close="bye"
    hx-swap="none" hx-trigger="load, every 2s" hx-sync="this:drop" hx-status:4xx="swap:none"
    hx-status:5xx="swap:none" hx-config='{"sse": {"reconnectMaxDelay": 5000}}'></div>`;
}
