/** Filters of records and of lines together, and what is done with records that have no lines. */

import type { Step } from "../../mapping/model/mapping.ts";
import { scalarText } from "../../mapping/plan/choices.ts";
import { isOff } from "../names/money-words.ts";
import { keysOf, means, wordsOf } from "../names/words.ts";
import { findProduct, findQuantity } from "../roles/goods.ts";
import { hasLines, isCountable, type LineChoice } from "../roles/lines.ts";
import { findMoney } from "../roles/money.ts";
import type { ProposedRule, Sureness } from "../roles/sureness.ts";
import { agree, numbersOf } from "../sample/numbers.ts";
import {
  arraysOf,
  type FieldColumn,
  type LineTable,
  lineTable,
  type RootRow,
  recordTable,
} from "../sample/table.ts";
import { nameOf, valuesAt } from "../sample/walk.ts";
import { headerColumns, recordName } from "./around.ts";
import { findDoubts } from "./doubts.ts";
import { type FoundFilters, findFilters } from "./filters.ts";
import { isAbout, isFlag, isMoment } from "./flags.ts";
import { findRepeats } from "./repeats.ts";

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
  const inside = between(choice, roots);
  const rules = [
    ...found.rules,
    ...inside.rules,
    ...(ofLines?.rules ?? []),
    ...withoutSale(choice, roots, found, has),
  ];
  const counts = (row: number) => found.passes(row) && has(row);
  const around = { roots, records: renamed.columns, rules, counts };
  return {
    rules,
    doubts: [
      ...found.doubts,
      ...(ofLines?.doubts ?? []),
      ...discounts(choice, lines ? renamed.columns : []),
      ...takenBack(choice, lines ? renamed.columns : [], found),
      ...withDelivery(choice),
      ...inside.doubts,
      ...beside(choice, roots),
      ...findRepeats(choice, around),
      ...findDoubts(choice, around),
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
    const isOther = isFlag(column) || isMoment(column) || isAbout(words);
    if (!isNamed || isOther || name === quantity?.numbers.column.name) return false;
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

/**
 * Objects between the record and its lines are judged by no filter, but for the only one of a
 * record, by `[0]`.
 */
function between(
  { table: { lines = [] } }: LineChoice,
  roots: readonly RootRow[],
): Pick<RecordFilters, "rules" | "doubts"> {
  const ends = lines.flatMap(({ kind }, i) => (kind === "each" ? [i + 1] : []));
  for (const end of ends.slice(0, -1)) {
    const array = lines.slice(0, end);
    const above = lineTable(roots, array);
    const below = lines.slice(end);
    const isOnly =
      end === ends[0] && new Set(above.rows.map(({ of }) => of)).size === above.rows.length;
    const first: readonly Step[] = [...array.slice(0, -1), { kind: "index", index: 0 }];
    const found = findFilters({
      table: isOnly ? renamedTo(above, first) : above,
      prefix: "",
      isCountable: (row) => valuesAt(above.rows[row]?.line ?? null, below).length > 0,
      used: new Set(),
      headers: [],
    });
    const name = nameOf(array);
    if (isOnly && found.rules.length > 0) {
      const text = `of several in ${name}, the first one would decide for all`;
      return { rules: found.rules, doubts: [...found.doubts, { sureness: "guess", text }] };
    }
    const isNeeded = found.rules.some(
      ({ sureness, rule }) => sureness !== "sure" && !/ (false|true)/.test(rule),
    );
    if (isNeeded || found.doubts.length > 0) {
      const seen = found.doubts[0]?.text ?? found.rules[0]?.because ?? "";
      const text = `in ${name}, where no rule can filter: ${seen}`;
      return { rules: [], doubts: [{ sureness: "guess", text }] };
    }
  }
  return { rules: [], doubts: [] };
}

/** Its columns as a rule names them from the record. */
function renamedTo(table: LineTable, start: readonly Step[]): LineTable {
  const columns = table.columns.map((column) => ({
    ...column,
    name: recordName({ steps: [...start, ...column.steps] }),
  }));
  return { ...table, columns };
}
