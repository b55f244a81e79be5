/** The page of dead letters: what could not be read as a sale, why, and where it came from. */

import { html } from "hono/html";
import { timeOf } from "./fragments.ts";
import { layout, type Page } from "./layout.ts";
import { visible } from "./raw.ts";
import type { RawRecord, Reading, Wish } from "./records.ts";
import type { Html } from "./site.ts";

const LETTERS_MAX = 100;

export function lettersWish(topic: string): Wish {
  // Each transaction that writes letters leaves a marker behind, which has an offset too.
  return { topic, depth: 4 * LETTERS_MAX, count: LETTERS_MAX, wants: () => true };
}

export function lettersPage(page: Page, { records, isCut }: Reading): Html {
  const { site, look } = page;
  const note = isCut
    ? html`<p class="hint">There was no time to read all of them: load the page again.</p>`
    : "";
  const content = html`<section class="panel" aria-labelledby="letters">
    <h1 id="letters">Dead letters <small>the latest ${LETTERS_MAX} of <code>${site.deadLetterTopic}</code></small></h1>
    ${note}
    <div class="scroll wide" tabindex="0" role="region" aria-labelledby="letters"><table class="raw">
      <thead><tr><th scope="col">Time</th><th scope="col">Reason</th><th scope="col">Source</th>
        <th scope="col">Key</th><th scope="col">Value</th></tr></thead>
      <tbody>${records.length === 0 ? nothing() : records.map((record) => letter(record, look))}</tbody>
    </table></div>
  </section>`;
  return layout(page, { title: "Dead letters", view: "letters", content });
}

function nothing(): Html {
  return html`<tr class="empty"><td colspan="5"><strong>No dead letters</strong>
    <p>Every record of the input was a sale, or the letters are gone by now.</p></td></tr>`;
}

function letter(record: RawRecord, { tz, mask }: Page["look"]): Html {
  const { key, value, valueBytes, timestamp } = record;
  const header = (name: string) => {
    const found = record.headers.findLast((each) => each.name === name);
    return found ? visible(found.value) : "?";
  };
  const source = `${header("source.topic")}, partition ${header("source.partition")}, offset ${header("source.offset")}`;
  return html`<tr>
    <td>${timestamp < 0 ? "" : timeOf(new Date(timestamp), { zone: tz })}</td>
    <td>${header("error")}</td><td>${source}</td>
    <td><code>${key === null ? "" : visible(key)}</code></td>
    <td><code>${mask ? "•••" : visible(value, valueBytes)}</code></td></tr>`;
}
