/** Downloads: everything that a page shows, as files, with every digit. */

import { dayText } from "../../domain/day.ts";
import { formatAmount, formatQuantity } from "../../domain/money.ts";
import type { Sums } from "../../domain/sums.ts";
import type { DownloadFormat } from "../fragments/download-links.ts";
import { entryJson, sumsJson } from "../fragments/fragments.ts";
import type { Scene } from "../fragments/scene.ts";
import type { Look } from "../look/look.ts";
import type { Board } from "../model/board.ts";
import { isIncomplete, rangeOf } from "../model/days/days.ts";
import type { Graph } from "../model/graph.ts";
import type { Row } from "../model/rows.ts";
import { type Letter, letterOf } from "../records/dead-letters.ts";
import type { StoredRecord } from "../records/records.ts";
import { type Cell, csvLines, encodeCsv } from "./csv.ts";

const types: Readonly<Record<DownloadFormat, string>> = {
  csv: "text/csv; charset=utf-8",
  json: "application/json; charset=utf-8",
  ndjson: "application/x-ndjson; charset=utf-8",
};

const encoder = new TextEncoder();

export interface Download {
  readonly name: string;
  readonly type: string;
  readonly body: string | ReadableStream<Uint8Array>;
}

/** The answer of `/api/totals`. Prices are null if amounts are masked. */
export function totalsJson(
  { site, board }: Pick<Scene, "site" | "board">,
  { mask: isMasked, by }: Pick<Look, "mask" | "by">,
): string {
  const { rows, total, filtered, deadLetters, asOf, isComplete } = board;
  // Until the totals are read, a time would call the zeros below the totals of that time.
  const iso = asOf === undefined || !isComplete ? null : asOf.date.toISOString();
  return (
    `{"asOf":${JSON.stringify(iso)},"currency":${JSON.stringify(site.currency)},` +
    `${by === undefined ? "" : `"by":${JSON.stringify(by)},`}` +
    `${targetJson(site, isMasked)}${periodJson(board)}` +
    `"products":[${rows.map((row) => entryJson(row, isMasked)).join(",")}],` +
    `"total":{${sumsJson(total, isMasked)}},"filtered":${filtered},"deadLetters":${deadLetters}}`
  );
}

function targetJson({ target }: Scene["site"], isMasked: boolean): string {
  if (target === undefined) return "";
  return `"dayTarget":${isMasked ? null : `"${formatAmount(target)}"`},`;
}

/** The days of a period as fields, each followed by a comma; empty for all time. */
function periodJson({ period, days }: Board): string {
  if (period === "all" || !days) return "";
  const { first, last } = rangeOf(period, days.today);
  const of = { period, from: dayText(first), to: dayText(last), timeZone: days.zone };
  const fields = JSON.stringify({ ...of, isComplete: !isIncomplete(period, days) });
  return `${fields.slice(1, -1)},`;
}

/** Of totals, and of slots of history. */
const FIGURE_COLUMNS = ["totalQuantity", "totalPrice", "sales", "returns"] as const;

/** The products of a list, or the values of a dimension, in its order. */
export function totalsFile(
  format: DownloadFormat,
  board: Pick<Board, "period" | "days">,
  rows: readonly Row[],
  by?: string,
): Download {
  const ofBoard = by === undefined ? "" : `-by-${by}`;
  const [name, type] = [`totals${ofBoard}${daysIn(board)}.${format}`, types[format]];
  if (format !== "csv") {
    const entries = rows.map((row) => entryJson(row));
    return { name, type, body: [...jsonParts(format, entries)].join("") };
  }
  const cells = rows.map((row): Cell[] => [{ text: row.product }, ...figures(row)]);
  const head = [by ?? "product", ...FIGURE_COLUMNS];
  return { name, type, body: encodeCsv(head, cells) };
}

/** The days of a period as part of a file name. */
function daysIn({ period, days }: Pick<Board, "period" | "days">): string {
  if (period === "all" || !days) return "";
  const { first, last } = rangeOf(period, days.today);
  return first === last ? `-${dayText(last)}` : `-${dayText(first)}-to-${dayText(last)}`;
}

const LETTER_COLUMNS = [
  ...(["timestamp", "reason", "sourceTopic", "sourcePartition", "sourceOffset"] as const),
  ...(["key", "keyBase64", "value", "valueBase64", "headers", "partition", "offset"] as const),
  // Last, because the others were there before it.
  "topic" as const,
];

/**
 * Dead letters with every byte. In CSV only, some texts have a leading apostrophe, and missing
 * values look like empty ones. `topic`: the dead-letter topic, where a record does not say.
 */
export function lettersFile(
  format: DownloadFormat,
  records: readonly StoredRecord[],
  topic: string,
): Download {
  const letters = Iterator.from(records).map((record) => letterOf(record, topic));
  const parts = format === "csv" ? lettersCsv(letters) : jsonParts(format, lettersJson(letters));
  return { name: `dead-letters.${format}`, type: types[format], body: inParts(parts) };
}

function lettersCsv(letters: Iterable<Letter>): Iterable<string> {
  const rows = Iterator.from(letters).map((letter) => {
    return LETTER_COLUMNS.map((column): Cell => {
      const value = letter[column] ?? "";
      if (typeof value === "number") return { digits: String(value) };
      return { text: typeof value === "string" ? value : JSON.stringify(value) };
    });
  });
  return csvLines(LETTER_COLUMNS, rows);
}

function* lettersJson(letters: Iterable<Letter>): Generator<string> {
  for (const letter of letters) yield JSON.stringify(letter);
}

/** The sales of each slot in the look's window, for the picked products or for all. */
export function historyCsv(graph: Graph, look: Look): Download {
  const picked = new Set(look.product);
  const rows = [...graph.rows(look)].filter(({ product }) => {
    return picked.size === 0 || (product !== undefined && picked.has(product));
  });
  const cells = rows.map(({ start, product, sums }): Cell[] => [
    { digits: new Date(start * 1000).toISOString() },
    { text: product ?? "" },
    ...figures(sums),
  ]);
  return {
    name: `history-${look.window}.csv`,
    type: types.csv,
    body: encodeCsv(["from", "product", ...FIGURE_COLUMNS], cells),
  };
}

/**
 * The answer of `/api/history`: figures slot by slot from `start`, epoch seconds. `state`: of the
 * totals. Sales that they lack, history lacks too.
 */
export function historyJson(graph: Graph, look: Look, state: Board["state"]): string {
  const { start, step, all, rest, products } = graph.series(look);
  const each = products.map(
    ({ product, sums }) => `{"product":${JSON.stringify(product)},${columns(sums)}}`,
  );
  const isCurrent = graph.isCurrent() && state === "live";
  return (
    `{"window":"${look.window}","isCurrent":${isCurrent},"start":${start},"step":${step},` +
    `"all":{${columns(all)}},` +
    `"products":[${each.join(",")}],"rest":{${columns(rest)}}}`
  );
}

function columns(sums: readonly Sums[]): string {
  const quantities = sums.map(({ quantity }) => formatQuantity(quantity)).join(",");
  const prices = sums.map(({ revenue }) => `"${formatAmount(revenue)}"`).join(",");
  const sales = sums.map((each) => each.sales).join(",");
  const returns = sums.map((each) => each.returns).join(",");
  return (
    `"totalQuantity":[${quantities}],"totalPrice":[${prices}],"sales":[${sales}],` +
    `"returns":[${returns}]`
  );
}

function figures({ quantity, revenue, sales, returns }: Sums): Cell[] {
  return [
    { digits: formatQuantity(quantity) },
    { digits: formatAmount(revenue) },
    { digits: String(sales) },
    { digits: String(returns) },
  ];
}

/** A JSON array, or one line per entry. */
function* jsonParts(format: "json" | "ndjson", entries: Iterable<string>): Generator<string> {
  if (format === "json") yield "[";
  let isFirst = true;
  for (const entry of entries) {
    if (format === "ndjson") yield `${entry}\n`;
    else yield isFirst ? entry : `,${entry}`;
    isFirst = false;
  }
  if (format === "json") yield "]\n";
}

/** Encodes parts as the client reads them: all can be many times the 32 MB of the records. */
function inParts(parts: Iterable<string>): ReadableStream<Uint8Array> {
  const iterator = parts[Symbol.iterator]();
  return new ReadableStream(
    {
      pull: (controller) => {
        const { done, value } = iterator.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
    },
    { highWaterMark: 0 },
  );
}
