/** Times for the oracle of mappings: the forms that docs/mapping.md accepts, piece by piece. */

import { numberOf } from "./oracle-numbers.ts";

/** A local time as if it were UTC → its instant; both are epoch milliseconds. */
export type Instants = (localMs: number) => number;

const MS_MAX = 8_640_000_000_000_000n;
/** Nanoseconds of each unit. */
const UNITS: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  days: 86_400_000_000_000n,
};

export function timeOfText(
  text: string,
  unit: string | undefined,
  instants: Instants,
): number | undefined {
  return calendarTime(text.trim(), instants) ?? countedTime(text, unit);
}

/** So many units since 1970, rounded down to milliseconds. */
function countedTime(text: string, unit: string | undefined): number | undefined {
  const number = numberOf(text);
  if (!number) return undefined;
  const power = 10n ** number.scale;
  const whole = (number.units < 0n ? -number.units : number.units) / power;
  const bySize =
    whole < 10n ** 11n ? "s" : whole < 10n ** 14n ? "ms" : whole < 10n ** 17n ? "us" : "ns";
  const ns = number.units * (UNITS[unit ?? bySize] as bigint);
  const divisor = power * 1_000_000n;
  const rest = ((ns % divisor) + divisor) % divisor;
  const ms = (ns - rest) / divisor;
  return ms < -MS_MAX || ms > MS_MAX ? undefined : Number(ms);
}

function calendarTime(text: string, instants: Instants): number | undefined {
  const date = /^([0-9]{4})-([0-9]{2})-([0-9]{2})/.exec(text);
  const [, year = 0, month = 0, day = 0] = (date ?? []).map(Number);
  const days = date ? dayNumber(year, month, day) : undefined;
  if (days === undefined) return undefined;
  let rest = text.slice(10);
  if (rest === "") return instants(days * 86_400_000);
  const clock = /^(?:[Tt]|[ ]+)([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?/.exec(rest);
  if (!clock) return undefined;
  const [, hour, minute, second] = clock.map(Number);
  const fraction = clock[4] ?? "";
  const isEndOfDay = /^24:00(:00([.,]0+)?)?$/.test(clock[0].trim().replace(/^[Tt]/, ""));
  if (((hour ?? 0) > 23 && !isEndOfDay) || (minute ?? 0) > 59) return undefined;
  const seconds = clock[3] === undefined ? 0 : (second ?? 0);
  if (seconds > 59) return undefined;
  const ofDay = ((hour ?? 0) * 60 + (minute ?? 0)) * 60_000 + seconds * 1_000;
  const local = days * 86_400_000 + ofDay + Number(`${fraction}000`.slice(0, 3));
  rest = rest.slice(clock[0].length);
  if (rest === "") return instants(local);
  const offset = offsetMinutes(rest);
  return offset === undefined ? undefined : local - offset * 60_000;
}

/** `Z`, ` UTC`, `+0200`, `-04:00[America/New_York]`. */
function offsetMinutes(text: string): number | undefined {
  const zone = text.replace(/^ /, "").replace(/\[[A-Za-z0-9_/+-]+\]$/, "");
  if (["Z", "z", "UTC", "GMT"].includes(zone)) return 0;
  const match = /^([+-])([0-9]{2})(?::?([0-9]{2}))?$/.exec(zone);
  const [hours, minutes] = [Number(match?.[2]), Number(match?.[3] ?? 0)];
  if (!match || hours > 23 || minutes > 59) return undefined;
  return (match[1] === "-" ? -1 : 1) * (hours * 60 + minutes);
}

/** Days from 1970-01-01, in the Gregorian calendar; undefined when there is no such day. */
function dayNumber(year: number, month: number, day: number): number | undefined {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  if (month < 1 || month > 12 || day < 1 || day > (lengths[month - 1] as number)) return undefined;
  const before = lengths.slice(0, month - 1).reduce((sum, length) => sum + length, 0);
  return daysBefore(year) - daysBefore(1970) + before + day - 1;
}

/** Days of the years 0 to `year` − 1. */
function daysBefore(year: number): number {
  const last = year - 1;
  const leaps = Math.floor(last / 4) - Math.floor(last / 100) + Math.floor(last / 400);
  return year * 365 + leaps;
}

/** By trying all offsets about that day: the first instant that shows this local time. */
export function instantsOf(name: string): Instants {
  if (name === "UTC") return (localMs) => localMs;
  const format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  const offsetAt = (ms: number): number => {
    const text = format.formatToParts(ms).find(({ type }) => type === "timeZoneName")?.value ?? "";
    const match = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
    const [hours, minutes, seconds] = [2, 3, 4].map((i) => Number(match?.[i] ?? 0)) as [
      number,
      number,
      number,
    ];
    return (match?.[1] === "-" ? -1 : 1) * ((hours * 60 + minutes) * 60 + seconds) * 1_000;
  };
  return (localMs) => {
    const before = offsetAt(localMs - 86_400_000);
    const after = offsetAt(localMs + 86_400_000);
    const tries = [localMs - before, localMs - after].filter((ms) => ms + offsetAt(ms) === localMs);
    return tries.length > 0 ? Math.min(...tries) : localMs - before;
  };
}
