/** Exact decimal numbers of any size that a record can reasonably have: no float is involved. */

import { PRICE_DECIMALS } from "../../domain/money.ts";

/** The value is `units` / 10^`scale`; `scale` is 0 or more. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

/** A number that is one, but larger or finer than what is read. */
export type Unbounded = "too large" | "too fine";

/** Places before the point: far above every bound, even after a shift by 38. */
const WHOLE_DIGITS_MAX = 60;
/** Places behind the point: the smallest double has 1 074. */
const SCALE_MAX = 1_100;

const NUMBER = /^[ \t]*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?[ \t]*$/;

/**
 * A JSON number, or a text that is a number: leading zeros, a leading `+`, `.5`, `5.` and spaces
 * around it are accepted. Undefined when `text` is no number. Costs no more for `1e400000` than
 * for `1`.
 */
export function parseNumber(text: string): Decimal | Unbounded | undefined {
  const match = NUMBER.exec(text);
  if (!match) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const all = whole + fraction;
  if (all === "") return undefined;
  let start = 0;
  let end = all.length;
  while (start < end && all.charCodeAt(start) === 48) start++;
  while (end > start && all.charCodeAt(end - 1) === 48) end--;
  if (start === end) return { units: 0n, scale: 0 };
  // A saturated exponent is as far out of bounds as the true one.
  const power = Math.max(-1e15, Math.min(1e15, Number(exponent)));
  const scale = fraction.length - power - (all.length - end);
  if (end - start - scale > WHOLE_DIGITS_MAX) return "too large";
  if (scale > SCALE_MAX) return "too fine";
  const digits = BigInt(all.slice(start, end));
  const units = scale < 0 ? digits * powerOf10(-scale) : digits;
  return { units: sign === "-" ? -units : units, scale: Math.max(0, scale) };
}

export function isNumberText(text: string): boolean {
  return typeof parseNumber(text) === "object";
}

/** The two's complement integer of `bytes`, most significant first, with `scale` decimals. */
export function fromTwosComplement(bytes: Uint8Array, scale: number): Decimal {
  let units = 0n;
  for (const byte of bytes) units = (units << 8n) | BigInt(byte);
  return { units: BigInt.asIntN(bytes.length * 8, units), scale };
}

export function plus(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { units: scaled(a, scale) + scaled(b, scale), scale };
}

export function negated({ units, scale }: Decimal): Decimal {
  return { units: -units, scale };
}

/** The point moved to the left. */
export function shifted({ units, scale }: Decimal, places: number): Decimal {
  return { units, scale: scale + places };
}

/** To so many decimals, half to even. */
export function rounded(value: Decimal, decimals: number): Decimal {
  if (value.scale <= decimals) return value;
  const divisor = powerOf10(value.scale - decimals);
  const size = value.units < 0n ? -value.units : value.units;
  const down = size / divisor;
  const rest = (size % divisor) * 2n;
  const isUp = rest > divisor || (rest === divisor && down % 2n === 1n);
  const units = isUp ? down + 1n : down;
  return { units: value.units < 0n ? -units : units, scale: decimals };
}

/** In millionths; undefined when the value has more decimals. */
export function toMicros(value: Decimal): bigint | undefined {
  if (value.scale <= PRICE_DECIMALS) return scaled(value, PRICE_DECIMALS);
  const divisor = powerOf10(value.scale - PRICE_DECIMALS);
  return value.units % divisor === 0n ? value.units / divisor : undefined;
}

/** All digits, none of them superfluous. */
export function formatDecimal({ units, scale }: Decimal): string {
  return formatUnits(units, scale);
}

/** As `formatDecimal`. `units`: a number only where it is exact. */
export function formatUnits(units: bigint | number, scale: number): string {
  const digits = String(units < 0 ? -units : units).padStart(scale + 1, "0");
  const point = digits.length - scale;
  let end = digits.length;
  while (end > point && digits[end - 1] === "0") end--;
  const fraction = digits.slice(point, end);
  return `${units < 0 ? "-" : ""}${digits.slice(0, point)}${fraction && `.${fraction}`}`;
}

function scaled({ units, scale }: Decimal, to: number): bigint {
  return units * powerOf10(to - scale);
}

const powers = Array.from({ length: 80 }, (_, i) => 10n ** BigInt(i));

function powerOf10(exponent: number): bigint {
  return powers[exponent] ?? 10n ** BigInt(exponent);
}
