/**
 * The banner of a topic none of whose records counts: why, and the command that would count them.
 * It has no figures that change, so that a text that is being copied stays as it is.
 */

import { html, raw } from "hono/html";
import type { Look } from "../look/look.ts";
import { type Html, type Site, topicsText } from "../look/site.ts";
import { type Advice, isMisfit, type ProposedCommand } from "../model/advice.ts";
import type { Board } from "../model/board.ts";
import type { PageWords } from "../words/en.ts";
import { wordsFor } from "../words/words.ts";

/** Empty as long as records count. */
export function misfit(board: Board, site: Site, look: Look): Html {
  if (!isMisfit(board)) return html``;
  const { deadLetters, filtered, advice } = board;
  const words = wordsFor(look.locale);
  const outcome =
    filtered === 0n
      ? words.misfitRejected
      : deadLetters === 0n
        ? words.misfitFiltered
        : words.misfitBoth;
  const topics = topicsText(site, ({ inputTopic }) => inputTopic);
  return html`<section class="notice misfit" aria-labelledby="misfit-title">
    <h2 id="misfit-title">${words.misfitTitle(html`<code translate="no">${topics}</code>`)}</h2>
    <p>${outcome}${advice ? reasonOf(advice, look) : ""}</p>
    ${advice ? whatToDo(advice, site, words) : html`<p>${words.looking}</p>`}
  </section>`;
}

/** The value received can be an amount. */
export function withoutReceived(reason: string): string {
  return reason.replace(/, received .*/s, "");
}

function reasonOf({ reason, looked }: Advice, { mask, locale }: Look): Html {
  if (!reason) return html``;
  const text = mask ? withoutReceived(reason.text) : reason.text;
  const quoted = html`<q lang="en">${text}</q>`;
  return html` ${wordsFor(locale).misfitReason(String(reason.records), String(looked), quoted)}`;
}

function whatToDo({ proposal, fits, looked }: Advice, site: Site, words: PageWords): Html {
  if (proposal) return proposed(proposal, looked, site, words);
  if (fits) return html`<p>${words.fits(String(looked), looked)}</p>`;
  return html`<p>${words.noMapping(html`<code>salesboard inspect</code>`)}</p>`;
}

function proposed(proposal: ProposedCommand, looked: number, site: Site, words: PageWords): Html {
  const { counted, filtered, deadLetters, sureness, commands } = proposal;
  const rest = [
    filtered > 0 ? words.mappingFilters(String(filtered)) : "",
    deadLetters > 0 ? words.mappingRejects(String(deadLetters)) : "",
  ].join("");
  const how = site.isEmbedded ? words.startAgain : words.stopAll;
  const isOne = looked === 1 && counted === 1;
  const what = isOne
    ? words.mappingCountsOne
    : words.mappingCounts(String(counted), String(looked), rest);
  return html`<p>${what}
      ${words.trust[sureness]}</p>
    <p id="misfit-how">${how}</p>
    <pre tabindex="0" translate="no" aria-labelledby="misfit-how"><code>${withBreaks(commands.join("\n"))}</code></pre>`;
}

/** Line ends by their number, because frames lose those between tags. */
function withBreaks(text: string): Html {
  return raw(String(html`${text}`).replaceAll("\n", "&#10;"));
}
