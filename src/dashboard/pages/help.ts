/** The dialog of keyboard shortcuts. */

import { html } from "hono/html";
import type { Html } from "../look/site.ts";

/** The keys of all pages. `aria-keyshortcuts` of the controls must say the same. */
const keys: readonly (readonly [keys: readonly string[], does: string])[] = [
  [["P", "Space"], "Pause or resume the view"],
  [["T"], "Table"],
  [["G"], "Graph"],
  [["D"], "Rejected records"],
  [["/"], "Search products (on the table page)"],
  [["?"], "Show this help"],
];

export function helpDialog(): Html {
  return html`<dialog id="help" aria-labelledby="help-title">
    <h2 id="help-title">Keyboard</h2>
    <dl>${keys.map(
      ([names, does]) => html`
      <div><dt>${names.map((name) => html`<kbd>${name}</kbd> `)}</dt><dd>${does}</dd></div>`,
    )}</dl>
    <label><input id="single" type="checkbox" checked> Single-key shortcuts</label>
    <p>When they are off, use <kbd>Tab</kbd> and <kbd>Enter</kbd>.</p>
    <form method="dialog"><button>Close</button></form>
  </dialog>`;
}
