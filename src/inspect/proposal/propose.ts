/** A sample of records → a mapping that fits them, with the evidence for each rule. */

import type { TimeZone } from "../../mapping/exact/zone.ts";
import type { BinaryInput } from "../../mapping/input-judge.ts";
import { compileMapping, type InputFormat } from "../../mapping/judge.ts";
import type { JudgedRecord } from "../../mapping/model/judgement.ts";
import type { Mapping } from "../../mapping/model/mapping.ts";
import { quotedExcerpt } from "../../mapping/model/value.ts";
import { parseMapping } from "../../mapping/rules/parse.ts";
import { printWord } from "../../mapping/rules/print.ts";
import { means } from "../names/words.ts";
import { chooseLines, type LineChoice } from "../roles/lines.ts";
import { totalAround } from "../roles/money.ts";
import { type ProposedRule, type Sureness, weakest } from "../roles/sureness.ts";
import { type CsvTable, readCsv } from "../sample/csv.ts";
import { type DecodedRecord, decodeRecord } from "../sample/decode.ts";
import { numbersOf, unreadable, unreadableMoney } from "../sample/numbers.ts";
import { type Outcomes, outcomesOf } from "../sample/outcomes.ts";
import type { RootRow } from "../sample/table.ts";
import { nameOf } from "../sample/walk.ts";
import { currencyRules, timeRules } from "./around.ts";
import { csvRules } from "./csv-roles.ts";
import { word } from "./filter-draft.ts";
import { findRecordFilters } from "./record-filters.ts";

/** Dead letters among what is not filtered, from which on the proposal is only a guess. */
const DEAD_SHARE_MAX = 0.5;

export interface Proposal {
  readonly format: InputFormat;
  readonly rules: readonly ProposedRule[];
  /** Of the weakest rule, and of what speaks against the whole. */
  readonly sureness: Sureness;
  readonly remarks: readonly string[];
  readonly mapping: Mapping;
  /** The board's currency for it: another one than was asked for when the sample has only that. */
  readonly currency: string;
  /** What it makes of the sample. */
  readonly outcomes: Outcomes;
}

export interface SampleOptions {
  /** Undefined = records are JSON or csv. */
  readonly binary?: BinaryInput | undefined;
  readonly currency: string;
  readonly zone: TimeZone;
}

/** Undefined when nothing in the sample looks like a sale, or the format is not supported. */
export function propose(
  records: readonly JudgedRecord[],
  options: SampleOptions,
): Proposal | undefined {
  const decoded = records.map((record) => decodeRecord(record, options.binary?.schemas));
  const json = decoded.flatMap(({ form, value }, index): RootRow[] => {
    const record = records[index];
    return (form === "json" || form === "decoded") && value !== undefined && record
      ? [{ root: value, index, topic: record.topic, headers: headersOf(record) }]
      : [];
  });
  const format = options.binary?.format ?? "json";
  const isNamed = json.length > 0 || options.binary !== undefined;
  const draft = isNamed ? fromNamed(json, { ...options, format }) : fromCsv(decoded, options);
  return draft && verified(draft, records, options);
}

interface RuleDraft {
  readonly format: InputFormat;
  readonly rules: readonly ProposedRule[];
  readonly remarks: readonly { readonly sureness: Sureness; readonly text: string }[];
  readonly currency: string | undefined;
}

function fromCsv(decoded: readonly DecodedRecord[], options: SampleOptions): RuleDraft | undefined {
  const csv = readCsv(decoded.flatMap(({ text }) => text ?? []));
  if (!csv) return undefined;
  const roots = csv.values.flatMap((root, index): RootRow[] =>
    root === undefined ? [] : [{ root, index, topic: "", headers: new Map() }],
  );
  const named = csv.header ? fromNamed(roots, { ...options, format: "csv" }) : undefined;
  const draft = named ?? {
    format: "csv" as const,
    rules: csvRules(roots, csv.columns),
    remarks: [],
    currency: undefined,
  };
  if (draft.rules.length === 0) return undefined;
  return { ...draft, rules: [columnsRule(csv), ...draft.rules, ...headerFilter(csv)] };
}

function columnsRule({ columns, header }: CsvTable): ProposedRule {
  const rule = `columns: ${columns.map(printWord).join(", ")}`;
  return header
    ? { rule, sureness: "sure", because: "the first line names the columns" }
    : { rule, sureness: "guess", because: "csv has no names: give the columns names of your own" };
}

/** `produce --input` sends each line as it stands, the header too. */
function headerFilter({ columns: [column = ""], header }: CsvTable): ProposedRule[] {
  if (!header) return [];
  const path = nameOf([{ kind: "key", key: column }]);
  const rule = `only: ${path} not in (${printWord(header[0] ?? "")})`;
  return [{ rule, sureness: "sure", because: "the first line is no sale" }];
}

/** By the names of fields. */
function fromNamed(
  roots: readonly RootRow[],
  options: SampleOptions & { format: InputFormat },
): RuleDraft | undefined {
  const choice = chooseLines(roots);
  if (!choice) return undefined;
  const filters = findRecordFilters(choice, roots);
  const currency = currencyRules(choice, roots, options.currency);
  return {
    format: options.format,
    rules: [
      ...lineRules(choice, salesAmong(choice, roots, filters.passes)),
      ...timeRules(choice, roots),
      ...(currency ? [currency.rule] : []),
      ...withOneMinus(choice.areReturns ? [allReturned(roots), ...filters.rules] : filters.rules),
      ...returnRules(choice, filters.rules),
    ],
    remarks: filters.doubts,
    currency: currency?.board,
  };
}

/** Rows of the table whose records no filter drops. */
function salesAmong(
  { table: { rows } }: LineChoice,
  roots: readonly RootRow[],
  passes: (row: number) => boolean,
): readonly boolean[] {
  const passed = new Set(roots.filter((_, row) => passes(row)));
  return rows.map(({ of }) => passed.has(of));
}

function allReturned([root]: readonly RootRow[]): ProposedRule {
  const rule = `minus: $topic in (${word(root?.topic ?? "")})`;
  return { rule, sureness: "guess", because: "all goods of this topic are taken for returns" };
}

/** A mapping has one rule `minus`. */
function withOneMinus(rules: readonly ProposedRule[]): readonly ProposedRule[] {
  const first = rules.findIndex(({ rule }) => rule.startsWith("minus:"));
  return rules.filter(({ rule }, i) => i === first || !rule.startsWith("minus:"));
}

function lineRules(choice: LineChoice, sales: readonly boolean[]): ProposedRule[] {
  const { table, product, money, sureness, because } = choice;
  const lines = table.lines && nameOf(table.lines);
  const names = product?.columns.map(({ name }) => name).join(" else ");
  return [
    ...(lines ? [{ rule: `lines: ${lines}`, sureness, because }] : []),
    product && names
      ? { rule: `product: ${names}`, sureness: product.sureness, because: product.because }
      : {
          rule: "product: 'All sales'",
          sureness: "guess" as const,
          because: "no field is named like a product: everything is one",
        },
    quantityRule(choice, sales),
    money
      ? { rule: money.rule, sureness: money.sureness, because: money.because }
      : unitsAlone(choice),
  ];
}

/** Without a field that can be read as money. */
function unitsAlone(choice: LineChoice): ProposedRule {
  const rule = "price: 0";
  const unread = unreadableMoney(choice.table);
  if (unread) {
    const { name, text } = unread;
    const because =
      `${name} has texts that are no numbers, such as ${quotedExcerpt(text)}: ` +
      "units are counted";
    return { rule, sureness: "guess", because };
  }
  const sureness = hasFractions(choice) || !choice.quantity ? "guess" : "likely";
  const total = choice.table.lines && totalAround(choice.table);
  if (total) {
    const because = `${total} is of no line: units are counted`;
    return { rule, sureness: "guess", because };
  }
  return { rule, sureness, because: "no field is named like money: units are counted" };
}

/** A number with decimals that no rule uses could be money by a name that nobody knows. */
function hasFractions({ table, quantity }: LineChoice): boolean {
  return table.columns.some((column) => {
    const numbers = column === quantity?.numbers.column ? undefined : numbersOf(column);
    return numbers !== undefined && !numbers.isWhole;
  });
}

function quantityRule(
  { quantity, table, money }: LineChoice,
  sales: readonly boolean[],
): ProposedRule {
  if (!quantity) {
    const unread = unreadable(table, ({ words }) => means(words, "quantityFirst"));
    if (unread) {
      const because = `${unread.name} has texts such as ${quotedExcerpt(unread.text)}: taken for one`;
      return { rule: "quantity: 1", sureness: "guess", because };
    }
    const because = `no field is named like a quantity: ${table.lines ? "a line" : "a record"} is one`;
    return { rule: "quantity: 1", sureness: "likely", because };
  }
  const { name, values } = quantity.numbers.column;
  const missing = values.filter(
    (value, row) => value === undefined && sales[row] && money?.column?.values[row] !== undefined,
  ).length;
  if (missing === 0) {
    return { rule: `quantity: ${name}`, sureness: quantity.sureness, because: quantity.because };
  }
  const because = `${quantity.because}; it is not there in ${missing}, which are taken for one`;
  return { rule: `quantity: ${name} else 1`, sureness: "guess", because };
}

function returnRules(choice: LineChoice, filters: readonly ProposedRule[]): ProposedRule[] {
  const { quantity, money, table } = choice;
  const negatives = Math.max(quantity?.numbers.negatives ?? 0, money?.negatives ?? 0);
  if (negatives === 0 || filters.some(({ rule }) => rule.startsWith("minus:"))) return [];
  const because = `${negatives} lines are negative: taken for returns`;
  // Goods that leave a stock are negative, too, when they are sold.
  const sureness = negatives * 2 > table.rows.length ? "guess" : "likely";
  return [{ rule: "returns: subtract", sureness, because }];
}

function headersOf({ headers }: JudgedRecord): ReadonlyMap<string, string> {
  const decoder = new TextDecoder();
  return new Map(headers.map(({ name, value }) => [name, value ? decoder.decode(value) : ""]));
}

/** Judges the sample with the proposal, so that what is shown is what it does. */
function verified(
  { format, rules, remarks, currency }: RuleDraft,
  records: readonly JudgedRecord[],
  options: SampleOptions,
): Proposal | undefined {
  if (rules.length === 0) return undefined;
  const mapping = parseMapping(rules.map(({ rule }) => rule).join("\n"));
  const board = currency ?? options.currency;
  const { zone, binary } = options;
  const schemas = binary?.schemas;
  const judge = compileMapping(mapping, { format, schemas, currency: board, zone });
  const outcomes = outcomesOf(judge, records);
  if (outcomes.counted === 0) return undefined;
  const dead = outcomes.deadLetters / (outcomes.counted + outcomes.deadLetters);
  const isPoor = dead >= DEAD_SHARE_MAX;
  const poor = `${outcomes.deadLetters} of ${outcomes.records} records would be dead letters`;
  const untrusted: Sureness = isPoor ? "guess" : "sure";
  // A time costs no sale, so no total depends on it.
  const weighed = rules.filter(({ rule }) => !rule.startsWith("time:"));
  return {
    format,
    rules,
    sureness: weakest([
      untrusted,
      ...weighed.map(({ sureness }) => sureness),
      ...remarks.map(({ sureness }) => sureness),
    ]),
    remarks: [...remarks.map(({ text }) => text), ...(isPoor ? [poor] : [])],
    mapping,
    currency: board,
    outcomes,
  };
}
