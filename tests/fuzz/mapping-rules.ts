/**
 * A mapping as the fuzz test makes it: a tree of its own, which the oracle reads directly, and its
 * text in one of many spellings, which the judge must read as the same.
 */

import type { Random } from "./generate.ts";

export type Hop = { key: string } | { index: number } | "each" | "json";

export interface Place {
  /** A header is named by an object. Without a rule `lines` the line is the record. */
  from: "line" | "record" | "key" | "topic" | { header: string };
  hops: Hop[];
}

export type Origin = { place: Place } | { constant: string };

export interface Summand {
  sources: Origin[];
  isSubtracted: boolean;
  decimal: number | undefined;
  /** Places by which the point moves, or where they stand. */
  divisor: number | Place | undefined;
}

export interface Sum {
  summands: Summand[];
  round: number | undefined;
}

/** Parts, each with its sources. */
export type Joined = Origin[][];

export interface Question {
  place: Place;
  isNegated: boolean;
  /** Undefined = `exists`. */
  words: string[] | undefined;
}

export interface RuleSet {
  columns: string[] | undefined;
  lines: Hop[] | undefined;
  product: Joined;
  quantity: Sum | undefined;
  money: Sum;
  isPrice: boolean;
  time: { parts: Joined; unit: string | undefined } | undefined;
  currency: Joined | undefined;
  only: Question[];
  minus: Question | undefined;
  returns: "reject" | "subtract" | undefined;
  /** Its dimensions, named d0 and d1. */
  by: Joined[];
}

/** The rules as somebody could have written them. */
export function spelled(rules: RuleSet, random: Random): string {
  const speller = new Speller(rules, random);
  const { columns, lines, product, quantity, money, time, currency, only, minus, returns } = rules;
  const texts = [
    columns && `columns: ${columns.map((name) => speller.word(name)).join(", ")}`,
    lines && `lines: ${speller.place({ from: "line", hops: lines })}`,
    `product: ${speller.joined(product)}`,
    quantity && `quantity: ${speller.sum(quantity)}`,
    `${rules.isPrice ? "price" : "amount"}: ${speller.sum(money)}`,
    time && `time: ${speller.joined(time.parts)}${time.unit ? ` ${time.unit}` : ""}`,
    currency && `currency: ${speller.joined(currency)}`,
    ...only.map((question) => `only: ${speller.question(question)}`),
    minus && `minus: ${speller.question(minus)}`,
    returns && `returns: ${returns}`,
    ...rules.by.map((parts, i) => `by d${i}: ${speller.joined(parts)}`),
  ];
  return speller
    .shuffled(texts.filter((text) => text !== undefined))
    .join(random.pick(["\n", ";"]));
}

class Speller {
  readonly #rules: RuleSet;
  readonly #random: Random;

  constructor(rules: RuleSet, random: Random) {
    this.#rules = rules;
    this.#random = random;
  }

  shuffled(texts: string[]): string[] {
    return texts
      .map((text) => ({ text, rank: this.#random.below(1_000) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ text }) => text);
  }

  place({ from, hops }: Place): string {
    return hops.reduce((text, hop) => this.#hop(text, hop), this.#start(from));
  }

  joined(parts: Joined): string {
    return parts.map((sources) => this.#sources(sources, (text) => this.#quoted(text))).join(" + ");
  }

  sum({ summands, round }: Sum): string {
    const texts = summands.map((summand, i) => {
      const sign = i === 0 ? "" : summand.isSubtracted ? " - " : " + ";
      return `${sign}${this.#summand(summand)}`;
    });
    return `${texts.join("")}${round === undefined ? "" : ` round ${round}`}`;
  }

  question({ place, isNegated, words }: Question): string {
    const list = words && `in (${words.map((word) => this.word(word)).join(", ")})`;
    return `${this.place(place)} ${isNegated ? "not " : ""}${list ?? "exists"}`;
  }

  word(word: string): string {
    const isBare = /^[A-Za-z0-9]([A-Za-z0-9 _.$-]*[A-Za-z0-9])?$/.test(word) && word !== "null";
    return isBare && this.#random.below(2) > 0 ? word : this.#quoted(word);
  }

  #start(from: Place["from"]): string {
    if (from === "line") return this.#rules.lines || this.#random.below(4) > 0 ? "" : "$";
    if (from === "record") return "$";
    if (from === "key" || from === "topic") return `$${from}`;
    const isBare = /^[A-Za-z][\w.-]*$/.test(from.header);
    return isBare ? `$header.${from.header}` : `$header[${this.#quoted(from.header)}]`;
  }

  #hop(before: string, hop: Hop): string {
    if (hop === "json") return `json(${before})`;
    if (hop === "each") return `${before === "$" ? "" : before}[]`;
    if ("index" in hop) return `${before}[${hop.index}]`;
    const isFirst = before === "";
    const isBare = /^[\p{L}\p{N}_@$]+$/u.test(hop.key) && !(isFirst && /^[\d$]/.test(hop.key));
    if (!isBare || this.#random.below(6) === 0) return `${before}[${this.#quoted(hop.key)}]`;
    return isFirst ? hop.key : `${before}.${hop.key}`;
  }

  #summand({ sources, decimal, divisor }: Summand): string {
    const scale = decimal === undefined ? "" : ` decimal ${decimal}`;
    const text = this.#sources(sources, (constant) => this.#number(constant)) + scale;
    if (divisor === undefined) return text;
    if (typeof divisor !== "number") return `${text} / 10^${this.place(divisor)}`;
    const isPower = this.#random.below(2) > 0;
    return `${text} / ${isPower ? `10^${divisor}` : `1${"0".repeat(divisor)}`}`;
  }

  #sources(sources: Origin[], constant: (text: string) => string): string {
    return sources
      .map((source) => ("place" in source ? this.place(source.place) : constant(source.constant)))
      .join(" else ");
  }

  #number(text: string): string {
    const isPlain = /^-?\d+(\.\d+)?$/.test(text);
    return isPlain && this.#random.below(2) > 0 ? text : this.#quoted(text);
  }

  #quoted(text: string): string {
    return `'${text.replaceAll("'", "''")}'`;
  }
}
