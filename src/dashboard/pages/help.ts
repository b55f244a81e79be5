/** The dialog of keyboard shortcuts. */

import { html } from "hono/html";
import { titleOf } from "../look/dimension.ts";
import type { Html, Site } from "../look/site.ts";
import type { PageWords } from "../words/en.ts";

type KeyWord = "pauseKey" | "table" | "graph" | "rejected" | "searchKey" | "helpKey";

/** The keys of all pages. `aria-keyshortcuts` of the controls must say the same. */
const keys: readonly (readonly [keys: readonly string[], does: KeyWord])[] = [
  [["P", "Space"], "pauseKey"],
  [["T"], "table"],
  [["G"], "graph"],
  [["D"], "rejected"],
  [["/"], "searchKey"],
  [["?"], "helpKey"],
];

export function helpDialog(words: PageWords, { boards }: Pick<Site, "boards">): Html {
  return html`<dialog id="help" aria-labelledby="help-title">
    <h2 id="help-title">${words.keyboard}</h2>
    <dl>${keys.map(
      ([names, does]) => html`
      <div><dt>${names.map((name) => html`<kbd>${name}</kbd> `)}</dt><dd>${words[does]}</dd></div>`,
    )}${boards.map(
      ({ name }, i) => html`
      <div><dt><kbd>${i + 1}</kbd> </dt><dd translate="no">${titleOf(name)}</dd></div>`,
    )}</dl>
    <label><input id="single" type="checkbox" checked> ${words.singleKeys}</label>
    <p>${words.keysOff(html`<kbd>Tab</kbd>`, html`<kbd>Enter</kbd>`)}</p>
    <form method="dialog"><button>${words.close}</button></form>
  </dialog>`;
}
