/**
 * What is a sale, said a second time and with nothing in common with src/: its own UTF-8, its own
 * JSON, its own numbers as digits and a power of ten. Slow, small and meant to be read beside
 * RFC 8259, RFC 3629 and the contract of the input topic.
 */

export interface ExactSale {
  product: string;
  quantity: bigint;
  /** In millionths. */
  price: bigint;
  /** Epoch milliseconds. */
  timestamp: bigint | undefined;
}

interface ExactNumber {
  negative: boolean;
  digits: bigint;
  power: bigint;
}

type Json = null | boolean | string | ExactNumber | Json[] | Map<string, Json>;

/**
 * The sale in these bytes, or undefined when there is none. A time that is none costs the sale,
 * unless `forgivesTime`: then the sale has no time.
 */
export function oracle(bytes: Uint8Array, { forgivesTime = false } = {}): ExactSale | undefined {
  const units = utf8(bytes);
  const value = units && new Parser(units).document();
  if (!(value instanceof Map)) return undefined;
  const product = value.get("product");
  const quantity = scaled(value.get("quantity"), 0n, 10n ** 9n);
  const price = scaled(value.get("price"), 6n, 10n ** 18n);
  if (typeof product !== "string" || !isProduct(product)) return undefined;
  if (quantity === undefined || quantity < 1n || price === undefined) return undefined;
  const timestamp = timeOf(value.get("timestamp"));
  const isTimeWrong = value.has("timestamp") && timestamp === undefined;
  if (isTimeWrong && !forgivesTime) return undefined;
  return { product, quantity, price, timestamp };
}

/**
 * RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF. Returns UTF-16 code units.
 */
function utf8(bytes: Uint8Array): number[] | undefined {
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
class Parser {
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
    return { negative, digits: BigInt(digits), power };
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

/** value × 10^decimals when that is an integer from 0 to `max`. */
function scaled(value: Json | undefined, decimals: bigint, max: bigint): bigint | undefined {
  const number = exact(value);
  if (!number) return undefined;
  let { digits, power } = number;
  if (digits === 0n) return 0n;
  if (number.negative) return undefined;
  for (power += decimals; power < 0n; power++) {
    if (digits % 10n !== 0n) return undefined;
    digits /= 10n;
  }
  for (; power > 0n; power--) {
    digits *= 10n;
    if (digits > max) return undefined;
  }
  return digits <= max ? digits : undefined;
}

function exact(value: Json | undefined): ExactNumber | undefined {
  const isNumber = typeof value === "object" && value !== null && "digits" in value;
  return isNumber ? value : undefined;
}

function isProduct(name: string): boolean {
  const points = [...name].map((char) => char.codePointAt(0) as number);
  if (points.some((point) => point >= 0xd800 && point < 0xe000)) return false;
  if (points.some((point) => point < 0x20 || (point >= 0x7f && point < 0xa0))) return false;
  const size = (point: number) => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4);
  const bytes = points.reduce((sum, point) => sum + size(point), 0);
  return bytes >= 1 && bytes <= 256;
}

/** Epoch milliseconds that a date can have, or a time of ISO 8601's extended format. */
function timeOf(value: Json | undefined): bigint | undefined {
  if (typeof value === "string") return isoTime(value);
  const number = exact(value);
  const size = number && scaled({ ...number, negative: false }, 0n, 864n * 10n ** 13n);
  return size !== undefined && number?.negative ? -size : size;
}

/** Without a zone: UTC. */
function isoTime(text: string): bigint | undefined {
  const [date = "", time, ...more] = text.split("T");
  const [, year = 0, month = 0, day = 0] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(date) ?? []).map(Number);
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  if (day < 1 || day > days || more.length > 0) return undefined;
  const dateMs = BigInt(daysFromEpoch(year, month, day)) * 86_400_000n;
  if (time === undefined) return dateMs;
  const zoned = /^(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(?:Z|([+-])(\d\d):(\d\d))?$/.exec(time);
  const [, hour = "", minute = "", second = "0", fraction = "", sign = "+"] = zoned ?? [];
  const [zoneHour = "0", zoneMinute = "0"] = zoned?.slice(6) ?? [];
  const limits = [
    [hour, 24],
    [minute, 60],
    [second, 60],
    [zoneHour, 24],
    [zoneMinute, 60],
  ] as const;
  if (!zoned || limits.some(([part, limit]) => Number(part) >= limit)) return undefined;
  const zone = (BigInt(zoneHour) * 60n + BigInt(zoneMinute)) * (sign === "-" ? 1n : -1n);
  const minutes = BigInt(hour) * 60n + BigInt(minute) + zone;
  const ms = BigInt(`${second}${fraction.slice(1, 4).padEnd(3, "0")}`);
  return dateMs + minutes * 60_000n + ms;
}

/** Days from 1970-01-01, counted year by year and month by month. */
function daysFromEpoch(year: number, month: number, day: number): number {
  const isLeap = (of: number) => of % 4 === 0 && (of % 100 !== 0 || of % 400 === 0);
  let days = day - 1;
  for (let y = 1970; y < year; y++) days += isLeap(y) ? 366 : 365;
  for (let y = year; y < 1970; y++) days -= isLeap(y) ? 366 : 365;
  const lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  for (let m = 1; m < month; m++) days += lengths[m - 1] as number;
  return days;
}
