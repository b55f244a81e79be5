/** Says where sales come from: that those of the demo are made up, and what to type for others. */

import { html } from "hono/html";
import { OWN_SALES_COMMAND } from "../../config/shell/sales-commands.ts";
import type { Look } from "../look/look.ts";
import { type Html, type Site, totalsText } from "../look/site.ts";
import { wordsFor } from "../words/words.ts";

/** One line for every page of the demo; empty elsewhere. */
export function demoLine({ isDemo }: Pick<Site, "isDemo">, { locale }: Pick<Look, "locale">): Html {
  if (!isDemo) return html``;
  const words = wordsFor(locale);
  return html`<p id="demo">${words.demoMadeUp} <span>${words.demoOwn}
    <code translate="no">${OWN_SALES_COMMAND}</code></span></p>`;
}

/** What the page waits for before it shows numbers. */
export function waitingFor(site: Site, look: Pick<Look, "locale" | "by">): Html {
  const { demoPast } = site;
  const words = wordsFor(look.locale);
  if (demoPast > 0) return html`${words.demoFirst(String(demoPast), demoPast)}`;
  return words.waitingFor(html`<code translate="no">${totalsText(site, look)}</code>`);
}

/** What to type while no sale is counted. */
export function firstSale(site: Site, { locale }: Pick<Look, "locale">): Html {
  const { commands, isMapped } = site;
  const words = wordsFor(locale);
  const code = (command: string) => html`<p><code translate="no">${command}</code></p>`;
  const topic = html`<code translate="no">${site.inputTopic}</code>`;
  if (isMapped) return html`<p>${words.mappedRecords(topic)}</p>${code(commands.inspect)}`;
  return html`<p>${words.writeSale(topic)}</p>
    ${code(commands.write)}<p>${words.orGenerate}</p>${code(commands.generate)}`;
}
