/** Links to what a page shows, as files. */

import { html } from "hono/html";
import type { Look } from "../look/look.ts";
import type { Html, Site } from "../look/site.ts";

export const formats = ["csv", "json", "ndjson"] as const;
export type DownloadFormat = (typeof formats)[number];

/** None where amounts are masked, for the files have them. `name` without its extension. */
export function downloadLinks(site: Site, { mask }: Look, name: string, query = ""): Html {
  if (mask) return html``;
  const link = (format: DownloadFormat) => html`<a class="button" download
    href="${site.base}/download/${name}.${format}${query}">${format.toUpperCase()}</a>`;
  return html`<span class="actions">${formats.map(link)}</span>`;
}
