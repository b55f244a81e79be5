/** A mapping for csv by what stands in its columns, not by their names. All of it is a guess. */

import { parseTime } from "../../mapping/exact/time.ts";
import { utc } from "../../mapping/exact/zone.ts";
import { scalarText } from "../../mapping/plan/choices.ts";
import type { ProposedRule } from "../roles/sureness.ts";
import { numbersOf } from "../sample/numbers.ts";
import { type FieldColumn, type RootRow, recordTable } from "../sample/table.ts";
import { nameOf } from "../sample/walk.ts";

export function csvRules(roots: readonly RootRow[], columns: readonly string[]): ProposedRule[] {
  const table = recordTable(roots);
  const nameOfColumn = (key: string) => nameOf([{ kind: "key", key }]);
  const byName = columns.flatMap((key) =>
    table.columns.filter((column) => column.name === nameOfColumn(key)),
  );
  const time = byName.find(isTime);
  const rest = byName.filter((column) => column !== time);
  const numeric = rest.flatMap((column) => numbersOf(column) ?? []);
  const money = numeric.find(({ isWhole }) => !isWhole);
  const texts = rest.filter((column) => !numbersOf(column));
  const again = texts.filter((column) => distinct(column) < column.present);
  const [product] = [...again, ...texts.filter(hasNoDigits), ...texts];
  // The first column is an id where it is a number.
  const [first] = byName;
  const quantity = numeric.find(
    ({ isWhole, column }) => isWhole && column !== first && isSmall(column),
  );
  if (!money || !product) return [];
  const isMissing = quantity?.column.values.some((value) => value === undefined) ?? false;
  const isBack = (quantity?.negatives ?? 0) > 0 || money.negatives > 0;
  const guess = (rule: string, because: string): ProposedRule => ({
    rule,
    because,
    sureness: "guess",
  });
  return [
    guess(
      `product: ${product.name}`,
      again.length > 0 ? `${product.name} has texts that come again` : `${product.name} is a text`,
    ),
    ...(quantity
      ? [
          guess(
            `quantity: ${quantity.column.name}${isMissing ? " else 1" : ""}`,
            "its values are small whole numbers",
          ),
        ]
      : []),
    guess(`price: ${money.column.name}`, `${money.column.name} is the first with decimals`),
    ...(time ? [guess(`time: ${time.name}`, `${time.name} is a time`)] : []),
    ...(isBack ? [guess("returns: subtract", "some lines are negative: taken for returns")] : []),
  ];
}

function isTime({ values }: FieldColumn): boolean {
  const there = values.filter((value) => value !== undefined);
  return there.every(
    (value) =>
      /\d{4}-\d\d/.test(scalarText(value) ?? "") &&
      parseTime(value, { unit: undefined, zone: utc }) !== undefined,
  );
}

function distinct({ values }: FieldColumn): number {
  return new Set(values.map((value) => scalarText(value)).filter((text) => text !== undefined))
    .size;
}

/** Ids have digits. */
function hasNoDigits({ values }: FieldColumn): boolean {
  return values.every((value) => !/\d/.test(scalarText(value) ?? ""));
}

function isSmall({ values }: FieldColumn): boolean {
  return values.every(
    (value) => value === undefined || /^\s*-?\d{1,3}\s*$/.test(scalarText(value) ?? ""),
  );
}
