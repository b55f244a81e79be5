/** The page of rejected records, which are the dead letters: their reasons and sources. */

import { html } from "hono/html";
import type { RecordHeader } from "../../kafka/kafka.ts";
import { downloadLinks, exportMenu } from "../fragments/download-links.ts";
import { timeOf } from "../fragments/fragments.ts";
import { withoutReceived } from "../fragments/misfit.ts";
import { formatFor } from "../look/format.ts";
import { queryOf } from "../look/look.ts";
import { type Html, topicsText } from "../look/site.ts";
import { headerOf, LETTERS_MAX } from "../records/dead-letters.ts";
import { excerpt } from "../records/raw.ts";
import { dateOf, type Latest, type StoredRecord } from "../records/records.ts";
import type { PageWords } from "../words/en.ts";
import { wordsFor } from "../words/words.ts";
import { layout, type Page } from "./layout.ts";
import { examplesOf, letterReasons, reasonsTable, rowIdOf } from "./letter-reasons.ts";

/** Without scripts each refresh of the page reads from Kafka. */
const REFRESH_SECONDS = 30;
/** Headers shown of a letter, and bytes of each name and value, because senders choose them. */
const HEADERS_MAX = 10;
const HEADER_BYTES_MAX = 256;
/** Headers that the aggregator added. They have columns of their own. */
const ADDED = /^(error|source\.(topic|partition|offset))$/;

const columns = ["time", "reason", "origin", "key", "value"] as const;

/** Shows the latest letters, an example of each common reason, and the reasons of all. */
export function lettersPage(page: Page, { records, isAll, at }: Latest<StoredRecord>): Html {
  const { site, look } = page;
  const format = formatFor(look.locale, site.currency);
  const words = wordsFor(look.locale);
  const reasons = letterReasons(records);
  const latest = records.slice(0, LETTERS_MAX);
  const examples = examplesOf(reasons).filter((example) => !latest.includes(example));
  const older = records.filter((record) => examples.includes(record));
  const isWhole = isAll && latest.length === records.length;
  const count = format.count(latest.length);
  const topic = html`<code>${topicsText(site, ({ deadLetterTopic }) => deadLetterTopic)}</code>`;
  const again = `${site.base}/rejected${queryOf(look, { view: undefined })}`;
  const content = html`<section class="panel" aria-labelledby="letters">
    <h1 id="letters">${words.rejected} <small>${isWhole ? words.rejectedAll(count, topic) : words.rejectedLatest(count, topic)}${
      older.length > 0 ? words.olderExamples : ""
    }${words.asOf(timeOf(new Date(at), { zone: look.tz }))}</small></h1>
    <div class="choices controls"><a class="button" href="${again}">${words.refresh}</a>
      <span class="actions">${exportMenu(look, downloadLinks(site, "dead-letters"))}</span></div>
    ${reasonsTable(reasons, { records, isAll, look, format })}
    <div class="scroll wide" tabindex="0" role="region" aria-labelledby="letters"><table class="raw">
      <thead><tr>${columns.map((name) => html`<th scope="col">${words[name]}</th>`)}</tr></thead>
      <tbody>${records.length === 0 ? nothing(isAll, words) : [...latest, ...older].map((record) => letter(record, look))}</tbody>
    </table></div>
  </section>`;
  return layout(page, {
    title: words.rejected,
    view: "letters",
    refreshSeconds: REFRESH_SECONDS,
    content,
  });
}

function nothing(isAll: boolean, words: PageWords): Html {
  if (!isAll) {
    return html`<tr class="empty"><td colspan="${columns.length}">${words.noneAmongLatest}</td></tr>`;
  }
  return html`<tr class="empty"><td colspan="${columns.length}"><strong>${words.nothingRejected}</strong>
    <p>${words.notKept}</p></td></tr>`;
}

function letter(record: StoredRecord, { tz, mask, locale }: Page["look"]): Html {
  const words = wordsFor(locale);
  const { key, value } = record;
  const date = dateOf(record.timestamp);
  const header = (name: string) => {
    const found = headerOf(record, name);
    return found ? excerpt(found) : "?";
  };
  const source = words.place(
    header("source.topic"),
    header("source.partition"),
    header("source.offset"),
  );
  const reason = mask ? withoutReceived(header("error")) : header("error");
  const others = mask ? [] : record.headers.filter(({ name }) => !ADDED.test(name));
  return html`<tr id="${rowIdOf(record)}">
    <td>${date ? timeOf(date, { zone: tz }) : ""}</td>
    <td class="reason" lang="en">${reason}</td><td>${source}</td>
    <td><code>${key === null ? "" : excerpt(key)}</code></td>
    <td><code>${mask ? "•••" : excerpt(value)}</code>
      ${others.slice(0, HEADERS_MAX).map(headerLine)}
      ${more(others.length - HEADERS_MAX, words)}</td></tr>`;
}

function headerLine({ name, value }: RecordHeader): Html {
  const shown = excerpt(Buffer.from(name), HEADER_BYTES_MAX);
  return html`<code>${shown}: ${excerpt(value, HEADER_BYTES_MAX)}</code>`;
}

function more(headers: number, { moreHeaders }: PageWords): Html {
  return headers > 0 ? html`<code>${moreHeaders(String(headers), headers)}</code>` : html``;
}
