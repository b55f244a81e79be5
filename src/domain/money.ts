/** Exact money: amounts are integers in millionths, and decimals are read from their text. */

/** An amount in millionths of the currency's unit: 20 999.58 is 20 999 580 000. */
export type Micros = bigint;

export const PRICE_DECIMALS = 6;
export const MICROS_PER_UNIT = 1_000_000n;
const MICROS = Number(MICROS_PER_UNIT);

/** A number holds `value` exactly. */
export function fitsNumber(value: bigint): boolean {
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;
}

/** The text of a JSON number, because parsing it into a float would round it. */
export class NumberSource {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * "20999.58": at least two decimals, and no trailing zeros after the second. Never rounds. A number
 * must be an integer between −2^53 and 2^53.
 */
export function formatAmount(micros: Micros | number): string {
  if (typeof micros === "number" || fitsNumber(micros)) return formatSmall(Number(micros));
  const sign = micros < 0 ? "-" : "";
  const digits = String(micros < 0 ? -micros : micros);
  const point = digits.length - PRICE_DECIMALS;
  return `${sign}${digits.slice(0, point)}.${withoutZeros(digits.slice(point))}`;
}

/** Half of a total's bytes are amounts, and numbers are several times as fast as bigints. */
function formatSmall(micros: number): string {
  const size = Math.abs(micros);
  const fraction = size % MICROS;
  const sign = micros < 0 ? "-" : "";
  return `${sign}${(size - fraction) / MICROS}.${decimalsOf(fraction)}`;
}

function decimalsOf(fraction: number): string {
  const cents = fraction / 10_000;
  if (Number.isInteger(cents)) return cents < 10 ? `0${cents}` : String(cents);
  return withoutZeros(String(fraction).padStart(PRICE_DECIMALS, "0"));
}

/** Leaves two digits at least. */
function withoutZeros(decimals: string): string {
  let end = decimals.length;
  while (end > 2 && decimals[end - 1] === "0") end--;
  return decimals.slice(0, end);
}

/** The inverse of `formatAmount`. @throws RangeError when `text` is not a plain decimal */
export function parseAmount(text: string): Micros {
  const match = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(text);
  if (!match) throw new RangeError(`Cannot read amount: must be a decimal, received ${text}`);
  const [, sign, whole = "0", decimals = ""] = match;
  const micros = BigInt(whole + decimals.padEnd(PRICE_DECIMALS, "0"));
  return sign ? -micros : micros;
}

/**
 * The exact digits of a quantity in millionths of a unit, with no superfluous zero and no point
 * behind an integer: 450 000 is "0.45". A number must be an integer between −2^53 and 2^53.
 */
export function formatQuantity(micros: Micros | number): string {
  if (typeof micros === "number" || fitsNumber(micros)) {
    const units = Number(micros) / MICROS;
    // A quotient that was rounded is an integer by accident.
    if (Number.isInteger(units) && units * MICROS === Number(micros)) return String(units + 0);
  }
  return formatAmount(micros).replace(/\.?0+$/, "");
}

/** The value of a JSON number, in millionths; undefined when the value has more than 6 decimals. */
export function parseQuantity(text: string): Micros | undefined {
  if (/^\d+$/.test(text)) return BigInt(text) * MICROS_PER_UNIT;
  return /^-?\d+(\.\d{1,6})?$/.test(text) ? parseAmount(text) : undefined;
}

/**
 * The value of a JSON number times 10^`decimals`; undefined when the value is negative, above `max`
 * or has more decimals. Accepts `1e3`, `-0` and `1.2300`. Exact at any length: digits and exponent
 * are kept apart, so that `1e400` costs no more than `1`.
 */
export function parseDecimal(
  text: string,
  { decimals, max }: { decimals: number; max: bigint },
): bigint | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const significant = stripZeros(whole + fraction);
  if (significant.digits === "") return 0n;
  if (sign) return undefined;
  // Saturating is safe: no record has enough digits to make up for such an exponent.
  const power = Math.max(-1e15, Math.min(1e15, Number(exponent)));
  const zeros = power - fraction.length + significant.trailing + decimals;
  if (zeros < 0 || significant.digits.length + zeros > max.toString().length) return undefined;
  const value = BigInt(significant.digits) * 10n ** BigInt(zeros);
  return value <= max ? value : undefined;
}

function stripZeros(digits: string): { digits: string; trailing: number } {
  let start = 0;
  let end = digits.length;
  while (start < end && digits[start] === "0") start++;
  while (end > start && digits[end - 1] === "0") end--;
  return { digits: digits.slice(start, end), trailing: digits.length - end };
}
