/**
 * The banner of a topic none of whose records counts: why, and the command that would count them.
 * It has no figures that change, so that a text that is being copied stays as it is.
 */

import { html, raw } from "hono/html";
import type { Look } from "../look/look.ts";
import type { Html, Site } from "../look/site.ts";
import { type Advice, isMisfit, type ProposedCommand } from "../model/advice.ts";
import type { Board } from "../model/board.ts";

/** Empty as long as records count. */
export function misfit(board: Board, site: Site, { mask }: Pick<Look, "mask">): Html {
  if (!isMisfit(board)) return html``;
  const { deadLetters, filtered, advice } = board;
  const outcome =
    filtered === 0n
      ? "Every record so far was rejected"
      : deadLetters === 0n
        ? "Every record so far is filtered: by the mapping, none is about a sale"
        : "Every record so far was rejected or filtered";
  return html`<section class="notice misfit" aria-labelledby="misfit-title">
    <h2 id="misfit-title">No record of <code>${site.inputTopic}</code> counts</h2>
    <p>${outcome}.${advice ? reasonOf(advice, mask) : ""}</p>
    ${advice ? whatToDo(advice, site) : html`<p>Looking at the latest records …</p>`}
  </section>`;
}

/** The value received can be an amount. */
export function withoutReceived(reason: string): string {
  return reason.replace(/, received .*/s, "");
}

function reasonOf({ reason, looked }: Advice, mask: boolean): Html {
  if (!reason) return html``;
  const text = mask ? withoutReceived(reason.text) : reason.text;
  return html` The reason in ${reason.records} of the latest ${looked}: <q>${text}</q>.`;
}

function whatToDo({ proposal, fits, looked }: Advice, site: Site): Html {
  if (proposal) return proposed(proposal, looked, site);
  if (fits) {
    return html`<p>The latest ${looked} records fit the mapping of this dashboard. Give the aggregator
      the same rules.</p>`;
  }
  return html`<p>No mapping was found that counts them. <code>salesboard inspect</code> shows what is
    in the topic.</p>`;
}

const trust = {
  sure: "All that the records show speaks for this mapping",
  likely: "This mapping is likely: compare the totals with a figure that you know",
  guess: "This mapping is a guess: look at each rule",
};

function proposed(proposal: ProposedCommand, looked: number, site: Site): Html {
  const { counted, filtered, deadLetters, sureness, commands } = proposal;
  const others = [
    filtered > 0 ? `filters ${filtered}` : "",
    deadLetters > 0 ? `rejects ${deadLetters}` : "",
  ].filter(Boolean);
  const rest = others.length > 0 ? `, ${others.join(", and ")}` : "";
  const how = site.isEmbedded
    ? "Stop Salesboard, and start again with this mapping"
    : "Stop all processes, and type";
  return html`<p>The mapping below counts ${counted} of the latest ${looked} records${rest}.
      ${trust[sureness]}.</p>
    <p id="misfit-how">${how}:</p>
    <pre tabindex="0" aria-labelledby="misfit-how"><code>${withBreaks(commands.join("\n"))}</code></pre>`;
}

/** Line ends by their number, because frames lose those between tags. */
function withBreaks(text: string): Html {
  return raw(String(html`${text}`).replaceAll("\n", "&#10;"));
}
