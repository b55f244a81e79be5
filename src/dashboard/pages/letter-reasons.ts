/** The commonest reasons among the rejected records that were read. */

import { html } from "hono/html";
import { reasonKey } from "../../mapping/model/reason.ts";
import { timeOf } from "../fragments/fragments.ts";
import { withoutReceived } from "../fragments/misfit.ts";
import type { Formatter } from "../look/format.ts";
import type { Look } from "../look/look.ts";
import type { Html } from "../look/site.ts";
import { headerOf } from "../records/dead-letters.ts";
import { excerpt } from "../records/raw.ts";
import { dateOf, type Latest, type StoredRecord } from "../records/records.ts";
import { wordsFor } from "../words/words.ts";

/** Reasons that are listed. The others are only counted. */
const REASONS_MAX = 10;
/** Bytes of a reason that are compared and shown: mappings name rule and place at its start. */
const REASON_BYTES_MAX = 512;

export interface LetterReason {
  /** That of the newest letter; undefined = it names none. */
  readonly text: string | undefined;
  readonly letters: number;
  /** The newest letter. */
  readonly example: StoredRecord;
  /** Epoch milliseconds of the records; undefined = none has a time. */
  readonly first: number | undefined;
  readonly last: number | undefined;
}

/** The commonest first. `records`: the newest first. */
export function letterReasons(records: readonly StoredRecord[]): LetterReason[] {
  const byKey = new Map<string | undefined, LetterReason>();
  for (const record of records) {
    const header = headerOf(record, "error");
    const text = header ? excerpt(header, REASON_BYTES_MAX) : undefined;
    const key = text === undefined ? undefined : reasonKey(text);
    const time = dateOf(record.timestamp)?.getTime();
    const group = byKey.get(key) ?? {
      text,
      letters: 0,
      example: record,
      first: time,
      last: time,
    };
    byKey.set(key, {
      ...group,
      letters: group.letters + 1,
      first: extreme([group.first, time], Math.min),
      last: extreme([group.last, time], Math.max),
    });
  }
  return [...byKey.values()].sort((a, b) => b.letters - a.letters);
}

function extreme(
  times: readonly (number | undefined)[],
  choose: (...times: number[]) => number,
): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : choose(...known);
}

/** The letters that the list refers to. */
export function examplesOf(reasons: readonly LetterReason[]): StoredRecord[] {
  return reasons.slice(0, REASONS_MAX).map(({ example }) => example);
}

/** The `id` of a letter's row. */
export function rowIdOf({ topic, partition, offset }: StoredRecord): string {
  return `letter-${topic === undefined ? "" : `${topic}-`}${partition}-${offset}`;
}

export function reasonsTable(
  reasons: readonly LetterReason[],
  of: Pick<Latest<StoredRecord>, "records" | "isAll"> & { look: Look; format: Formatter },
): Html {
  const { records, isAll, look, format } = of;
  if (records.length === 0) return html``;
  const count = format.count(records.length);
  const words = wordsFor(look.locale);
  const among = (isAll ? words.ofAll : words.ofLatest)(count, records.length);
  const rest = reasons.slice(REASONS_MAX);
  const others = rest.reduce((sum, { letters }) => sum + letters, 0);
  const heads = ["records", "reason", "first", "last", "example"] as const;
  const more = () => html`<tr><td>${format.count(others)}</td>
    <td class="reason">${words.otherReasons(format.count(rest.length), rest.length)}</td>
    <td></td><td></td><td></td></tr>`;
  return html`<h2 id="reasons">${words.reasons} <small>${among}</small></h2>
    <div class="scroll wide" tabindex="0" role="region" aria-labelledby="reasons"><table class="raw">
      <thead><tr>${heads.map((name) => html`<th scope="col">${words[name]}</th>`)}</tr></thead>
      <tbody>${reasons.slice(0, REASONS_MAX).map((reason) => line(reason, look, format))}
        ${rest.length > 0 ? more() : ""}</tbody>
    </table></div>
    <h2 id="each">${words.records}</h2>`;
}

function line(
  { text, letters, example, first, last }: LetterReason,
  look: Look,
  format: Formatter,
) {
  const time = (at: number | undefined) =>
    at === undefined ? "" : timeOf(new Date(at), { zone: look.tz });
  const words = wordsFor(look.locale);
  const reason =
    text === undefined
      ? html`<td class="reason">${words.noReason}</td>`
      : html`<td class="reason" lang="en">${look.mask ? withoutReceived(text) : text}</td>`;
  return html`<tr><td>${format.count(letters)}</td>
    ${reason}
    <td>${time(first)}</td><td>${time(last)}</td>
    <td><a class="example" href="#${rowIdOf(example)}">${words.theLatest}</a></td></tr>`;
}
