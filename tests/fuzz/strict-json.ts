/**
 * Bytes → JSON for the oracles of the tests, with nothing in common with src/: slow, small and
 * meant to be read beside RFC 3629 and RFC 8259. A number is digits and a power of ten.
 */

export interface ExactNumber {
  negative: boolean;
  digits: bigint;
  power: bigint;
  /** As it was written. */
  source: string;
}

export type Json = null | boolean | string | ExactNumber | Json[] | Map<string, Json>;

/**
 * RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF. Returns UTF-16 code units.
 */
export function utf8(bytes: Uint8Array): number[] | undefined {
  const units: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] as number;
    const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length === 0 || first > 0xf4 || at + length > bytes.length) return undefined;
    let point = length === 1 ? first : first & (0x7f >> length);
    for (let i = 1; i < length; i++) {
      const next = bytes[at + i] as number;
      if (next >> 6 !== 2) return undefined;
      point = (point << 6) | (next & 0x3f);
    }
    if (length === 3 && (point < 0x800 || (point >= 0xd800 && point < 0xe000))) return undefined;
    if (length === 4 && (point < 0x10000 || point > 0x10ffff)) return undefined;
    if (point < 0x10000) units.push(point);
    else units.push(0xd7c0 + (point >> 10), 0xdc00 + (point & 0x3ff));
    at += length;
  }
  return units;
}

class Malformed extends Error {}

/** RFC 8259, section by section. */
export class Parser {
  readonly #units: readonly number[];
  #at = 0;

  constructor(units: readonly number[]) {
    this.#units = units;
  }

  document(): Json | undefined {
    try {
      const value = this.#value();
      this.#space();
      return this.#at === this.#units.length ? value : undefined;
    } catch (error) {
      if (error instanceof Malformed) return undefined;
      throw error;
    }
  }

  #peek(): string {
    return this.#at < this.#units.length
      ? String.fromCharCode(this.#units[this.#at] as number)
      : "";
  }

  #take(allowed: string): string {
    const char = this.#peek();
    if (char === "" || !allowed.includes(char)) throw new Malformed();
    this.#at++;
    return char;
  }

  #word(word: string): void {
    for (const char of word) this.#take(char);
  }

  #space(): void {
    while (this.#peek() !== "" && " \t\n\r".includes(this.#peek())) this.#at++;
  }

  #value(): Json {
    this.#space();
    switch (this.#peek()) {
      case "{":
        return this.#object();
      case "[":
        return this.#array();
      case '"':
        return this.#string();
      case "t":
        this.#word("true");
        return true;
      case "f":
        this.#word("false");
        return false;
      case "n":
        this.#word("null");
        return null;
      default:
        return this.#number();
    }
  }

  #object(): Map<string, Json> {
    const members = new Map<string, Json>();
    this.#take("{");
    this.#space();
    if (this.#peek() === "}") {
      this.#at++;
      return members;
    }
    do {
      this.#space();
      const name = this.#string();
      this.#space();
      this.#take(":");
      members.set(name, this.#value());
      this.#space();
    } while (this.#take(",}") === ",");
    return members;
  }

  #array(): Json[] {
    const elements: Json[] = [];
    this.#take("[");
    this.#space();
    if (this.#peek() === "]") {
      this.#at++;
      return elements;
    }
    do {
      elements.push(this.#value());
      this.#space();
    } while (this.#take(",]") === ",");
    return elements;
  }

  #string(): string {
    this.#take('"');
    let text = "";
    for (;;) {
      const char = this.#peek();
      if (char === "" || char < " ") throw new Malformed();
      this.#at++;
      if (char === '"') return text;
      text += char === "\\" ? this.#escape() : char;
    }
  }

  #escape(): string {
    const char = this.#take('"\\/bfnrtu');
    const plain = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }[char];
    if (char !== "u") return plain ?? char;
    let hex = "";
    for (let i = 0; i < 4; i++) hex += this.#take("0123456789abcdefABCDEF");
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  #number(): ExactNumber {
    const start = this.#at;
    const negative = this.#peek() === "-";
    if (negative) this.#at++;
    let digits = this.#take("0123456789");
    if (digits !== "0") digits += this.#digits();
    let power = 0n;
    if (this.#peek() === ".") {
      this.#at++;
      const fraction = this.#take("0123456789") + this.#digits();
      digits += fraction;
      power -= BigInt(fraction.length);
    }
    if (this.#peek() !== "" && "eE".includes(this.#peek())) {
      this.#at++;
      const sign = this.#peek() !== "" && "+-".includes(this.#peek()) ? this.#take("+-") : "";
      const exponent = BigInt(this.#take("0123456789") + this.#digits());
      power += sign === "-" ? -exponent : exponent;
    }
    const source = String.fromCharCode(...this.#units.slice(start, this.#at));
    return { negative, digits: BigInt(digits), power, source };
  }

  #digits(): string {
    let digits = "";
    while (this.#peek() >= "0" && this.#peek() <= "9" && this.#peek() !== "") {
      digits += this.#peek();
      this.#at++;
    }
    return digits;
  }
}

export function isExactNumber(value: Json | undefined): value is ExactNumber {
  return typeof value === "object" && value !== null && "digits" in value;
}
