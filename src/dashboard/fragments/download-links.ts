/** Links to download what a page shows. */

import { html } from "hono/html";
import { type Look, queryOf } from "../look/look.ts";
import type { Html, Site } from "../look/site.ts";
import type { Board } from "../model/board.ts";

export const formats = ["csv", "json", "ndjson"] as const;
export type DownloadFormat = (typeof formats)[number];

/** The links of the table, for the period of the board. */
export function totalsLinks(site: Site, look: Look, { period }: Pick<Board, "period">): Html {
  // A file is of all time unless its address says otherwise.
  const given = period === "all" ? undefined : period;
  const query = queryOf(look, { period: given, page: 1, view: undefined });
  return downloadLinks(site, look, "totals", query);
}

/** No links if amounts are masked, because files contain them. `name` without extension. */
export function downloadLinks(site: Site, { mask }: Look, name: string, query = ""): Html {
  if (mask) return html``;
  const link = (format: DownloadFormat) => html`<a class="button" download
    href="${site.base}/download/${name}.${format}${query}">${format.toUpperCase()}</a>`;
  return html`${formats.map(link)}`;
}
