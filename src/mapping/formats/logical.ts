/** Numbers that mean something else: decimals, times, days → the texts that rules read. */

import { NumberSource } from "../../domain/money.ts";
import { formatDecimal, formatUnits, fromTwosComplement } from "../exact/decimal.ts";
import type { DecodedValue } from "../model/value.ts";
import { UnreadableError } from "../model/value.ts";

/** More bytes cannot be within any bound. */
const DECIMAL_BYTES_MAX = 64;
const SECONDS_A_DAY = 86_400;
/** Years 0 to 9999: what ISO 8601 writes with four digits. */
const SECONDS_MIN = -62_167_219_200;
const SECONDS_MAX = 253_402_300_799;
/** Such integers fit a number, and most money does. */
const SMALL_BYTES_MAX = 6;

/** A number whose decimals the schema says; `decimal N` with the same N may stand beside it. */
export class ScaledNumber extends NumberSource {
  readonly scale: number;

  constructor(text: string, scale: number) {
    super(text);
    this.scale = scale;
  }
}

/** @throws UnreadableError when there are no bytes, or too many */
export function decimalNumber(bytes: Uint8Array, scale: number): ScaledNumber {
  if (bytes.length === 0 || bytes.length > DECIMAL_BYTES_MAX) {
    const sentence = `must have 1 to ${DECIMAL_BYTES_MAX} bytes, received ${bytes.length}`;
    throw new UnreadableError(`a decimal of the value ${sentence}`);
  }
  if (bytes.length > SMALL_BYTES_MAX) {
    return new ScaledNumber(formatDecimal(fromTwosComplement(bytes, scale)), scale);
  }
  let units = (bytes[0] as number) >= 0x80 ? -1 : 0;
  for (const byte of bytes) units = units * 256 + byte;
  return new ScaledNumber(formatUnits(units, scale), scale);
}

/** `units` of 10^-`places` seconds since 1970, as ISO 8601; far years stay numbers. */
export function timestampText(
  units: number | bigint,
  { places, zone }: { places: number; zone: "Z" | "" },
): DecodedValue {
  const [seconds, fraction] = floorDivide(units, places);
  if (seconds < SECONDS_MIN || seconds > SECONDS_MAX) return `${units} / 10^${places} s since 1970`;
  const text = new Date(seconds * 1_000).toISOString().slice(0, 19);
  return `${text}${fractionText(fraction, places)}${zone}`;
}

/** Days since 1970. */
export function dateText(days: number | bigint): DecodedValue {
  const text = timestampText(BigInt(days) * BigInt(SECONDS_A_DAY), { places: 0, zone: "" });
  return typeof text === "string" ? text.replace(/T.*$/, "") : text;
}

/** `units` of 10^-`places` seconds since midnight. */
export function clockText(units: number | bigint, places: number): DecodedValue {
  const [seconds, fraction] = floorDivide(units, places);
  if (seconds < 0 || seconds >= SECONDS_A_DAY) return new NumberSource(String(units));
  const text = new Date(seconds * 1_000).toISOString().slice(11, 19);
  return `${text}${fractionText(fraction, places)}`;
}

/** The form that UUIDs are written in. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function fractionText(fraction: number, places: number): string {
  return places === 0 ? "" : `.${String(fraction).padStart(places, "0")}`;
}

/** By 10^`places`, which is 9 at most: so the rest is a number. */
function floorDivide(value: number | bigint, places: number): [quotient: number, rest: number] {
  if (typeof value === "number") {
    const divisor = 10 ** places;
    const rest = ((value % divisor) + divisor) % divisor;
    return [(value - rest) / divisor, rest];
  }
  const divisor = 10n ** BigInt(places);
  const rest = ((value % divisor) + divisor) % divisor;
  // Far out of all years where it is rounded.
  return [Number((value - rest) / divisor), Number(rest)];
}
