/** Filters of records and of lines together, and what is done with records that have no lines. */

import { scalarText } from "../../mapping/plan/choices.ts";
import { nameOf } from "../sample/walk.ts";
import { headerColumns, recordName } from "./around.ts";
import { type FoundFilters, findFilters } from "./filters.ts";
import { hasLines, isCountable, type LineChoice } from "./lines.ts";
import type { ProposedRule, Sureness } from "./sureness.ts";
import { type FieldColumn, type RootRow, recordTable } from "./table.ts";
import { means } from "./words.ts";

/** Records without what is counted are taken for broken, not for others, up to this share. */
const BROKEN_SHARE_MAX = 0.1;

interface RecordFilters {
  readonly rules: readonly ProposedRule[];
  readonly doubts: readonly { readonly sureness: Sureness; readonly text: string }[];
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
      ...repeats(renamed.columns, found, has),
    ],
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
      means(words, "less") && values.some((value) => Number(scalarText(value) ?? 0) !== 0),
  );
  return less ? [{ sureness: "likely", text: `${less.name} may not be taken off` }] : [];
}

const orderId = /^(order |receipt |invoice |transaction )?(id|no|nr|number|uuid|guid)$/;

/** An order that comes more than once is counted more than once. */
function repeats(
  columns: readonly FieldColumn[],
  { passes, rules }: FoundFilters,
  has: (row: number) => boolean,
): Doubts {
  if (rules.some(({ rule }) => rule.startsWith("minus:"))) return [];
  const ids = columns.filter(({ words }) => orderId.test(words.join(" ")));
  const twice = ids.find(({ words, values }) => {
    const seen = new Set<string>();
    // Rows of one order have its number in common; an id of its own a row has once.
    const isOwn = words.length === 1;
    return values.some((value, row) => {
      const text = scalarText(value);
      if (!isOwn || text === undefined || !passes(row) || !has(row)) return false;
      return seen.size === seen.add(text).size;
    });
  });
  if (!twice) return [];
  return [
    { sureness: "guess", text: `the same ${twice.name} comes more than once: counted each time` },
  ];
}
