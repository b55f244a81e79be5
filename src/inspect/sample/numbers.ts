/** Columns as numbers. Evidence only: what is counted is read by the judge, from the digits. */

import { MICROS_PER_UNIT, NumberSource } from "../../domain/money.ts";
import { parseNumber, rounded, toMicros } from "../../mapping/exact/decimal.ts";
import { ScaledNumber } from "../../mapping/formats/logical.ts";
import type { DecodedValue } from "../../mapping/model/value.ts";
import { scalarText } from "../../mapping/plan/choices.ts";
import { isMoneyLike, isOff, isOtherMoney } from "../names/money-words.ts";
import type { FieldColumn, LineTable } from "./table.ts";

/** Half a cent: what rounding by a producer can make of a product. */
const TOLERANCE_MICROS = 5_000n;

export interface NumberColumn {
  readonly column: FieldColumn;
  /** In millionths, rounded; by row. */
  readonly micros: readonly (bigint | undefined)[];
  /** Values that have more than 6 decimals. */
  readonly tooFine: number;
  readonly negatives: number;
  readonly isWhole: boolean;
  /** Some are written with a point, be it `12.0`, or have one by their schema: no cents. */
  readonly hasPoint: boolean;
}

/** Columns are asked for their numbers again and again. */
const known = new WeakMap<FieldColumn, { readonly numbers: NumberColumn | undefined }>();

/** Undefined when less than half of the values are numbers. */
export function numbersOf(column: FieldColumn): NumberColumn | undefined {
  const found = known.get(column);
  if (found) return found.numbers;
  const numbers = readNumbers(column);
  known.set(column, { numbers });
  return numbers;
}

function readNumbers(column: FieldColumn): NumberColumn | undefined {
  let [numbers, tooFine, negatives, fractions, points] = [0, 0, 0, 0, 0];
  const micros = column.values.map((value) => {
    const number = value === undefined ? undefined : decimalOf(value);
    if (!number) return undefined;
    numbers++;
    const exact = toMicros(number);
    const size = exact ?? toMicros(rounded(number, 6)) ?? 0n;
    if (exact === undefined) tooFine++;
    if (size < 0n) negatives++;
    if (size % MICROS_PER_UNIT !== 0n) fractions++;
    const hasPlaces = value instanceof ScaledNumber && value.scale > 0;
    if (hasPlaces || scalarText(value)?.includes(".")) points++;
    return size;
  });
  if (numbers === 0 || numbers * 2 < column.present) return undefined;
  return { column, micros, tooFine, negatives, isWhole: fractions === 0, hasPoint: points > 0 };
}

function decimalOf(value: DecodedValue) {
  const text = value instanceof NumberSource ? value.text : value;
  if (typeof text !== "string" || text.trim() === "") return undefined;
  const number = parseNumber(text);
  return typeof number === "object" ? number : undefined;
}

export function agree(a: bigint, b: bigint): boolean {
  const difference = a - b;
  return difference <= TOLERANCE_MICROS && difference >= -TOLERANCE_MICROS;
}

export function times(a: bigint, b: bigint): bigint {
  return (a * b) / MICROS_PER_UNIT;
}

/** All rows agree, and some tell the total from the unit's money. */
export function isProduct(
  total: NumberColumn,
  unit: NumberColumn,
  quantity: NumberColumn,
): boolean {
  const { other, telling } = compareProducts(total, unit, quantity);
  return other === 0 && telling > 0;
}

/** Rows where `total` is `quantity` × `unit`, where it is not, and those that tell a difference. */
function compareProducts(
  total: NumberColumn,
  unit: NumberColumn,
  quantity: NumberColumn,
): { equal: number; other: number; telling: number } {
  const found = { equal: 0, other: 0, telling: 0 };
  for (const [i, q] of quantity.micros.entries()) {
    const [t, u] = [total.micros[i], unit.micros[i]];
    if (q === undefined || t === undefined || u === undefined) continue;
    if (!agree(t, times(q, u))) found.other++;
    else {
      found.equal++;
      if (!agree(t, u)) found.telling++;
    }
  }
  return found;
}

/** A column's numbers by another column's texts; only of rows with both. */
export function ratioIsConstant(
  money: NumberColumn,
  quantity: NumberColumn,
  product: FieldColumn,
): "unit" | "total" | undefined {
  const byProduct = new Map<string, { q: bigint; m: bigint }>();
  let [unit, total] = [0, 0];
  for (const [i, q] of quantity.micros.entries()) {
    const [m, name] = [money.micros[i], product.values[i]];
    if (q === undefined || q === 0n || m === undefined || m === 0n || name === undefined) continue;
    const key = name instanceof NumberSource ? name.text : String(name);
    const first = byProduct.get(key);
    if (!first) byProduct.set(key, { q, m });
    else if (first.q !== q) {
      if (first.m === m) unit++;
      else if (first.m * q === m * first.q) total++;
      else return undefined;
    }
  }
  if (unit > 0 && total === 0) return "unit";
  return total > 0 && unit === 0 ? "total" : undefined;
}

/** Whether it is another amount of the line less a discount beside it, in every line. */
export function netOf(
  net: NumberColumn,
  all: readonly NumberColumn[],
  { table, quantity }: { table: LineTable; quantity: NumberColumn },
): string | undefined {
  const off = table.columns
    .filter(({ words }) => isOff(words))
    .flatMap((column) => numbersOf(column) ?? []);
  for (const less of off) {
    for (const gross of all) {
      if (gross === net) continue;
      const isTotal = takesOff(gross.micros, less.micros, net.micros);
      const product = gross.micros.map((m, i) => {
        const q = quantity.micros[i];
        return m === undefined || q === undefined ? undefined : times(q, m);
      });
      if (!isTotal && !takesOff(product, less.micros, net.micros)) continue;
      const what = isTotal ? gross.column.name : `quantity × ${gross.column.name}`;
      return `${net.column.name} is ${what} less ${less.column.name}`;
    }
  }
  return undefined;
}

type Sizes = readonly (bigint | undefined)[];

function takesOff(gross: Sizes, less: Sizes, net: Sizes): boolean {
  let isTelling = false;
  for (const [i, n] of net.entries()) {
    const [g, l] = [gross[i], less[i]];
    if (n === undefined || g === undefined || l === undefined) continue;
    if (!agree(g - (l < 0n ? -l : l), n)) return false;
    if (l !== 0n) isTelling = true;
  }
  return isTelling;
}

/** A text that is named like money and looks like an amount, such as "$3.50" or "12,90". */
export function unreadableMoney(table: LineTable): { name: string; text: string } | undefined {
  return unreadable(table, ({ words }) => isMoneyLike(words) && !isOtherMoney(words));
}

/** A column that `fits` and has texts with digits, and one of them. */
export function unreadable(
  table: LineTable,
  fits: (column: FieldColumn) => boolean,
): { name: string; text: string } | undefined {
  for (const column of table.columns.filter(fits)) {
    const text = column.values.find((value) => typeof value === "string" && /\d/.test(value));
    if (typeof text === "string") return { name: column.name, text };
  }
  return undefined;
}
