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

/** Reasons that are listed. The others are only counted. */
const REASONS_MAX = 10;
/** Bytes of a reason that are compared and shown: mappings name rule and place at its start. */
const REASON_BYTES_MAX = 512;

export interface LetterReason {
  /** That of the newest letter. */
  readonly text: string;
  readonly letters: number;
  /** The newest letter. */
  readonly example: StoredRecord;
  /** Epoch milliseconds of the records; undefined = none has a time. */
  readonly first: number | undefined;
  readonly last: number | undefined;
}

/** The commonest first. `records`: the newest first. */
export function letterReasons(records: readonly StoredRecord[]): LetterReason[] {
  const byKey = new Map<string, LetterReason>();
  for (const record of records) {
    const header = headerOf(record, "error");
    const text = header ? excerpt(header, REASON_BYTES_MAX) : "no reason is given";
    const key = reasonKey(text);
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
export function rowIdOf({ partition, offset }: StoredRecord): string {
  return `letter-${partition}-${offset}`;
}

export function reasonsTable(
  reasons: readonly LetterReason[],
  of: Pick<Latest<StoredRecord>, "records" | "isAll"> & { look: Look; format: Formatter },
): Html {
  const { records, isAll, look, format } = of;
  if (records.length === 0) return html``;
  const count = format.count(records.length);
  const among = isAll
    ? records.length === 1
      ? "of the only rejected record"
      : `of all ${count} rejected records`
    : `of the latest ${count} rejected records`;
  const rest = reasons.slice(REASONS_MAX);
  const others = rest.reduce((sum, { letters }) => sum + letters, 0);
  return html`<h2 id="reasons">Reasons <small>${among}</small></h2>
    <div class="scroll wide" tabindex="0" role="region" aria-labelledby="reasons"><table class="raw">
      <thead><tr><th scope="col">Records</th><th scope="col">Reason</th>
        <th scope="col">First</th><th scope="col">Last</th><th scope="col">Example</th></tr></thead>
      <tbody>${reasons.slice(0, REASONS_MAX).map((reason) => line(reason, look, format))}
        ${rest.length > 0 ? html`<tr><td>${format.count(others)}</td><td class="reason">${format.count(rest.length)} other reasons</td><td></td><td></td><td></td></tr>` : ""}</tbody>
    </table></div>
    <h2 id="each">Records</h2>`;
}

function line(
  { text, letters, example, first, last }: LetterReason,
  look: Look,
  format: Formatter,
) {
  const time = (at: number | undefined) =>
    at === undefined ? "" : timeOf(new Date(at), { zone: look.tz });
  return html`<tr><td>${format.count(letters)}</td>
    <td class="reason">${look.mask ? withoutReceived(text) : text}</td>
    <td>${time(first)}</td><td>${time(last)}</td>
    <td><a class="example" href="#${rowIdOf(example)}">the latest</a></td></tr>`;
}
