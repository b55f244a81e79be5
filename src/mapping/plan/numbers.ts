/** Quantities and money, compiled: digits of the record → millionths, exactly. */

import { MICROS_PER_UNIT, NumberSource } from "../../domain/money.ts";
import {
  type Decimal,
  formatDecimal,
  fromTwosComplement,
  negated,
  parseNumber,
  plus,
  rounded,
  shifted,
  toMicros,
} from "../exact/decimal.ts";
import { plainMicros } from "../exact/plain-micros.ts";
import { fromBase64 } from "../formats/base64.ts";
import { ScaledNumber } from "../formats/logical.ts";
import type { NumberRule, Path, Term } from "../model/mapping.ts";
import { type DecodedValue, describe, excerpt, UnreadableError } from "../model/value.ts";
import { PLACES_MAX } from "../rules/values.ts";
import { ChoiceReader, reason } from "./choices.ts";
import type { Paths } from "./paths.ts";
import type { Scope } from "./scope.ts";

/** More bytes cannot be within any bound. */
const DECIMAL_BYTES_MAX = 64;

interface Options {
  paths: Paths;
  rule: string;
}

export class NumberReader {
  readonly #rule: string;
  readonly #max: bigint;
  readonly #round: number | undefined;
  readonly #terms: readonly TermReader[];
  /** The only term, when nothing but moving its point is to be done. */
  readonly #plain: { choice: ChoiceReader; places: number } | undefined;

  /** `max`: the largest size on either side of 0, in millionths. */
  constructor(rule: NumberRule, { max, ...options }: Options & { max: bigint }) {
    this.#rule = options.rule;
    this.#max = max;
    this.#round = rule.round;
    this.#terms = rule.terms.map((term) => new TermReader(term, options));
    this.#plain = this.#plainTerm(rule);
  }

  /** In millionths. @throws UnreadableError */
  read(scope: Scope): bigint {
    if (this.#plain) {
      const value = this.#plain.choice.read(scope);
      const text = value instanceof NumberSource ? value.text : value;
      const micros = typeof text === "string" ? plainMicros(text, this.#plain.places) : Number.NaN;
      // Plain numbers have 15 digits at most, so they are within every bound.
      if (!Number.isNaN(micros)) return BigInt(micros);
    }
    return this.#readAll(scope);
  }

  /** @throws UnreadableError always: it must `accept` something else than was received */
  fail(accepted: string, scope: Scope): never {
    const places = this.#terms.flatMap((term) => term.choice.place(scope) ?? []);
    const place = places.length > 0 ? places.join(" + ") : undefined;
    const received = this.#received(scope);
    throw new UnreadableError(reason(this.#rule, { accepted, received, place }));
  }

  #plainTerm({ terms, round }: NumberRule) {
    const [term, another] = terms;
    const choice = this.#terms[0]?.choice;
    if (!term || !choice || another || round !== undefined) return undefined;
    if (term.decimal !== undefined || term.shift?.kind === "path") return undefined;
    return { choice, places: term.shift?.places ?? 0 };
  }

  #readAll(scope: Scope): bigint {
    const sum = this.#sum(scope);
    const micros = sum && toMicros(sum);
    if (micros !== undefined && this.#isInBounds(micros)) return micros;
    const max = this.#max / MICROS_PER_UNIT;
    return this.fail(`be from -${max} to ${max} with at most 6 decimals`, scope);
  }

  /** Undefined = a term is out of all bounds. */
  #sum(scope: Scope): Decimal | undefined {
    let sum: Decimal | undefined;
    for (const term of this.#terms) {
      const value = term.read(scope);
      if (!value) return undefined;
      sum = sum ? plus(sum, value) : value;
    }
    return sum && this.#round !== undefined ? rounded(sum, this.#round) : sum;
  }

  #isInBounds(micros: bigint): boolean {
    return micros <= this.#max && micros >= -this.#max;
  }

  /** What stood in the record; of a calculation its result. */
  #received(scope: Scope): string {
    const [term, another] = this.#terms;
    if (term && !another && !term.isCalculated) return describe(term.choice.readAny(scope));
    const sum = this.#sum(scope);
    return sum ? excerpt(formatDecimal(sum)) : "a number far out of these bounds";
  }
}

class TermReader {
  readonly choice: ChoiceReader;
  readonly #term: Term;
  readonly #exponent: ChoiceReader | undefined;

  constructor(term: Term, options: Options) {
    this.choice = new ChoiceReader(term.choice, options);
    this.#term = term;
    const path = term.shift?.kind === "path" ? term.shift.path : undefined;
    this.#exponent = path && new ChoiceReader([sourceOf(path)], options);
  }

  get isCalculated(): boolean {
    return this.#term.decimal !== undefined || this.#term.shift !== undefined;
  }

  /** Undefined = a number, but out of all bounds. @throws UnreadableError */
  read(scope: Scope): Decimal | undefined {
    const value = this.choice.read(scope);
    const { decimal } = this.#term;
    // A constant is the number that is written in the rule; only records encode their numbers.
    const isEncoded = decimal !== undefined && !this.choice.isConstant(scope);
    const number = isEncoded ? this.#decimal(value, decimal, scope) : this.#number(value, scope);
    if (!number) return undefined;
    const placed = shifted(number, this.#places(scope));
    return this.#term.isNegative ? negated(placed) : placed;
  }

  #number(value: DecodedValue, scope: Scope): Decimal | undefined {
    const text = value instanceof NumberSource ? value.text : value;
    const number = typeof text === "string" ? parseNumber(text) : undefined;
    if (number === undefined) return this.choice.fail("be a number", describe(value), scope);
    return typeof number === "object" ? number : undefined;
  }

  #decimal(value: DecodedValue, scale: number, scope: Scope): Decimal | undefined {
    // The schema has said so already.
    if (value instanceof ScaledNumber && value.scale === scale) return this.#number(value, scope);
    const bytes = typeof value === "string" ? fromBase64(value) : value;
    const isInteger = bytes instanceof Uint8Array && bytes.length > 0;
    if (!isInteger || bytes.length > DECIMAL_BYTES_MAX) {
      const accepted = `be 1 to ${DECIMAL_BYTES_MAX} bytes of a decimal, or such in base64`;
      return this.choice.fail(accepted, describe(value), scope);
    }
    return fromTwosComplement(bytes, scale);
  }

  #places(scope: Scope): number {
    const { shift } = this.#term;
    if (shift?.kind === "places") return shift.places;
    if (!this.#exponent) return 0;
    const value = this.#exponent.read(scope);
    const text = value instanceof NumberSource ? value.text : value;
    const number = typeof text === "string" ? parseNumber(text) : undefined;
    const whole = typeof number === "object" ? rounded(number, 0) : undefined;
    const isWhole =
      whole &&
      typeof number === "object" &&
      whole.units * 10n ** BigInt(number.scale) === number.units;
    if (isWhole && whole.units >= 0n && whole.units <= BigInt(PLACES_MAX)) {
      return Number(whole.units);
    }
    const accepted = `have an integer from 0 to ${PLACES_MAX} as exponent`;
    return this.#exponent.fail(accepted, describe(value), scope);
  }
}

function sourceOf(path: Path) {
  return { kind: "path", path } as const;
}
