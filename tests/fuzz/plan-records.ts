/** Random JSON records that nearly fit the mappings of `plan-mappings.ts`. */

import type { OutgoingRecord } from "../../src/kafka/kafka.ts";
import { damaged, ODD_STRINGS, type Random } from "./generate.ts";
import type { FuzzedMapping } from "./plan-mappings.ts";

const NAMES = ["Kettle", "Côte de Blaye", "8 bytes!", "x", "日本", "it's", 'a\\"b'];
const NUMBERS = ["1", "2", "3.0", "0.450", "12.50", "-4", "0", "100", "1999", "7.125", "5", "12"];
const ODD_NUMBERS = [
  ...["-0", "1e3", "1E-2", "0.0000001", "39.900000000000006", "1000000001", "9007199254.740993"],
  ...["1e400", "0e99999", "12345678901234567890", "1e-40", "-0.000", "9223372036854775807"],
];
const ODD_TEXTS = [
  ...['" 5 "', '"+1"', '".5"', '"5."', '"007"', '"1,5"', '""', '"n/a"', '"1e2"', '"\\u0031"'],
  ...['"-"', '"."', '"1e"', '"0x1"', '"1 2"', '"1e+05"', '"1_0"'],
];
const OTHER = ["null", "true", "false", "[]", "{}", '[1,{"a":"b"}]', '{"a":{"b":[null,-1e5]}}'];
const EXTRA_KEYS = ["note", "qt", "quantity", "", "é", "a_key_that_is_longer_than_eight_bytes"];
const BASE64 = ["B8s=", "AA==", "/w==", "gAAAAAAAAAA=", "AAAAAAAAAAAB", "A===", "AB=C", "", "Zg"];
const GAPS = ["", " ", "\n", "\t ", "\r\n"];
const encoder = new TextEncoder();

export function randomRecord(random: Random, mapping: FuzzedMapping): OutgoingRecord {
  const text = new Maker(random, mapping).value();
  const prefix = random.below(20) === 0 ? "\0\0\0\0\u0007" : "";
  const bytes = encoder.encode(prefix + text);
  const headers = random.below(3) === 0 ? [] : [header(random), header(random)];
  return {
    key: random.below(4) === 0 ? null : encoder.encode(key(random)),
    value: random.below(40) === 0 ? null : random.below(9) === 0 ? damaged(bytes, random) : bytes,
    headers,
    partition: 0,
    ...(random.below(9) > 0 && { timestamp: Date.UTC(2026, 10, 24) }),
  };
}

function key(random: Random): string {
  return random.pick(["k", "", "7", '{"id":"k7"}', '{"id":12.50}', '{"id":"k7"', "2026-01-02"]);
}

function header(random: Random): { name: string; value: Uint8Array | null } {
  const text = random.pick(["paid", "2026-03-01T08:15:00Z", "1", ""]);
  const bytes = random.below(12) === 0 ? Uint8Array.of(0xff, 0x41) : encoder.encode(text);
  const name = random.pick(["type", "time", "other"]);
  return { name, value: random.below(12) === 0 ? null : bytes };
}

type Field = readonly [key: string, make: (random: Random) => string];

const META: readonly Field[] = [
  ["type", (random) => random.pick(['"paid"', '"refund"', "1"])],
  ["exp", (random) => random.pick(["2", '"2"', "0", "3", "2.0", "-1", "39"])],
];
const OF_RECORD: readonly Field[] = [
  ["cur", currency],
  ["meta", (random) => object(random, META)],
  ["ts", timeValue],
  ["ok", (random) => random.pick(["true", "false", "null"])],
  ["id", number],
];
const EMBEDDED: readonly Field[] = [
  ["v", name],
  ["q", number],
];
const OF_LINE: readonly Field[] = [
  ["name", name],
  ["n", (random) => object(random, [["en", name]])],
  ["x y", name],
  ["tags", (random) => array(random, [name(random), number(random)])],
  ["j", (random) => odd(random, 25) ?? JSON.stringify(object(random, EMBEDDED))],
  ["sku", (random) => (random.below(2) === 0 ? number(random) : name(random))],
  ["qty", number],
  ["unit", (random) => object(random, [["price", number]])],
  ["cents", number],
  ["fee", number],
  ["b64", (random) => odd(random, 25) ?? JSON.stringify(random.pick(BASE64))],
  ["exp", (random) => random.pick(["2", '"2"', "0", "3", "2.5", "null"])],
  ["ts", timeValue],
  ["when", (random) => object(random, [["at", timeValue]])],
  ["zone", (random) => random.pick(['"Z"', '"+02:00"', '""', "null"])],
  ["cur", currency],
  ["kind", (random) => random.pick(['"refund"', '"paid"', "null"])],
  ["ok", (random) => random.pick(["true", "false"])],
];

/** Where the record is the line. */
const ONLY_OF_RECORD = OF_RECORD.filter(([key]) => OF_LINE.every(([other]) => other !== key));

/** The value of a record: what its mapping asks for, and a little of the rest. */
class Maker {
  readonly #random: Random;
  readonly #mapping: FuzzedMapping;

  constructor(random: Random, mapping: FuzzedMapping) {
    this.#random = random;
    this.#mapping = mapping;
  }

  value(): string {
    const random = this.#random;
    if (this.#mapping.shape === "") return this.#object([...OF_LINE, ...ONLY_OF_RECORD]);
    const count = random.below(10) === 0 ? 0 : 1 + random.below(3);
    const lines = Array.from({ length: count }, () => odd(random, 60) ?? this.#object(OF_LINE));
    const list = odd(random, 40) ?? array(random, lines);
    const items = `{"items":${list}}`;
    switch (this.#mapping.shape) {
      case "[]":
        return list;
      case "items[]":
        return this.#record("items", list);
      case "order.items[]":
        return this.#record("order", items);
      case "list[1].items[]":
        return this.#record("list", `[{},${items}]`);
      case "items[].d":
        return this.#record(
          "items",
          array(
            random,
            lines.map((line) => `{"d":${line}}`),
          ),
        );
      case "json(body).items[]":
        return this.#record("body", JSON.stringify(items));
      case "checks[].sel[]":
        return this.#record("checks", `[{"sel":${list}},{"sel":null},{}]`);
    }
  }

  #record(key: string, lines: string): string {
    return this.#object([[key, () => lines], ...OF_RECORD]);
  }

  #object(fields: readonly Field[]): string {
    const random = this.#random;
    const { rules, shape } = this.#mapping;
    const kept = fields.filter(([key]) => {
      const isWanted = rules.includes(key) || shape.includes(key);
      return isWanted ? random.below(30) > 0 : random.below(12) === 0;
    });
    if (random.below(3) === 0) kept.push([random.pick(EXTRA_KEYS), () => random.pick(OTHER)]);
    if (random.below(60) === 0 && kept.length > 0) kept.push(random.pick(kept));
    return object(random, random.below(2) === 0 ? kept : kept.reverse());
  }
}

function currency(random: Random): string {
  return random.below(9) === 0
    ? random.pick(['"EUR"', "1", "null"])
    : random.pick(['"USD"', '"usd"']);
}

function name(random: Random): string {
  if (random.below(30) === 0) return random.pick(ODD_STRINGS);
  return odd(random, 40) ?? JSON.stringify(random.pick(NAMES));
}

function number(random: Random): string {
  const kind = random.below(30);
  if (kind === 0) return random.pick([...ODD_NUMBERS, ...ODD_TEXTS, ...OTHER]);
  if (kind === 1) return `${random.below(1e9)}.${random.below(1e7)}`;
  const plain = random.pick(NUMBERS);
  return kind < 9 ? `"${plain}"` : plain;
}

function timeValue(random: Random): string {
  const kind = random.below(10);
  if (kind < 2) return random.pick(["1772352900", "1772352900250", '"1772352900"', "-1", "20500"]);
  if (kind === 2) return random.pick(["1.5", "1e12", '"soon"', '"2/3/2026 7:15"', "null", "[]"]);
  const two = (below: number) => String(random.below(below)).padStart(2, "0");
  const isWild = random.below(8) === 0;
  const month = isWild ? two(15) : `0${1 + random.below(9)}`;
  const date = `${random.pick(["2026", "2024", "1969", "0001", "9999"])}-${month}-${two(isWild ? 34 : 29)}`;
  if (kind === 3) return `"${date}"`;
  const seconds = random.pick(["", `:${two(isWild ? 70 : 60)}`]);
  const fraction = seconds && random.pick(["", ".5", ",25", ".123456789", "."]);
  const zone = random.pick(["", "Z", "+02:00", "-0400", "+01", " UTC", "z", " +0000", "+2:00"]);
  return `"${date}${random.pick(["T", " ", "t", "  "])}${two(isWild ? 26 : 24)}:${two(60)}${seconds}${fraction}${zone}"`;
}

/** Now and then something that no rule expects. */
function odd(random: Random, oneIn: number): string | undefined {
  return random.below(oneIn) === 0 ? random.pick([...OTHER, '"text"', "7"]) : undefined;
}

function object(random: Random, fields: readonly Field[]): string {
  const gap = gapOf(random);
  const members = fields.map(([key, make]) => {
    const name = random.below(300) === 0 ? escaped(key) : JSON.stringify(key);
    return `${gap()}${name}${gap()}:${gap()}${make(random)}${gap()}`;
  });
  return `{${members.join(",")}}`;
}

function array(random: Random, elements: readonly string[]): string {
  const gap = gapOf(random);
  return `[${elements.map((element) => gap() + element + gap()).join(",")}]`;
}

function gapOf(random: Random): () => string {
  return random.below(5) > 0 ? () => "" : () => random.pick(GAPS);
}

function escaped(text: string): string {
  const hex = (char: string) => char.charCodeAt(0).toString(16).padStart(4, "0");
  return `"${text.replace(/[a-z]/, (char) => `\\u${hex(char)}`)}"`;
}
