/** Sums that speak against the money that was chosen. */

import { isMoneyLike, isOff, isOtherMoney, kindByName } from "../names/money-words.ts";
import { keysOf, leafWords, means, wordsOf } from "../names/words.ts";
import type { LineChoice } from "../roles/lines.ts";
import { agree, numbersOf, times } from "../sample/numbers.ts";
import type { FieldColumn, RootRow } from "../sample/table.ts";
import { nameOf, partsOf } from "../sample/walk.ts";
import { type Doubt, guess, likely, type Surroundings } from "./doubt.ts";

/** Lines that do not add up to any total of the order, or that have money inside of them. */
export function doubtSums(choice: LineChoice, around: Surroundings): readonly Doubt[] {
  return [...negativeOrders(choice, around.records), ...otherSums(choice, around)];
}

/** An order whose total is negative, and its lines are not. */
function negativeOrders(
  { table, money, quantity }: LineChoice,
  records: readonly FieldColumn[],
): readonly Doubt[] {
  const negatives = (money?.negatives ?? 0) + (quantity?.numbers.negatives ?? 0);
  if (!table.lines || negatives > 0) return [];
  const negative = records.find((column) => {
    const { words } = column;
    const isMoney = isMoneyLike(words) && !isOtherMoney(words);
    return isMoney && (numbersOf(column)?.negatives ?? 0) > 0;
  });
  return negative ? [guess(`${negative.name} is negative: are those returns?`)] : [];
}

function otherSums(choice: LineChoice, { records, roots }: Surroundings): readonly Doubt[] {
  const { table, money } = choice;
  const sums = sumsOf(choice);
  if (!table.lines || !money?.column || !sums) return [];
  const totals = records
    .filter(({ words }) => isMoneyLike(words) && !isOtherMoney(words) && !means(words, "price"))
    .filter(({ words }) => kindByName(words) === "total")
    .flatMap((column) => numbersOf(column) ?? []);
  const isSum = totals.some(({ micros }) =>
    roots.every((root, row) => {
      const [sum, total] = [sums.get(root), micros[row]];
      return sum === undefined || total === undefined || agree(total, sum);
    }),
  );
  if (isSum) return [];
  const doubts: Doubt[] = [];
  const [total] = totals;
  if (total) doubts.push(likely(`the lines do not add up to ${total.column.name}`));
  const inside = moneyInside(choice);
  if (inside) doubts.push(guess(`${inside} has money, which is not added`));
  return doubts;
}

/** What the lines of each record add up to. */
function sumsOf({ table, quantity, money }: LineChoice): ReadonlyMap<RootRow, bigint> | undefined {
  const sizes = money?.column && numbersOf(money.column)?.micros;
  if (!sizes) return undefined;
  const sums = new Map<RootRow, bigint>();
  for (const [i, { of }] of table.rows.entries()) {
    const [size, units] = [sizes[i], quantity?.numbers.micros[i]];
    const isUnit = money.rule.startsWith("price:") && units !== undefined;
    const amount = isUnit ? times(units, size ?? 0n) : (size ?? 0n);
    sums.set(of, (sums.get(of) ?? 0n) + amount);
  }
  return sums;
}

/** Lines that are looked into. */
const LOOKED_INTO_MAX = 200;

/** Extras that cost something, in an array of the line. */
function moneyInside({ table }: LineChoice): string | undefined {
  for (const { line } of table.rows.slice(0, LOOKED_INTO_MAX)) {
    for (const { steps, value } of partsOf(line, { entersArrays: true })) {
      const words = leafWords(steps);
      const isOther = keysOf(steps).some((key) => {
        const own = wordsOf(key);
        return means(own, "tax") || isOff(own) || own.some((word) => ofPayment.test(word));
      });
      const isInside = steps.some(({ kind }) => kind === "each");
      if (!isInside || isOther || !isMoneyLike(words) || isOtherMoney(words)) continue;
      const name = nameOf(steps);
      const [size] = numbersOf({ steps, name, words, values: [value], present: 1 })?.micros ?? [];
      if (size !== undefined && size !== 0n) return name;
    }
  }
  return undefined;
}

const ofPayment = /^(payments?|tenders?|transactions?|refunds?|duties|applied|adjustments?)$/;
