/** The dialog that says which keys do what. */

import { html } from "hono/html";
import type { Html } from "../look/site.ts";

/** Keys of all pages; `aria-keyshortcuts` of the controls says the same to programs. */
const keys: readonly (readonly [keys: readonly string[], does: string])[] = [
  [["P", "Space"], "Pause the view and resume it"],
  [["T"], "Table"],
  [["G"], "Graph"],
  [["D"], "Dead letters"],
  [["/"], "Search the products, in the table"],
  [["?"], "This help"],
];

export function helpDialog(): Html {
  return html`<dialog id="help" aria-labelledby="help-title">
    <h2 id="help-title">Keyboard</h2>
    <dl>${keys.map(
      ([names, does]) => html`
      <div><dt>${names.map((name) => html`<kbd>${name}</kbd> `)}</dt><dd>${does}</dd></div>`,
    )}</dl>
    <label><input id="single" type="checkbox" checked> Shortcuts of a single key</label>
    <p>Without them, all of this is reached by <kbd>Tab</kbd> and <kbd>Enter</kbd>.</p>
    <form method="dialog"><button>Close</button></form>
  </dialog>`;
}
