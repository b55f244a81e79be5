/** A mapping, compiled once into the judge of its records: it defines what the rules mean. */

import { MICROS_PER_UNIT } from "../domain/money.ts";
import { productProblem } from "../domain/sale.ts";
import { checkColumns } from "./columns.ts";
import type { TimeZone } from "./exact/zone.ts";
import { decodeCsv } from "./formats/csv.ts";
import { decodeJson, withoutRegistryPrefix } from "./formats/json.ts";
import { MONEY_MICROS_MAX, QUANTITY_MICROS_MAX } from "./model/bounds.ts";
import {
  filtered,
  type Judge,
  type JudgedRecord,
  type Judgement,
  type SaleLine,
} from "./model/judgement.ts";
import { isOutsideOfValue, judgesRecord, type Mapping } from "./model/mapping.ts";
import { SchemaAwaited, type Schemas } from "./model/schema.ts";
import { type DecodedValue, quotedExcerpt, UnreadableError } from "./model/value.ts";
import { TextReader } from "./plan/choices.ts";
import { allHold, anySaysNo, compileCondition, type Holds } from "./plan/conditions.ts";
import { DimensionReader } from "./plan/dimensions.ts";
import { compileLines, type ReadLines } from "./plan/lines.ts";
import { NumberReader } from "./plan/numbers.ts";
import { Paths } from "./plan/paths.ts";
import type { Scope } from "./plan/scope.ts";
import { TimeReader } from "./plan/times.ts";

export const inputFormats = ["json", "avro", "protobuf", "csv"] as const;
export type InputFormat = (typeof inputFormats)[number];

export interface JudgeOptions {
  readonly format: InputFormat;
  /** Of avro and protobuf. */
  readonly schemas?: Schemas | undefined;
  /** What the rule `currency` compares with, such as `USD`; without case. */
  readonly currency: string;
  /** Of times without a zone. */
  readonly zone: TimeZone;
}

/** @throws SalesboardError with exit status 2 when rules do not fit the format */
export function compileMapping(mapping: Mapping, options: JudgeOptions): Judge {
  checkColumns(mapping, options.format);
  return new MappingJudge(mapping, options);
}

class MappingJudge implements Judge {
  readonly #decode: (bytes: Uint8Array, record: JudgedRecord) => DecodedValue;
  /** Conditions on key, headers and topic: a value of any format may stand beside them. */
  readonly #outside: readonly Holds[];
  /** On the record, the former among them: what cannot be read of those is said here. */
  readonly #onRecord: readonly Holds[];
  readonly #onLine: readonly Holds[];
  readonly #lines: ReadLines;
  readonly #line: LineReader;

  constructor(mapping: Mapping, options: JudgeOptions) {
    const paths = new Paths(mapping.lines);
    const { columns, lines, only } = mapping;
    const compiled = only.map((condition) => ({
      condition,
      holds: compileCondition(condition, { paths, rule: "only" }),
    }));
    const those = (isOne: (condition: (typeof only)[number]) => boolean) =>
      compiled.filter(({ condition }) => isOne(condition)).map(({ holds }) => holds);
    const isOnRecord = (condition: (typeof only)[number]) => !lines || judgesRecord(condition);
    this.#outside = those(({ path }) => isOutsideOfValue(path));
    this.#onRecord = those(isOnRecord);
    this.#onLine = those((condition) => !isOnRecord(condition));
    this.#lines = compileLines(lines, paths);
    this.#line = new LineReader(mapping, paths, options);
    const { schemas } = options;
    if (schemas) this.#decode = (bytes, record) => decodeBinary(schemas, { bytes, record, paths });
    else if (columns) this.#decode = (bytes) => decodeCsv(bytes, columns);
    else this.#decode = (bytes) => decodeJson(withoutRegistryPrefix(bytes), paths.root);
  }

  judge(record: JudgedRecord): Judgement {
    if (record.value === null) return filtered;
    try {
      return this.#judge(record, record.value);
    } catch (error) {
      if (error instanceof SchemaAwaited) return { kind: "awaiting", schema: error.schema };
      if (!(error instanceof UnreadableError)) throw error;
      return { kind: "deadLetter", reason: error.message };
    }
  }

  #judge(record: JudgedRecord, bytes: Uint8Array): Judgement {
    const before: Scope = { record, root: null, line: null, indices: [] };
    if (this.#outside.length > 0 && anySaysNo(this.#outside, before)) return filtered;
    const root = this.#decode(bytes, record);
    const scope: Scope = { record, root, line: root, indices: before.indices };
    if (!allHold(this.#onRecord, scope)) return filtered;
    const lines: SaleLine[] = [];
    let untimed = 0;
    for (const line of this.#lines(scope)) {
      if (this.#onLine.length > 0 && !allHold(this.#onLine, line)) continue;
      const read = this.#line.read(line);
      if (this.#line.isTimed && read.timestamp === undefined) untimed++;
      lines.push(read);
    }
    return lines.length === 0 ? filtered : { kind: "counted", lines, untimed };
  }
}

function decodeBinary(
  schemas: Schemas,
  { bytes, record, paths }: { bytes: Uint8Array; record: JudgedRecord; paths: Paths },
): DecodedValue {
  const { schema, body } = schemas.open(record, bytes);
  return schema.decode(body, paths.root);
}

/** One line that passed the filters → what is counted of it. */
class LineReader {
  readonly #currency: { reader: TextReader; expected: string } | undefined;
  readonly #product: TextReader;
  readonly #quantity: NumberReader;
  readonly #money: NumberReader;
  readonly #isPrice: boolean;
  readonly #time: TimeReader | undefined;
  readonly #isMinus: Holds | undefined;
  readonly #subtracts: boolean;
  readonly #by: DimensionReader | undefined;

  constructor(mapping: Mapping, paths: Paths, { currency, zone }: JudgeOptions) {
    const { product, quantity, money, time, minus } = mapping;
    const guard = mapping.currency;
    this.#currency = guard && {
      reader: new TextReader(guard, { paths, rule: "currency" }),
      expected: upperCase(currency),
    };
    this.#product = new TextReader(product, { paths, rule: "product" });
    const max = QUANTITY_MICROS_MAX;
    this.#quantity = new NumberReader(quantity, { paths, rule: "quantity", max });
    const { kind, rule } = money;
    this.#money = new NumberReader(rule, { paths, rule: kind, max: MONEY_MICROS_MAX });
    this.#isPrice = kind === "price";
    this.#time = time && new TimeReader(time, { paths, zone });
    this.#isMinus = minus && compileCondition(minus, { paths, rule: "minus" });
    this.#subtracts = mapping.returns === "subtract";
    this.#by = mapping.by.length > 0 ? new DimensionReader(mapping.by, paths) : undefined;
  }

  get isTimed(): boolean {
    return this.#time !== undefined;
  }

  /** @throws UnreadableError */
  read(line: Scope): SaleLine {
    this.#checkCurrency(line);
    const product = this.#readProduct(line);
    const quantity = this.#quantity.read(line);
    const money = this.#money.read(line);
    if (!this.#subtracts) this.#checkSigns(quantity, money, line);
    const amount = this.#isPrice ? this.#multiply(quantity, money, line) : money;
    const isNegative = quantity < 0n || money < 0n;
    const isReturn = isNegative || (this.#isMinus?.(line) ?? false);
    return {
      product,
      quantity: isReturn ? -sizeOf(quantity) : quantity,
      amount: isReturn ? -sizeOf(amount) : amount,
      timestamp: this.#time?.read(line),
      isReturn,
      by: this.#by?.read(line),
    };
  }

  #checkCurrency(line: Scope): void {
    if (!this.#currency) return;
    const { reader, expected } = this.#currency;
    const received = reader.read(line);
    if (received === expected || upperCase(received) === expected) return;
    reader.fail(`be ${expected}`, quotedExcerpt(received), line);
  }

  #readProduct(line: Scope): string {
    const product = this.#product.read(line);
    const problem = productProblem(product)?.replace(/^product must /, "");
    if (problem) {
      const accepted = problem.replace(/, received .*/, "");
      this.#product.fail(accepted, quotedExcerpt(product), line);
    }
    return product;
  }

  #checkSigns(quantity: bigint, money: bigint, line: Scope): void {
    const accepted = "not be negative without the rule returns: subtract";
    if (quantity < 0n) this.#quantity.fail(accepted, line);
    if (money < 0n) this.#money.fail(accepted, line);
  }

  #multiply(quantity: bigint, price: bigint, line: Scope): bigint {
    const product = quantity * price;
    const amount = product / MICROS_PER_UNIT;
    if (amount * MICROS_PER_UNIT === product) return amount;
    return this.#money.fail("have at most 6 decimals once multiplied by the quantity", line);
  }
}

/** Of A to Z alone: in Unicode, letters of no currency become such letters too. */
function upperCase(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

function sizeOf(value: bigint): bigint {
  return value < 0n ? -value : value;
}
