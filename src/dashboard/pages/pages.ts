/** Renders complete pages, so that the first paint has the numbers, with or without scripts. */

import { createHash } from "node:crypto";
import { html } from "hono/html";
import { rules } from "../fragments/fragments.ts";
import { graphPanel } from "../fragments/graph-panel.ts";
import { Table } from "../fragments/table.ts";
import { type Look, parseLook, queryOf } from "../look/look.ts";
import type { Html, Site } from "../look/site.ts";
import { Graph } from "../model/graph.ts";
import { HistoryView } from "../model/history-view.ts";
import { SalesView } from "../model/view.ts";
import type { AssetPaths } from "./assets.ts";
import { lettersPage } from "./dead-letters-page.ts";
import { head, layout, type Page } from "./layout.ts";
import { productPage } from "./product-page.ts";

/** The page that the address names; the table by default. */
export function homePage(page: Page): Html {
  return page.look.view === "graph" ? graphPage(page) : tablePage(page);
}

export function tablePage(page: Page): Html {
  const { assets, board, look, table } = page;
  return layout(page, {
    title: "Table",
    view: "table",
    content: table.panel(board, look),
    scripts: html`<script src="${assets.table}"></script>`,
  });
}

export function graphPage(page: Page): Html {
  const { assets } = page;
  return layout(page, {
    title: "Graph",
    view: "graph",
    content: html`${graphPanel(page)}<div id="rules">${rules(page.board, page.look)}</div>`,
    scripts: html`<script src="${assets.chart}"></script><script src="${assets.charts}" type="module"></script>`,
  });
}

/** `refreshSeconds`: reloads the page, because it may work by then. */
export function errorPage(
  { site, assets, look }: Pick<Page, "site" | "assets" | "look">,
  { title, message, refreshSeconds }: { title: string; message: string; refreshSeconds?: number },
): Html {
  return html`<!doctype html>
    <html lang="en" data-theme="${look.theme}">
      <head>
        ${head(assets, `${title} – Salesboard`)}
        ${refreshSeconds ? html`<meta http-equiv="refresh" content="${refreshSeconds}">` : ""}
      </head>
      <body>
        <main class="error">
          <h1>${title}</h1>
          <p>${message}</p>
          <p><a href="${site.base}/${queryOf(look)}">Back to the table</a></p>
        </main>
      </body>
    </html>`;
}

/** Identifies the code of the pages: scripts, style and rendered HTML. */
export function buildOf(site: Site, assets: AssetPaths): string {
  const lookOf = (view: Look["view"]) => parseLook(new URLSearchParams(), undefined, view);
  const [view, history] = [new SalesView(), new HistoryView()];
  const [graph, table] = [new Graph(history), new Table(site, history)];
  const empty = { site, assets, build: "", board: view.board, view, graph, table };
  const ofProduct = { ...empty, look: lookOf("product") };
  const none = { records: [], at: 0, looked: 0, since: undefined, isAll: true };
  const pages = [
    tablePage({ ...empty, look: lookOf("table") }),
    graphPage({ ...empty, look: lookOf("graph") }),
    productPage(ofProduct),
    productPage(ofProduct, none),
    lettersPage({ ...empty, look: lookOf("letters") }, none),
  ].join("");
  return createHash("sha256").update(pages).digest("hex").slice(0, 10);
}
