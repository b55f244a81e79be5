/** Filters of records and of lines together, and what is done with records that have no lines. */

import { scalarText } from "../../mapping/plan/choices.ts";
import { isMoneyLike, isOff, isOtherMoney } from "../names/money-words.ts";
import { orderId, otherNames, saleName } from "../names/order-words.ts";
import { keysOf, means, wordsOf } from "../names/words.ts";
import { nameOf, valuesAt } from "../sample/walk.ts";
import { headerColumns, recordName } from "./around.ts";
import { type FoundFilters, findFilters } from "./filters.ts";
import { isFlag, isMoment } from "./flags.ts";
import { hasLines, isCountable, type LineChoice } from "./lines.ts";
import { findMoney } from "./money.ts";
import { agree, numbersOf } from "./numbers.ts";
import { findProduct, findQuantity } from "./roles.ts";
import type { ProposedRule, Sureness } from "./sureness.ts";
import { arraysOf, type FieldColumn, lineTable, type RootRow, recordTable } from "./table.ts";

/** Records without what is counted are taken for broken, not for others, up to this share. */
const BROKEN_SHARE_MAX = 0.1;

interface RecordFilters {
  readonly rules: readonly ProposedRule[];
  readonly doubts: readonly { readonly sureness: Sureness; readonly text: string }[];
  /** Whether a record, by its place among the roots, is not filtered. */
  readonly passes: (row: number) => boolean;
}

export function findRecordFilters(choice: LineChoice, roots: readonly RootRow[]): RecordFilters {
  const { table, product, quantity, money } = choice;
  const { lines } = table;
  const used = new Set<FieldColumn>([
    ...(product?.columns ?? []),
    ...(quantity ? [quantity.numbers.column] : []),
    ...(money?.column ? [money.column] : []),
  ]);
  const has = lines
    ? (row: number) => hasLines(roots[row], lines)
    : (row: number) => isCountable(row, choice);
  const records = lines ? recordTable(roots) : table;
  const renamed = lines
    ? {
        ...records,
        columns: records.columns.map((column) => ({ ...column, name: recordName(column) })),
      }
    : records;
  const headers = headerColumns(roots);
  const found = findFilters({ table: renamed, prefix: "", isCountable: has, used, headers });
  const ofLines = lines
    ? findFilters({ table, prefix: "", isCountable: () => true, used, headers: [] })
    : undefined;
  return {
    rules: [...found.rules, ...(ofLines?.rules ?? []), ...withoutSale(choice, roots, found, has)],
    doubts: [
      ...found.doubts,
      ...(ofLines?.doubts ?? []),
      ...discounts(choice, lines ? renamed.columns : []),
      ...takenBack(choice, lines ? renamed.columns : [], found),
      ...withDelivery(choice),
      ...notSold(choice, renamed.columns),
      ...between(choice, roots),
      ...beside(choice, roots),
      ...parts(choice),
      ...negativeOrders(choice, renamed.columns),
      ...repeats(choice, renamed.columns, found, has),
    ],
    passes: found.passes,
  };
}

/** Many records that no filter explains have nothing to count: they are of another kind. */
function withoutSale(
  { table, money, quantity }: LineChoice,
  roots: readonly RootRow[],
  { passes }: FoundFilters,
  has: (row: number) => boolean,
): ProposedRule[] {
  const rest = [...roots.keys()].filter(passes);
  const without = rest.filter((row) => !has(row));
  if (without.length === 0 || without.length <= rest.length * BROKEN_SHARE_MAX) return [];
  const { lines } = table;
  const column = money?.column ?? quantity?.numbers.column;
  const first = lines?.findIndex(({ kind }) => kind === "each") ?? -1;
  if (lines && first === 0) return [];
  const path = lines
    ? recordName({ steps: lines.slice(0, first) })
    : column && nameOf(column.steps);
  if (!path) return [];
  const because = `${without.length} records have nothing there, and nothing else tells them apart`;
  return [{ rule: `only: ${path} exists`, sureness: "guess", because }];
}

type Doubts = RecordFilters["doubts"];

/** What is taken off a line or a whole order may be missing in the money that was chosen. */
function discounts({ table, money }: LineChoice, columns: readonly FieldColumn[]): Doubts {
  if (!money) return [];
  const less = [...table.columns, ...columns].find(
    ({ words, values }) =>
      isOff(words) && values.some((value) => Number(scalarText(value) ?? 0) !== 0),
  );
  return less ? [{ sureness: "likely", text: `${less.name} may not be taken off` }] : [];
}

/** Units or money that came back, beside what was sold. */
function takenBack(
  { table, quantity, money }: LineChoice,
  columns: readonly FieldColumn[],
  { passes }: FoundFilters,
): Doubts {
  const isBack = (column: FieldColumn, counts: (row: number) => boolean) => {
    const { words, name } = column;
    const isNamed = means(words, "cameBack") || means(words, "isVoid") || means(words, "isReturn");
    if (!isNamed || isFlag(column) || isMoment(column) || name === quantity?.numbers.column.name)
      return false;
    const sizes = numbersOf(column)?.micros ?? [];
    return sizes.some((size, row) => size !== undefined && size !== 0n && counts(row));
  };
  const [back] = [
    ...table.columns.filter((column) =>
      isBack(column, (row) => table.lines !== undefined || passes(row)),
    ),
    ...columns.filter((column) => isBack(column, passes)),
  ].filter((column) => column.name !== money?.column?.name);
  return back ? [{ sureness: "guess", text: `${back.name} is not taken off` }] : [];
}

const carriage = /^(shipping|freight|delivery|versand|tip|gratuity|postage|envio|livraison)$/;

/** A line's total that is another one and what its delivery cost. */
function withDelivery({ table, money }: LineChoice): Doubts {
  const total = money?.column && numbersOf(money.column);
  if (!total) return [];
  const all = table.columns.flatMap((column) => numbersOf(column) ?? []);
  const added = all.filter(({ column, micros }) => {
    const isNamed = keysOf(column.steps).some((key) =>
      wordsOf(key).some((one) => carriage.test(one)),
    );
    return (
      isNamed && column !== total.column && micros.some((size) => size !== undefined && size !== 0n)
    );
  });
  const found = added.find((cost) =>
    all.some(
      (one) =>
        one !== cost &&
        one.column !== total.column &&
        total.micros.every((size, row) => {
          const [a, b] = [one.micros[row], cost.micros[row]];
          return size === undefined || (a !== undefined && b !== undefined && agree(a + b, size));
        }),
    ),
  );
  if (!found) return [];
  return [{ sureness: "guess", text: `${total.column.name} has ${found.column.name} in it` }];
}

const earlierPrice = /^(old|new|previous|prev|former|before|after)$/;
/** A price that changed, or goods in a warehouse, have the same fields as a sale. */
function notSold({ table, quantity }: LineChoice, columns: readonly FieldColumn[]): Doubts {
  const changed = table.columns.find(
    ({ words }) => means(words, "price") && words.some((word) => earlierPrice.test(word)),
  );
  if (changed && !quantity) {
    const text = `${changed.name} is beside the money: are those changes of a price?`;
    return [{ sureness: "guess", text }];
  }
  const words = [...table.columns, ...columns].flatMap((column) => column.words);
  const stock = words.find((word) => otherNames.has(word));
  if (stock === undefined || words.some((word) => saleName.test(word))) return [];
  return [{ sureness: "guess", text: `there is a ${stock}, and no order: are those sales?` }];
}

const returnsName = /refund|return|devol|retour|reso/i;

/** Another array has goods, too: sold as well, or taken back. */
function beside({ table: { lines } }: LineChoice, roots: readonly RootRow[]): Doubts {
  const own = nameOf(lines ?? []);
  if (!lines) return [];
  // Records of other kinds have arrays of their own.
  const sales = roots.filter((root) => hasLines(root, lines));
  const others = arraysOf(sales, { withReturns: true }).filter((steps) => {
    const name = nameOf(steps);
    return !own.startsWith(name) && !name.startsWith(own);
  });
  const found = others.find((steps) => {
    const table = lineTable(sales, steps);
    const hasSize =
      findQuantity(table) ?? findMoney({ table, quantity: undefined, product: undefined });
    const isBack = steps.some((step) => step.kind === "key" && returnsName.test(step.key));
    return table.rows.length > 0 && hasSize && (isBack || findProduct(table));
  });
  return found
    ? [{ sureness: "guess", text: `${nameOf(found)} is left out, and has goods too` }]
    : [];
}

/** Parts of a bundle are lines of their own, and so is the bundle. */
function parts({ table: { lines, columns, rows } }: LineChoice): Doubts {
  const parent = columns.find(({ words }) => words[0] === "parent" || words[0] === "bundle");
  if (!lines || !parent || parent.present === rows.length) return [];
  return [
    { sureness: "guess", text: `${parent.name} is in ${parent.present}: are those counted twice?` },
  ];
}

/** An order whose total is negative, and its lines are not. */
function negativeOrders(
  { table, money, quantity }: LineChoice,
  columns: readonly FieldColumn[],
): Doubts {
  const negatives = (money?.negatives ?? 0) + (quantity?.numbers.negatives ?? 0);
  if (!table.lines || negatives > 0) return [];
  const negative = columns.find(
    ({ words, ...column }) =>
      isMoneyLike(words) &&
      !isOtherMoney(words) &&
      (numbersOf({ ...column, words })?.negatives ?? 0) > 0,
  );
  return negative
    ? [{ sureness: "guess", text: `${negative.name} is negative: are those returns?` }]
    : [];
}

/** Objects between the record and its lines are judged by no filter. */
function between({ table: { lines } }: LineChoice, roots: readonly RootRow[]): Doubts {
  const ends = (lines ?? []).flatMap(({ kind }, i) => (kind === "each" ? [i + 1] : []));
  for (const end of ends.slice(0, -1)) {
    const above = lineTable(roots, (lines ?? []).slice(0, end));
    const below = (lines ?? []).slice(end);
    const isCountable = (row: number) => valuesAt(above.rows[row]?.line ?? null, below).length > 0;
    const { rules, doubts } = findFilters({
      table: above,
      prefix: "",
      isCountable,
      used: new Set(),
      headers: [],
    });
    const isNeeded = rules.some(
      ({ sureness, rule }) => sureness !== "sure" && !/ (false|true)/.test(rule),
    );
    if (isNeeded || doubts.length > 0) {
      const name = nameOf((lines ?? []).slice(0, end));
      const seen = doubts[0]?.text ?? rules[0]?.because ?? "";
      return [{ sureness: "guess", text: `in ${name}, where no rule can filter: ${seen}` }];
    }
  }
  return [];
}

/** An order that comes more than once is counted more than once. */
function repeats(
  { table, product }: LineChoice,
  columns: readonly FieldColumn[],
  { passes, rules }: FoundFilters,
  has: (row: number) => boolean,
): Doubts {
  if (rules.some(({ rule }) => rule.startsWith("minus:"))) return [];
  // Rows of one order have its number in common: its product, and ids of rows, tell them apart.
  const apart = columns.filter(
    ({ words }) =>
      product?.columns.some((one) => one.words === words) ||
      (/^(id|no|nr|number|line|position|index)$/.test(words.at(-1) ?? "") &&
        !words.some((word) => /^(event|message|request|trace|version)$/.test(word))),
  );
  const twice = columns.find((column) => {
    const { words, values } = column;
    if (!orderId.test(words.join(" "))) return false;
    const isOwn = words.length === 1 || table.lines !== undefined;
    const of = isOwn ? [column] : [...new Set([column, ...apart])];
    const seen = new Set<string>();
    return values.some((value, row) => {
      if (value === undefined || !passes(row) || !has(row)) return false;
      const key = JSON.stringify(of.map((one) => scalarText(one.values[row]) ?? null));
      return seen.size === seen.add(key).size;
    });
  });
  const version = columns.find(
    ({ words, values }) =>
      /^(version|revision)$/.test(words.join(" ")) &&
      values.some((value, row) => passes(row) && has(row) && Number(scalarText(value)) > 1),
  );
  if (!twice && version) {
    return [{ sureness: "likely", text: `${version.name}: an order may come once for each` }];
  }
  if (!twice) return [];
  return [
    { sureness: "guess", text: `the same ${twice.name} comes more than once: counted each time` },
  ];
}
