/** Random mappings: every kind of rule, few keys, so that paths meet. */

import type { Random } from "./generate.ts";
import type {
  Hop,
  Joined,
  Origin,
  Place,
  Question,
  RuleSet,
  Sum,
  Summand,
} from "./mapping-rules.ts";

/** Words of the rules and keys that need quotes are among them. */
const KEYS = [
  ...["a", "b", "c", "sku", "price", "name", "units", "total", "kind", "at", "id", "title", "qty"],
  ...["in", "not", "else", "s", "round", "json", "$n", "decimal", "exists", "by"],
];
const ODD_KEYS = ["x y", "it's", "a-b", "é", "0", "", "__proto__", "日本", "k;#"];
const HEADERS = ["type", "ce_type", "spring.json.type", "x y"];
export const WORDS = ["paid", "Order Completed", "false", "1", "2.0", "it's", "", "null", "日本"];
/** Some are base64 too. */
const NUMBERS = [
  ...["0", "1", "-2.5", "007.50", ".5", "1e3", "0.000001", "+4", "1e-3", "1000", "99999999"],
];
const CONSTANTS = ["Shop", "", " ", " - ", "it's", "日本", "42", "7.50"];
const UNITS = ["s", "ms", "us", "ns", "days"];

export function randomRules(random: Random): RuleSet {
  return new Chance(random).rules();
}

class Chance {
  readonly #random: Random;
  #columns: string[] | undefined;
  #hasLines = false;

  constructor(random: Random) {
    this.#random = random;
  }

  rules(): RuleSet {
    const random = this.#random;
    this.#columns = this.#is(6) ? this.#someColumns() : undefined;
    this.#hasLines = this.#columns ? this.#is(5) : this.#is(2);
    const lines = this.#hasLines ? this.#linesHops() : undefined;
    const minus = this.#is(6) ? this.#question("minus") : undefined;
    return {
      columns: this.#columns,
      lines,
      product: this.#joined(),
      quantity: this.#is(5) ? undefined : this.#sum(),
      money: this.#sum(),
      isPrice: this.#is(2),
      time: this.#is(2)
        ? { parts: this.#joined(), unit: this.#is(4) ? random.pick(UNITS) : undefined }
        : undefined,
      currency: this.#is(5) ? [this.#sources(["USD", "usd", "EUR"])] : undefined,
      only: Array.from({ length: random.pick([0, 0, 0, 1, 1, 2]) }, () => this.#question("only")),
      minus,
      returns: random.pick(["reject", "subtract", "subtract", undefined]),
      by: Array.from({ length: random.pick([0, 0, 1, 2]) }, () => this.#joined()),
    };
  }

  /** In one of `n` cases. */
  #is(n: number): boolean {
    return this.#random.below(n) === 0;
  }

  #someColumns(): string[] {
    const names = [...KEYS, ...ODD_KEYS].filter(() => this.#is(3)).slice(0, 9);
    return names.length > 0 ? names : ["a", "b"];
  }

  #key(): string {
    return this.#is(10) ? this.#random.pick(ODD_KEYS) : this.#random.pick(KEYS);
  }

  #place(): Place {
    const random = this.#random;
    const kind = random.below(20);
    if (kind === 0) return { from: "key", hops: this.#is(3) ? ["json", { key: this.#key() }] : [] };
    if (kind === 1) return { from: "topic", hops: [] };
    if (kind < 4) return { from: { header: random.pick(HEADERS) }, hops: [] };
    const isOfRecord = this.#hasLines && random.below(4) === 0;
    return { from: isOfRecord ? "record" : "line", hops: this.#hops(isOfRecord) };
  }

  #hops(isOfRecord: boolean): Hop[] {
    const isColumn = this.#columns && (isOfRecord || !this.#hasLines);
    if (isColumn) return [this.#column(), ...(this.#is(5) ? this.#embedded() : [])];
    const hops: Hop[] = [this.#is(25) ? { index: this.#random.below(3) } : { key: this.#key() }];
    if (this.#is(4)) hops.push({ key: this.#key() });
    if (this.#is(12)) hops.push({ index: this.#random.below(3) });
    if (this.#is(12)) hops.push(...this.#embedded());
    return hops;
  }

  #column(): Hop {
    return { key: this.#random.pick(this.#columns ?? []) };
  }

  #embedded(): Hop[] {
    return ["json", { key: this.#key() }];
  }

  #linesHops(): Hop[] {
    if (this.#columns) return [this.#column(), "json", { key: this.#key() }, "each"];
    const before: Hop[] = this.#is(12) ? [] : [{ key: this.#key() }];
    if (before.length > 0 && this.#is(8)) before.push("json", { key: this.#key() });
    const hops: Hop[] = [...before, "each"];
    if (this.#is(4)) hops.push({ key: this.#key() }, "each");
    if (this.#is(8)) hops.push({ key: this.#key() });
    return hops;
  }

  #sources(constants: readonly string[]): Origin[] {
    const random = this.#random;
    if (this.#is(12)) return [{ constant: random.pick(constants) }];
    const sources: Origin[] = Array.from({ length: random.pick([1, 1, 1, 1, 2, 3]) }, () => ({
      place: this.#place(),
    }));
    if (this.#is(5)) sources.push({ constant: random.pick(constants) });
    return sources;
  }

  #joined(): Joined {
    const count = this.#random.pick([1, 1, 1, 1, 1, 2, 3]);
    return Array.from({ length: count }, () => this.#sources(CONSTANTS));
  }

  #sum(): Sum {
    const random = this.#random;
    const count = random.pick([1, 1, 1, 1, 1, 2, 3]);
    const summands = Array.from({ length: count }, (_, i) => this.#summand(i > 0));
    return { summands, round: this.#is(4) ? random.below(7) : undefined };
  }

  #summand(canBeSubtracted: boolean): Summand {
    const random = this.#random;
    const sources = this.#sources(NUMBERS);
    const isPath = sources.some((source) => "place" in source);
    const kind = random.below(10);
    const divisor = kind < 3 ? random.pick([0, 1, 2, 2, 2, 3, 6, 38]) : undefined;
    return {
      sources,
      isSubtracted: canBeSubtracted && this.#is(2),
      decimal: isPath && this.#is(8) ? random.pick([0, 2, 2, 4, 38]) : undefined,
      divisor: kind === 9 ? this.#place() : divisor,
    };
  }

  #question(rule: "only" | "minus"): Question {
    const random = this.#random;
    const isExists = rule === "only" && this.#is(4);
    const words = Array.from({ length: 1 + random.below(3) }, () => random.pick(WORDS));
    const isNegated = rule === "only" && this.#is(3);
    return { place: this.#place(), isNegated, words: isExists ? undefined : words };
  }
}
