/** Times as producers write them → epoch milliseconds. */

import { NumberSource } from "../../domain/money.ts";
import type { TimeUnit } from "../model/mapping.ts";
import type { DecodedValue } from "../model/value.ts";
import { parseNumber } from "./decimal.ts";
import type { TimeZone } from "./zone.ts";

/** ECMAScript's range of dates: 100 million days on either side of 1970. */
const EPOCH_MS_MAX = 8_640_000_000_000_000;
const MINUTE_MS = 60_000;

/** A unit in milliseconds: × `multiplier` / 10^`places`. */
const units: Record<TimeUnit, { multiplier: bigint; places: number }> = {
  s: { multiplier: 1_000n, places: 0 },
  ms: { multiplier: 1n, places: 0 },
  us: { multiplier: 1n, places: 3 },
  ns: { multiplier: 1n, places: 6 },
  days: { multiplier: 86_400_000n, places: 0 },
};

/** A number below is of that unit: 10^11 seconds are the year 5138, 10^11 ms March 1973. */
const sizes: readonly (readonly [bigint, TimeUnit])[] = [
  [10n ** 11n, "s"],
  [10n ** 14n, "ms"],
  [10n ** 17n, "us"],
];

const ISO = new RegExp(
  [
    String.raw`^\s*(\d{4})-(\d\d)-(\d\d)`,
    String.raw`(?:(?:[Tt]| +)(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?`,
    String.raw`(?: ?(?:([Zz]|UTC|GMT)|([+-])(\d\d)(?::?(\d\d))?)(?:\[[\w/+-]+\])?)?)?\s*$`,
  ].join(""),
);

/**
 * ISO 8601 and its relatives, or a number (also as text) of `unit`, or without a unit of the one
 * that its size tells. A time without a zone is one of `zone`. Rounded down to milliseconds.
 * Undefined when `value` is no such time.
 */
export function parseTime(
  value: DecodedValue | undefined,
  { unit, zone }: { unit: TimeUnit | undefined; zone: TimeZone },
): number | undefined {
  if (value instanceof NumberSource) return numericTime(value.text, unit);
  if (typeof value !== "string") return undefined;
  return isoTime(value, zone) ?? numericTime(value, unit);
}

function isoTime(text: string, zone: TimeZone): number | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = ""] = match;
  const [isUtc, sign, offsetHour, offsetMinute = "0"] = match.slice(8);
  const time = Date.UTC(2_000, Number(month) - 1, Number(day));
  const date = new Date(time);
  // Date.UTC takes the years 0 to 99 for those of 1900.
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) {
    return undefined;
  }
  if (!isClock(hour, minute, second, fraction)) return undefined;
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  const local = date.getTime() + Number(fraction.slice(0, 3).padEnd(3, "0"));
  if (isUtc) return local;
  if (sign === undefined) return zone.instant(local);
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return undefined;
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * MINUTE_MS;
  return sign === "-" ? local + offset : local - offset;
}

/** 24:00 is the end of a day; a leap second is no time that a computer has. */
function isClock(hour: string, minute: string, second: string, fraction: string): boolean {
  if (Number(minute) > 59 || Number(second) > 59) return false;
  const isMidnight = Number(minute) === 0 && Number(second) === 0 && Number(fraction) === 0;
  return Number(hour) <= 23 || (Number(hour) === 24 && isMidnight);
}

function numericTime(text: string, unit: TimeUnit | undefined): number | undefined {
  const number = parseNumber(text);
  if (typeof number !== "object") return undefined;
  const { multiplier, places } = units[unit ?? unitBySize(number.units, number.scale)];
  const ms = floorDivide(number.units * multiplier, 10n ** BigInt(number.scale + places));
  return ms >= -EPOCH_MS_MAX && ms <= EPOCH_MS_MAX ? Number(ms) : undefined;
}

function unitBySize(value: bigint, scale: number): TimeUnit {
  const size = (value < 0n ? -value : value) / 10n ** BigInt(scale);
  return sizes.find(([limit]) => size < limit)?.[1] ?? "ns";
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value < 0n && quotient * divisor !== value ? quotient - 1n : quotient;
}
