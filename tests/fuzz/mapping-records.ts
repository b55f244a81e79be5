/**
 * Random records for a mapping: what the rules look for stands where they look, nearly always
 * nearly right, because what a judge gets wrong lies close to the border.
 */

import { damaged, type Random } from "./generate.ts";
import { WORDS } from "./mapping-chance.ts";
import type { InputRecord } from "./mapping-oracle.ts";
import type { Hop, Joined, Origin, Place, RuleSet, Sum } from "./mapping-rules.ts";
import {
  CURRENCIES,
  DECIMALS,
  NAMES,
  ODD_NAMES,
  ODD_NUMBERS,
  ODD_TIMES,
  PLAIN,
  TIMES,
  WRONG,
} from "./mapping-values.ts";

/** A value that is being built: containers grow, a leaf is the text of JSON. */
type Node =
  | { kind: "object"; fields: Map<string, Node> }
  | { kind: "array"; items: Node[] }
  | { kind: "embedded"; inner: Node }
  | { kind: "leaf"; json: string };

/** What a rule looks for; a condition looks for its words. */
type Use = "text" | "number" | "decimal" | "places" | "time" | "currency" | string[];

/** Each use of a place in the rules, in the order in which they are built. */
export class RecordChance {
  readonly #random: Random;
  readonly #rules: RuleSet;
  readonly #uses: { place: Place; use: Use }[];
  /** Nothing of this record is missing or odd. */
  #isClean = false;

  constructor(rules: RuleSet, random: Random) {
    this.#random = random;
    this.#rules = rules;
    const { product, quantity, money, time, currency, only, minus } = rules;
    this.#uses = [
      ...usesOf(product, "text"),
      ...(quantity ? usesOfSum(quantity) : []),
      ...usesOfSum(money),
      ...usesOf(time?.parts ?? [], "time"),
      ...usesOf(currency ?? [], "currency"),
      ...[...only, ...(minus ? [minus] : [])].map(({ place, isNegated, words = [] }) => ({
        place,
        use: isNegated ? ["other"] : words,
      })),
    ];
  }

  next(): InputRecord {
    const random = this.#random;
    this.#isClean = random.below(2) === 0;
    const root: Node = { kind: "object", fields: new Map() };
    const lines = this.#rules.lines ? this.#addLines(root, this.#rules.lines) : [root];
    const record: InputRecord = { topic: "sales", key: null, value: null, headers: [] };
    for (const { place, use } of this.#uses) {
      if (this.#oddly(14)) continue;
      if (place.from === "line") for (const line of lines) this.#put(line, place.hops, use);
      else if (place.from === "record") this.#put(root, place.hops, use);
      else this.#addOutside(record, place, use);
    }
    if (this.#oddly(100)) return record;
    const text = this.#rules.columns ? this.#csv(root) : this.#json(root);
    const bytes = new TextEncoder().encode(text);
    const prefixed =
      !this.#rules.columns && this.#is(12) ? Buffer.from([0, 0, 0, 0, 7, ...bytes]) : bytes;
    record.value = this.#oddly(6) ? damaged(prefixed, random) : prefixed;
    return record;
  }

  /** In one of `n` cases. */
  #is(n: number): boolean {
    return this.#random.below(n) === 0;
  }

  #oddly(n: number): boolean {
    return !this.#isClean && this.#is(n);
  }

  #addLines(root: Node, hops: Hop[]): Node[] {
    let found: Node[] = [root];
    hops.forEach((hop, i) => {
      const isContainer = hops[i + 1] === "each";
      if (hop === "each") {
        found = found.flatMap((node) => this.#lineNodes(node));
        return;
      }
      found = found.flatMap((node) => {
        const child = this.#child(node, hop, hops[i + 1]);
        if (isContainer && this.#oddly(20)) {
          Object.assign(child, { kind: "leaf", json: this.#random.pick(WRONG) });
        }
        return child.kind === "leaf" ? [] : [child];
      });
    });
    return found;
  }

  #lineNodes(node: Node): Node[] {
    const count = this.#random.pick([0, 1, 1, 2, 2, 3]);
    const lines = Array.from(
      { length: count },
      (): Node => ({ kind: "object", fields: new Map() }),
    );
    Object.assign(node, { kind: "array", items: lines });
    if (this.#oddly(25)) lines.push({ kind: "leaf", json: this.#random.pick(WRONG) });
    return lines.filter(({ kind }) => kind === "object");
  }

  /** What is at `hop`, grown where nothing is; a leaf where something else stands already. */
  #child(node: Node, hop: Hop, next: Hop | undefined): Node {
    const fresh = (): Node => emptyFor(next);
    if (hop === "json") return node.kind === "embedded" ? node.inner : { kind: "leaf", json: "0" };
    if (hop === "each") return { kind: "leaf", json: "0" };
    if ("index" in hop) {
      if (node.kind !== "array") return { kind: "leaf", json: "0" };
      while (node.items.length <= hop.index) node.items.push(fresh());
      return node.items[hop.index] as Node;
    }
    if (node.kind !== "object") return { kind: "leaf", json: "0" };
    const child = node.fields.get(hop.key) ?? fresh();
    node.fields.set(hop.key, child);
    return child;
  }

  #put(start: Node, hops: Hop[], use: Use): void {
    let node = start;
    if (hops[0] && typeof hops[0] === "object" && "index" in hops[0] && start.kind === "object") {
      if (start.fields.size === 0) Object.assign(start, { kind: "array", items: [] });
    }
    hops.forEach((hop, i) => {
      node = this.#child(node, hop, hops[i + 1]);
    });
    const isFree = node.kind === "leaf" || (node.kind === "object" && node.fields.size === 0);
    if (isFree) Object.assign(node, { kind: "leaf", json: this.#value(use) });
  }

  #addOutside(record: InputRecord, { from, hops }: Place, use: Use): void {
    if (from === "topic" || from === "line" || from === "record") return;
    const value = this.#value(use);
    const text = hops.length > 0 ? this.#outsideJson(hops, use) : unquoted(value);
    const bytes = new TextEncoder().encode(text);
    const odd = this.#oddly(30) ? Buffer.from([0xc3, 0x28]) : bytes;
    if (from === "key") record.key = odd;
    else record.headers.push({ name: from.header, value: this.#oddly(30) ? null : odd });
  }

  #outsideJson(hops: Hop[], use: Use): string {
    const inner: Node = { kind: "object", fields: new Map() };
    this.#put(inner, hops.slice(1), use);
    return this.#oddly(20) ? "{" : this.#json(inner);
  }

  #value(use: Use): string {
    const random = this.#random;
    const kind = random.below(100);
    if (!this.#isClean && kind < 3) return "null";
    if (!this.#isClean && kind < 5) return random.pick(WRONG);
    const isOdd = !this.#isClean && kind < 20;
    if (typeof use !== "string") return this.#word(use);
    switch (use) {
      case "text":
        return random.pick(isOdd ? ODD_NAMES : NAMES);
      case "number":
        return isOdd ? random.pick(ODD_NUMBERS) : this.#number();
      case "decimal":
        return random.pick(isOdd ? DECIMALS : DECIMALS.slice(0, 5));
      case "places":
        return random.pick(
          isOdd ? ["-1", "39", "1.5", "38", '"a"'] : ["2", "0", "3", '"2"', "2.0"],
        );
      case "time":
        return random.pick(isOdd ? ODD_TIMES : TIMES);
      default:
        return random.pick(isOdd ? CURRENCIES : CURRENCIES.slice(0, 4));
    }
  }

  /** Mostly one that the condition names; a text, or what has this text. */
  #word(words: string[]): string {
    const isOther = words.length === 0 || this.#is(4);
    const word = this.#random.pick(isOther ? WORDS : words);
    return /^(false|[0-9.]+)$/.test(word) && this.#is(2) ? word : JSON.stringify(word);
  }

  #number(): string {
    const random = this.#random;
    if (this.#is(2)) return random.pick(PLAIN);
    const text = `${random.below(10_000)}.${random.below(random.pick([100, 100, 1_000_000]))}`;
    return this.#is(3) ? `"${text}"` : text.replace(/0+$/, "0");
  }

  #space(): string {
    return this.#is(12) ? this.#random.pick([" ", "\n", "\t", "\r\n", "  "]) : "";
  }

  #json(node: Node): string {
    switch (node.kind) {
      case "leaf":
        return `${this.#space()}${node.json}${this.#space()}`;
      case "embedded":
        return this.#oddly(40) ? '"{"' : JSON.stringify(this.#json(node.inner));
      case "array":
        return `${this.#space()}[${node.items.map((item) => this.#json(item)).join(",")}]`;
      case "object":
        return `{${this.#members(node.fields).join(",")}}${this.#space()}`;
    }
  }

  #members(fields: Map<string, Node>): string[] {
    const members = [...fields].map(([key, node]) => {
      const name = this.#is(20) ? escaped(key) : JSON.stringify(key);
      return `${this.#space()}${name}${this.#space()}:${this.#json(node)}`;
    });
    if (this.#is(8)) members.push(`"other":${this.#random.pick(WRONG)}`);
    const [key] = fields.keys();
    // Of a key that stands twice the last counts.
    if (key !== undefined && this.#oddly(25))
      members.push(`${JSON.stringify(key)}:${this.#random.pick(WRONG)}`);
    if (this.#is(3)) members.reverse();
    return members;
  }

  #csv(root: Node): string {
    const fields = (this.#rules.columns ?? []).map((name) => {
      const node = root.kind === "object" ? root.fields.get(name) : undefined;
      return node ? this.#csvField(node) : "";
    });
    if (this.#oddly(40)) fields.push("");
    return fields.join(",") + this.#random.pick(["", "", "", "\n", "\r\n", "\r"]);
  }

  #csvField(node: Node): string {
    const text = node.kind === "embedded" ? this.#json(node.inner) : unquoted(this.#json(node));
    const isPlain = !/[",\r\n]/.test(text);
    if (isPlain && !this.#is(10)) return text;
    return this.#oddly(60) ? text : `"${text.replaceAll('"', '""')}"`;
  }
}

function usesOf(parts: Joined, use: Use): { place: Place; use: Use }[] {
  return parts.flatMap((sources) => placesIn(sources).map((place) => ({ place, use })));
}

function usesOfSum({ summands }: Sum): { place: Place; use: Use }[] {
  return summands.flatMap(({ sources, decimal, divisor }) => [
    ...usesOf([sources], decimal === undefined ? "number" : "decimal"),
    ...(typeof divisor === "object" ? [{ place: divisor, use: "places" as const }] : []),
  ]);
}

function placesIn(sources: Origin[]): Place[] {
  return sources.flatMap((source) => ("place" in source ? [source.place] : []));
}

function emptyFor(hop: Hop | undefined): Node {
  if (hop === undefined) return { kind: "leaf", json: "null" };
  if (hop === "json") return { kind: "embedded", inner: { kind: "object", fields: new Map() } };
  if (hop === "each") return { kind: "array", items: [] };
  return "index" in hop ? { kind: "array", items: [] } : { kind: "object", fields: new Map() };
}

/** The text that stands in JSON; other values as they are written. */
function unquoted(json: string): string {
  const trimmed = json.trim();
  return trimmed.startsWith('"') ? String(JSON.parse(trimmed)) : trimmed;
}

function escaped(key: string): string {
  const units = Array.from({ length: key.length }, (_, i) => key.charCodeAt(i));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("")}"`;
}
