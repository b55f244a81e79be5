/**
 * The pages: a board → complete HTML, so that the first paint has the numbers, with or without
 * scripts.
 */

import { createHash } from "node:crypto";
import { html } from "hono/html";
import type { AssetPaths } from "./assets.ts";
import { formatFor } from "./format.ts";
import { more, rows } from "./fragments.ts";
import { Graph } from "./graph.ts";
import { graphPanel } from "./graph-page.ts";
import { head, layout, type Page } from "./layout.ts";
import { parseLook } from "./look.ts";
import { Past } from "./past.ts";
import type { Html, Site } from "./site.ts";
import { SalesView } from "./view.ts";

/** What the address wants to see; the table unless it says. */
export function homePage(page: Page): Html {
  return page.look.view === "graph" ? graphPage(page) : tablePage(page);
}

export function tablePage(page: Page): Html {
  const { board, site, look } = page;
  const format = formatFor(look.locale, site.currency, look.mask);
  return layout(page, {
    title: "Table",
    view: "table",
    content: html`<section class="panel" aria-labelledby="products">
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
  });
}

export function graphPage(page: Page): Html {
  const { assets } = page;
  return layout(page, {
    title: "Graph",
    view: "graph",
    content: graphPanel(page),
    scripts: html`<script src="${assets.chart}"></script><script src="${assets.charts}" type="module"></script>`,
  });
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

/** Changes with the code of the pages: their scripts, their style, and what the server renders. */
export function buildOf(site: Site, assets: AssetPaths): string {
  const look = parseLook(new URLSearchParams(), undefined);
  const graph = new Graph(new Past());
  const empty = { site, assets, look, build: "", board: new SalesView().board, graph };
  const pages = [tablePage(empty), graphPage(empty)].join("");
  return createHash("sha256").update(pages).digest("hex").slice(0, 10);
}
