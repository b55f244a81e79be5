/** The menu of what a page can be saved as. */

import { html } from "hono/html";
import { type Look, queryOf } from "../look/look.ts";
import type { Html, Site } from "../look/site.ts";
import type { Board } from "../model/board.ts";
import { wordsFor } from "../words/words.ts";

export const formats = ["csv", "json", "ndjson"] as const;
export type DownloadFormat = (typeof formats)[number];

/** Opens without scripts. No menu if amounts are masked, because files contain them. */
export function exportMenu({ mask, locale }: Look, links: Html, id?: string): Html {
  if (mask) return html``;
  return html`<details class="menu export"><summary class="button">${wordsFor(locale).export}</summary>
    <div ${id ? html`id="${id}"` : ""}>${links}</div></details>`;
}

/** The links of the table, for the period of the board. */
export function totalsLinks(site: Site, look: Look, { period }: Pick<Board, "period">): Html {
  // A file is of all time unless its address says otherwise.
  const given = period === "all" ? undefined : period;
  return downloadLinks(site, "totals", queryOf(look, { period: given, page: 1, view: undefined }));
}

/** `name`: of the file, without extension. */
export function downloadLinks(site: Site, name: string, query = ""): Html {
  return html`${formats.map((format) => fileLink(`${site.base}/download/${name}.${format}${query}`, format))}`;
}

/** `name`: of the file, where its address does not say that. */
export function fileLink(href: string, format: DownloadFormat, name = ""): Html {
  return html`<a class="button" download="${name}" href="${href}">${format.toUpperCase()}</a>`;
}
