/** Says where sales come from: that those of the demo are made up, and what to type for others. */

import { html } from "hono/html";
import { OWN_SALES_COMMAND } from "../../config/sales-commands.ts";
import type { Html, Site } from "../look/site.ts";

/** One line for every page of the demo; empty elsewhere. */
export function demoLine({ isDemo }: Pick<Site, "isDemo">): Html {
  if (!isDemo) return html``;
  return html`<p id="demo">Demo: all sales are made up. <span>To see your own:
    <code translate="no">${OWN_SALES_COMMAND}</code></span></p>`;
}

/** What the page waits for before it shows numbers. */
export function waitingFor({ outputTopic, demoPast }: Site): Html {
  if (demoPast === 0) {
    return html`They appear once <code>${outputTopic}</code> has been read to its end.`;
  }
  const days = demoPast === 1 ? "today" : `${demoPast} days`;
  return html`The sales of ${days} are made up and counted first. That takes a few seconds.`;
}

/** What to type while no sale is counted. */
export function firstSale({ inputTopic, commands, isMapped }: Site): Html {
  const code = (command: string) => html`<p><code translate="no">${command}</code></p>`;
  if (isMapped) {
    return html`<p>A mapping counts the records of <code translate="no">${inputTopic}</code>. To look
      at those that are there, type</p>${code(commands.inspect)}`;
  }
  return html`<p>To write a sale to the topic <code translate="no">${inputTopic}</code>, type</p>
    ${code(commands.write)}<p>or, for generated sales until Ctrl+C,</p>${code(commands.generate)}`;
}
