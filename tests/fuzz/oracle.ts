/**
 * What is a sale, said a second time and with nothing in common with src/: its own UTF-8, its own
 * JSON, its own numbers as digits and a power of ten. Slow, small and meant to be read beside the
 * contract of the input topic.
 */

import { isExactNumber, type Json, Parser, utf8 } from "./strict-json.ts";

export interface ExactSale {
  product: string;
  quantity: bigint;
  /** In millionths. */
  price: bigint;
  /** Epoch milliseconds. */
  timestamp: bigint | undefined;
}

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

/** value × 10^decimals when that is an integer from 0 to `max`. */
function scaled(value: Json | undefined, decimals: bigint, max: bigint): bigint | undefined {
  if (!isExactNumber(value)) return undefined;
  let { digits, power } = value;
  if (digits === 0n) return 0n;
  if (value.negative) return undefined;
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
  if (!isExactNumber(value)) return undefined;
  const size = scaled({ ...value, negative: false }, 0n, 864n * 10n ** 13n);
  return size !== undefined && value.negative ? -size : size;
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
