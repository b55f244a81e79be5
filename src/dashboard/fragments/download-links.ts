/** Links to download what a page shows. */

import { html } from "hono/html";
import type { Look } from "../look/look.ts";
import type { Html, Site } from "../look/site.ts";

export const formats = ["csv", "json", "ndjson"] as const;
export type DownloadFormat = (typeof formats)[number];

/** No links if amounts are masked, because files contain them. `name` without extension. */
export function downloadLinks(site: Site, { mask }: Look, name: string, query = ""): Html {
  if (mask) return html``;
  const link = (format: DownloadFormat) => html`<a class="button" download
    href="${site.base}/download/${name}.${format}${query}">${format.toUpperCase()}</a>`;
  return html`<span class="actions">${formats.map(link)}</span>`;
}
