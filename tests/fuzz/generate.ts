/**
 * Bytes that are nearly always nearly a sale: what a decoder gets wrong lies close to the border.
 */

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to `below` − 1. */
  below(below: number): number {
    // Mulberry32. A plain linear generator repeats itself where many small numbers are drawn.
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

const encoder = new TextEncoder();
const NAMES = [
  "Laptop",
  "Mouse",
  "Côte de Blaye",
  "x",
  "<img src=x>",
  "__proto__",
  "日本",
  "😀",
  "\uFEFFLaptop",
  "8 bytes!",
];
export const ODD_STRINGS = [
  '"\\u004captop"',
  '"a\\nb"',
  '"\\ud83d\\ude00"',
  '"\\ud83d"',
  '"\\"\\\\"',
  '""',
  '"\u007f"',
  '"\u0085"',
  `"${"é".repeat(128)}"`,
  `"${"é".repeat(129)}"`,
  "null",
  "7",
  "[]",
  '{"product":1}',
];
const EDGES = [
  "0",
  "-0",
  "1",
  "1e3",
  "1E+2",
  "10e-1",
  "1e-6",
  "1e-7",
  "1e400",
  "0e999",
  "01",
  "1.",
];
const WIDE = [
  "1000000000",
  "1000000001",
  "1000000000000",
  "1000000000000.000001",
  "0.000001",
  "0.0000010",
  "0.0000001",
  "9007199254.740993",
  "999999999.999999",
  "1e99999999999999999999",
  "-1",
  ".5",
  "+1",
  "NaN",
  "1_0",
  "0x10",
];
const TIMES = [
  "1700000000000",
  "-1",
  "1.5",
  "8640000000000001",
  '"1996-07-04T00:00:00Z"',
  '"2026-11-23"',
  '"soon"',
  "null",
];
const SPACES = ["", "", "", "", " ", "\n", "\t ", "\r\n", "\u00a0"];
const OTHER = [
  '"note":"a,b}"',
  '"tags":[1,{"price":9}]',
  '"product ":1',
  '"Price":"x"',
  '"__proto__":{}',
];

/** One case. Most have the plain form, for that is where the fast path says yes. */
export function nearlySale(random: Random): Uint8Array {
  const fields = [
    `"product":${name(random)}`,
    `"quantity":${quantity(random)}`,
    `"price":${number(random)}`,
  ];
  const isPlain = random.below(3) > 0;
  const gap = () => (isPlain ? "" : random.pick(SPACES));
  if (!isPlain) {
    if (random.below(3) === 0) fields.push(random.pick(OTHER));
    if (random.below(4) === 0) fields.push(`"timestamp":${random.pick(TIMES)}`);
    if (random.below(6) === 0) fields.push(random.pick(fields));
    if (random.below(8) === 0) fields.splice(random.below(fields.length), 1);
    fields.sort(() => random.below(3) - 1);
  }
  const body = fields.map((field) => gap() + field.replace(":", `${gap()}:${gap()}`) + gap());
  return damaged(encoder.encode(`${gap()}{${body.join(",")}}${gap()}`), random);
}

function name(random: Random): string {
  return random.below(6) === 0 ? random.pick(ODD_STRINGS) : JSON.stringify(random.pick(NAMES));
}

function quantity(random: Random): string {
  return random.below(4) === 0 ? number(random) : `${1 + random.below(random.pick([9, 1e9]))}`;
}

function number(random: Random): string {
  switch (random.below(8)) {
    case 0:
      return random.pick(EDGES);
    case 1:
      return random.pick(WIDE);
    case 2:
      return `${random.below(1e9)}.${random.below(1e7)}`;
    case 3:
      return `${random.below(1000)}e${random.below(14) - 7}`;
    default:
      return random.below(2) === 0 ? `${1 + random.below(9)}` : `${random.below(1000)}.99`;
  }
}

/** A few bytes replaced, removed, doubled or cut off, in half of the cases. */
export function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  if (random.below(2) === 0) return bytes;
  const list = [...bytes];
  for (let edits = 1 + random.below(2); edits > 0; edits--) {
    const at = random.below(list.length);
    const kind = random.below(8);
    if (kind < 3) list[at] = random.below(256);
    else if (kind < 5) list.splice(at, 1);
    else if (kind < 7) list.splice(at, 0, list[random.below(list.length)] as number);
    else list.length = at;
    if (list.length === 0) break;
  }
  return Uint8Array.from(list);
}
