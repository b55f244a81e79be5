/** The same sale that comes more than once is counted more than once. */

import { NumberSource } from "../../domain/money.ts";
import { scalarText } from "../../mapping/plan/choices.ts";
import { asideNames, orderId } from "../names/order-words.ts";
import { means } from "../names/words.ts";
import type { LineChoice } from "../roles/lines.ts";
import type { FieldColumn } from "../sample/table.ts";
import { partsOf } from "../sample/walk.ts";
import { isTime } from "./context.ts";
import type { Doubt, Surroundings } from "./doubt.ts";

/** Records that are compared with each other. */
const COMPARED_MAX = 2_000;

export function findRepeats(choice: LineChoice, around: Surroundings): readonly Doubt[] {
  // A refund has the number of its order.
  if (around.rules.some(({ rule }) => rule.startsWith("minus:"))) return [];
  const twice = around.records.find((column) => comesTwice(column, choice, around));
  const text = (name: string) => `the same ${name} comes more than once: counted each time`;
  if (twice) return [{ sureness: "guess", text: text(twice.name) }];
  const same = sameRecord(around);
  if (same) return [{ sureness: same, text: text("record") }];
  const number = choice.table.lines && around.records.find((one) => mayBeOrders(one, around));
  if (number) return [{ sureness: "likely", text: text(number.name) }];
  const { records, counts } = around;
  const version = records.find(
    ({ words, values }) =>
      /^(version|revision)$/.test(words.join(" ")) &&
      values.some((value, row) => counts(row) && Number(scalarText(value)) > 1),
  );
  if (!version) return [];
  return [{ sureness: "likely", text: `${version.name}: an order may come once for each` }];
}

const notOfRow = /^(event|message|request|trace|version|payment|attempt|retry|shipment)$/;

/** The number of an order. */
function comesTwice(
  column: FieldColumn,
  { table, product }: LineChoice,
  { records, counts }: Surroundings,
): boolean {
  const { words, values } = column;
  if (!orderId.test(words.join(" "))) return false;
  // Rows of one order have its number in common: its product, and ids of rows, tell them apart.
  const apart = records.filter(
    (one) =>
      product?.columns.some((other) => other.words === one.words) ||
      (/^(id|no|nr|number|line|position|index)$/.test(one.words.at(-1) ?? "") &&
        !one.words.some((word) => notOfRow.test(word))),
  );
  const isOwn = words.length === 1 || table.lines !== undefined;
  const of = isOwn ? [column] : [...new Set([column, ...apart])];
  const seen = new Set<string>();
  return values.some((value, row) => {
    if (value === undefined || !counts(row)) return false;
    const key = JSON.stringify(of.map((one) => scalarText(one.values[row]) ?? null));
    return seen.size === seen.add(key).size;
  });
}

/** Whole records that are alike, where a time or a number should tell them apart. */
function sameRecord({ roots, records, counts }: Surroundings): "guess" | "likely" | undefined {
  const isNumbered = records.some(({ words }) => isNumber(words));
  if (!isNumbered && !records.some(isTime)) return undefined;
  const seen = new Set<string>();
  const isTwice = roots.slice(0, COMPARED_MAX).some(({ root }, row) => {
    if (!counts(row)) return false;
    const parts = partsOf(root, { entersArrays: true }).map(({ value }) =>
      value instanceof NumberSource ? value.text : value,
    );
    return seen.size === seen.add(JSON.stringify(parts)).size;
  });
  if (!isTwice) return undefined;
  return isNumbered ? "guess" : "likely";
}

/** A field that numbers something unknown, beside lines: `docno`. */
function mayBeOrders({ words, values }: FieldColumn, { counts }: Surroundings): boolean {
  const isOther =
    means(words, "notProduct") ||
    means(words, "product") ||
    words.some((one) => asideNames.has(one));
  if (!isNumber(words) || isOther) return false;
  const texts = values.flatMap((value, row) => (counts(row) ? (scalarText(value) ?? []) : []));
  const distinct = new Set(texts).size;
  // All records of a shop have its number.
  return distinct < texts.length && (distinct > 1 || texts.length === 2);
}

function isNumber(words: readonly string[]): boolean {
  return /^(\p{L}{2,})?(id|no|nr|num|number|ref|uuid|guid)$/u.test(words.at(-1) ?? "");
}
