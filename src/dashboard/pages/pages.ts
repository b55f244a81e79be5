/** Renders complete pages, so that the first paint has the numbers, with or without scripts. */

import { createHash } from "node:crypto";
import { html } from "hono/html";
import { rules } from "../fragments/fragments.ts";
import { graphPanel } from "../fragments/graph-panel.ts";
import { Table } from "../fragments/table.ts";
import { titleOf } from "../look/dimension.ts";
import { type Look, parseLook, queryOf } from "../look/look.ts";
import type { Html, Site } from "../look/site.ts";
import { Graph } from "../model/graph.ts";
import { HistoryView } from "../model/history-view.ts";
import { SalesView } from "../model/view.ts";
import type { PageWords } from "../words/en.ts";
import { languageOf, languages, wordsFor } from "../words/words.ts";
import type { AssetPaths } from "./assets.ts";
import { lettersPage } from "./dead-letters-page.ts";
import { head, layout, type Page } from "./layout.ts";
import { productPage } from "./product-page.ts";

/** What went wrong, by its word. */
export type ErrorTitle = keyof PageWords["errors"];

/** The page that the address names; the table by default. */
export function homePage(page: Page): Html {
  return page.look.view === "graph" ? graphPage(page) : tablePage(page);
}

/** Of products, or of the values of a dimension. */
export function tablePage(page: Page): Html {
  const { assets, board, look, table } = page;
  return layout(page, {
    title: look.by === undefined ? wordsFor(look.locale).table : titleOf(look.by),
    view: "table",
    content: table.panel(board, look),
    scripts: html`<script src="${assets.table}"></script>`,
  });
}

export function graphPage(page: Page): Html {
  const { assets, look } = page;
  return layout(page, {
    title: wordsFor(look.locale).graph,
    view: "graph",
    content: html`${graphPanel(page)}<div id="rules">${rules(page.board, page.site, page.look)}</div>`,
    scripts: html`<script src="${assets.chart}"></script><script src="${assets.charts}" type="module"></script>`,
  });
}

/** `message`: in English. `refreshSeconds`: reloads the page, because it may work by then. */
export function errorPage(
  { site, assets, look }: Pick<Page, "site" | "assets" | "look">,
  {
    title: name,
    message,
    refreshSeconds,
  }: { title: ErrorTitle; message: string; refreshSeconds?: number },
): Html {
  const words = wordsFor(look.locale);
  const title = words.errors[name];
  return html`<!doctype html>
    <html lang="${languageOf(look.locale)}" data-theme="${look.theme}">
      <head>
        ${head(assets, `${title} – ${site.title}`)}
        ${refreshSeconds ? html`<meta http-equiv="refresh" content="${refreshSeconds}">` : ""}
      </head>
      <body>
        <main class="error">
          <h1>${title}</h1>
          <p lang="en">${message}</p>
          <p><a href="${site.base}/${queryOf(look)}">${words.backToTable}</a></p>
        </main>
      </body>
    </html>`;
}

/** Identifies the code of the pages: scripts, style and rendered HTML. */
export function buildOf(site: Site, assets: AssetPaths): string {
  const [view, history] = [new SalesView(), new HistoryView()];
  const [graph, table] = [new Graph(history), new Table(site, history)];
  const empty = { site, assets, build: "", board: view.board, view, graph, table };
  const none = { records: [], at: 0, looked: 0, since: undefined, isAll: true };
  const pages = Object.keys(languages).flatMap((language) => {
    const look = (view: Look["view"]) => parseLook(new URLSearchParams(), language, view);
    const ofProduct = { ...empty, look: look("product") };
    const boards = site.boards.map(({ name: by }) => {
      const ofBoard = { look: { ...look("table"), by }, table: new Table(site, history, by) };
      return tablePage({ ...empty, ...ofBoard });
    });
    return [
      ...boards,
      tablePage({ ...empty, look: look("table") }),
      graphPage({ ...empty, look: look("graph") }),
      productPage(ofProduct),
      productPage(ofProduct, none),
      lettersPage({ ...empty, look: look("letters") }, none),
    ];
  });
  return createHash("sha256").update(pages.join("")).digest("hex").slice(0, 10);
}
