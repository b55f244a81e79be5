/** A region of a page for htmx to swap. */

import { html } from "hono/html";
import type { Html } from "../look/site.ts";

/** Morphing keeps focus, selection and nodes, and moves rows by their ids. */
export function partial(id: string, content: Html): Html {
  return html`<hx-partial hx-target="#${id}" hx-swap="innerMorph">${content}</hx-partial>`;
}
