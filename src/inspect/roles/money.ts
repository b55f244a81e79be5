/** Which column is the money, and whether of one unit or of the whole line: by arithmetic first. */

import type { DecodedValue } from "../../mapping/model/value.ts";
import {
  differInTax,
  isMoneyLike,
  isOff,
  isOfOrder,
  isOtherMoney,
  kindByName,
} from "../names/money-words.ts";
import { leafWords, means } from "../names/words.ts";
import {
  agree,
  isProduct,
  type NumberColumn,
  netOf,
  numbersOf,
  ratioIsConstant,
  times,
} from "../sample/numbers.ts";
import type { FieldColumn, LineTable } from "../sample/table.ts";
import { partsOf } from "../sample/walk.ts";
import { isPackedDecimal, packedScale, scaleBeside, scaleOf } from "./scale.ts";
import { type Sureness, weakest } from "./sureness.ts";

export interface MoneyRole {
  readonly rule: string;
  readonly sureness: Sureness;
  readonly because: string;
  readonly column: FieldColumn | undefined;
  readonly negatives: number;
}

type MoneyKind = ReturnType<typeof kindByName>;

interface MoneyCandidate {
  readonly numbers: NumberColumn;
  readonly kind: MoneyKind;
  readonly score: number;
  readonly isProven: boolean;
  readonly because: string;
}

interface KnownRoles {
  readonly table: LineTable;
  readonly quantity: NumberColumn | undefined;
  readonly product: FieldColumn | undefined;
}

export function findMoney(known: KnownRoles): MoneyRole | undefined {
  const { table, quantity } = known;
  const split = splitMoney(table);
  if (split) return split;
  const all = table.columns
    .filter((column) => column !== quantity?.column && isMoneyLike(column.words))
    .flatMap((column) => numbersOf(column) ?? []);
  const candidates = all
    .filter(({ column }) => !isOtherMoney(column.words))
    .map((numbers) => candidate(numbers, all, known))
    .sort((a, b) => b.score - a.score);
  const [best] = candidates;
  if (!best) return packedMoney(table);
  const rival = candidates.find((one) => one !== best && contradicts(one, best, quantity));
  // Net and gross side by side: no arithmetic says which of them the reader wants.
  const isOtherTax =
    rival && !best.isProven && differInTax(rival.numbers.column.words, best.numbers.column.words);
  const less = best.kind === "unit" && !best.isProven ? discountBeside(table) : undefined;
  const scale = scaleOf(best.numbers, table);
  const { name, words } = best.numbers.column;
  const isPlain = means(words, "unit") && means(words, "price");
  const isNamed = means(words, "unit") || means(words, "price") || means(words, "total");
  const isSure = best.isProven || (isPlain && best.kind === "unit");
  const byName: Sureness = isSure ? "sure" : isNamed ? "likely" : "guess";
  const isFine = best.numbers.tooFine * 3 > best.numbers.column.present;
  const sureness = weakest([
    byName,
    scale.sureness,
    rival ? "likely" : "sure",
    isOtherTax || less || isFine ? "guess" : "sure",
  ]);
  const kind = best.kind === "unit" && quantity ? "price" : kindWithout(best, quantity);
  return {
    rule: `${kind}: ${name}${scale.divisor}${isFine ? " round 2" : ""}`,
    sureness,
    because: [
      best.because,
      scale.because,
      rival ? `${rival.numbers.column.name} says another amount in some lines` : "",
      isOtherTax ? "one of them may have a tax in it" : "",
      less ? `${less.name} is not taken off` : "",
      isFine ? "a float's residue is rounded away" : "",
    ]
      .filter((text) => text !== "")
      .join("; "),
    column: best.numbers.column,
    negatives: best.numbers.negatives,
  };
}

/** Without a quantity both mean the same; the name decides. */
function kindWithout(best: MoneyCandidate, quantity: NumberColumn | undefined): "price" | "amount" {
  const { words } = best.numbers.column;
  return !quantity && kindByName(words) === "unit" ? "price" : "amount";
}

function candidate(
  numbers: NumberColumn,
  all: readonly NumberColumn[],
  { table, quantity, product }: KnownRoles,
): MoneyCandidate {
  const { column } = numbers;
  const share = column.present / Math.max(1, table.rows.length);
  const isTotalName = means(column.words, "total");
  const isFinal = !column.words.some((word) => /^(sub|subtotal|gross|brutto|original)$/.test(word));
  const named = kindByName(column.words);
  const fine = numbers.tooFine > 0 ? -100 : 0;
  const isOrders =
    isOfOrder(column.words) &&
    all.some(
      (other) => !isOfOrder(other.column.words) && kindByName(other.column.words) === "unit",
    );
  const base =
    share * 20 + (isFinal ? 3 : 0) - column.steps.length / 10 + fine - (isOrders ? 70 : 0);
  const made = (kind: MoneyKind, score: number, isProven: boolean, because: string) => ({
    numbers,
    kind,
    score: base + score,
    isProven,
    because,
  });
  const { name } = column;
  if (!quantity) return made(named, isTotalName ? 5 : 4, false, `${name} is named like money`);
  const sums = table.lines ? sumsOfLines(numbers, quantity, table) : undefined;
  if (sums?.kind === "total") {
    return made("total", 106, true, `the lines' ${name} add up to ${sums.name}`);
  }
  const net = named === "total" ? netOf(numbers, all, { table, quantity }) : undefined;
  if (net) return made("total", 110, true, net);
  const part = all.find((other) => other !== numbers && isProduct(numbers, other, quantity));
  if (part) {
    const because = `${name} is quantity × ${part.column.name} in every line`;
    return made("total", 105, true, because);
  }
  if (sums) return made("unit", 100, true, `quantity × ${name} adds up to ${sums.name}`);
  const whole = all.find((other) => other !== numbers && isProduct(other, numbers, quantity));
  if (whole) return made("unit", 50, true, `quantity × ${name} is ${whole.column.name}`);
  const ratio = product && ratioIsConstant(numbers, quantity, product);
  if (ratio === "unit") {
    return made("unit", 40, named === "unit", `${name} of a product is the same at any quantity`);
  }
  if (ratio === "total") {
    // Beside a price that it is not the product of, a total has a discount or a tax in it.
    const score = named === "total" ? 62 : 40;
    return made("total", score, true, `${name} of a product grows with the quantity`);
  }
  const because = `${name} is named like ${named === "unit" ? "a unit price" : "a line's total"}`;
  // A total that is not quantity × price is what was paid after a discount.
  return made(named, named === "total" ? 60 : 10, false, because);
}

function contradicts(
  one: MoneyCandidate,
  best: MoneyCandidate,
  quantity: NumberColumn | undefined,
): boolean {
  return best.numbers.micros.some((_, i) => {
    const [a, b] = [lineAmount(one, quantity, i), lineAmount(best, quantity, i)];
    return a !== undefined && b !== undefined && !agree(a, b);
  });
}

function lineAmount(of: MoneyCandidate, quantity: NumberColumn | undefined, row: number) {
  const money = of.numbers.micros[row];
  if (of.kind === "total" || !quantity || money === undefined) return money;
  const units = quantity.micros[row];
  return units === undefined ? undefined : times(units, money);
}

interface ConfirmedSum {
  readonly kind: MoneyKind;
  /** The field of the order that confirms it. */
  readonly name: string;
}

/** Whether an object around the lines has the sum of their money, with or without quantities. */
function sumsOfLines(
  money: NumberColumn,
  quantity: NumberColumn,
  table: LineTable,
): ConfirmedSum | undefined {
  const groups = new Map<DecodedValue, { unit: bigint; total: bigint } | undefined>();
  for (const [i, { around }] of table.rows.entries()) {
    const [m, q] = [money.micros[i], quantity.micros[i]];
    for (const object of around) {
      const sums = groups.has(object) ? groups.get(object) : { unit: 0n, total: 0n };
      const isWhole = sums && m !== undefined && q !== undefined;
      groups.set(
        object,
        isWhole ? { unit: sums.unit + times(q, m), total: sums.total + m } : undefined,
      );
    }
  }
  const found = new Map<string, { unit: number; total: number; neither: number }>();
  for (const [object, sums] of groups) {
    if (!sums || agree(sums.unit, sums.total)) continue;
    for (const { name, value } of totalsOf(object)) {
      const tally = found.get(name) ?? { unit: 0, total: 0, neither: 0 };
      found.set(name, tally);
      if (agree(value, sums.unit)) tally.unit++;
      else if (agree(value, sums.total)) tally.total++;
      else tally.neither++;
    }
  }
  for (const [name, { unit, total, neither }] of found) {
    const most = Math.max(unit, total);
    if (most > 0 && Math.min(unit, total) === 0 && neither * 4 <= most) {
      return { kind: unit > 0 ? "unit" : "total", name };
    }
  }
  return undefined;
}

/** A field of the order, around its lines, that is named like its total. */
export function totalAround({ rows: [row] }: LineTable): string | undefined {
  return row?.around.flatMap(totalsOf)[0]?.name;
}

function totalsOf(object: DecodedValue): { name: string; value: bigint }[] {
  return partsOf(object, { entersArrays: false }).flatMap(({ steps, value }) => {
    const words = leafWords(steps);
    if (!isMoneyLike(words)) return [];
    const name = words.join(" ");
    const numbers = numbersOf({ steps, name, words, values: [value], present: 1 });
    const [micros] = numbers?.micros ?? [];
    return micros === undefined ? [] : [{ name: `the order's ${name}`, value: micros }];
  });
}

/** A discount that is not 0 somewhere. */
function discountBeside(table: LineTable): FieldColumn | undefined {
  return table.columns.find(
    (column) =>
      isOff(column.words) &&
      numbersOf(column)?.micros.some((size) => size !== undefined && size !== 0n),
  );
}

/** Money as whole units and billionths, as in Google's type. */
function splitMoney(table: LineTable): MoneyRole | undefined {
  const found = table.columns.filter(({ name }) => /(^|\.)nanos$/.test(name));
  const nanos = found.find(({ words }) => means(words, "price")) ?? found[0];
  const units = table.columns.find(({ name }) => name === nanos?.name.replace(/nanos$/, "units"));
  if (!nanos || !units) return undefined;
  const { words } = nanos;
  const kind = means(words, "total") && !means(words, "price") ? "amount" : "price";
  return {
    rule: `${kind}: ${units.name} + ${nanos.name} / 10^9`,
    sureness: "likely",
    because: `${units.name} and ${nanos.name} are units and billionths`,
    column: units,
    negatives: numbersOf(units)?.negatives ?? 0,
  };
}

function packedMoney(table: LineTable): MoneyRole | undefined {
  const column = table.columns.find(
    (one) => isMoneyLike(one.words) && !isOtherMoney(one.words) && isPackedDecimal(one),
  );
  if (!column) return undefined;
  const roots = table.rows.map(({ of }) => of.root);
  const kind = kindByName(column.words) === "unit" ? "price" : "amount";
  const packed = `${column.name} is a decimal as base64`;
  const beside = scaleBeside(column, table);
  if (beside) {
    const rule = `${kind}: ${column.name} decimal 0 / 10^${beside.name}`;
    const because = `${packed}, and ${beside.name} tells where its point is`;
    return { rule, sureness: "likely", because, column, negatives: 0 };
  }
  const scale = packedScale(column, roots);
  return {
    rule: `${kind}: ${column.name} decimal ${scale ?? 2}`,
    sureness: scale === undefined ? "guess" : "likely",
    because:
      scale === undefined
        ? `${packed}; that it has 2 decimals is a guess`
        : `${packed}, with ${scale} decimals by the schema`,
    column,
    negatives: 0,
  };
}
