/** The days of one partition, kept twice: from its sales as sent, and from the output topic. */

import { START_MS } from "./clock.ts";

/** The days of a schedule are of this zone, because its clocks never change. */
export const ZONE = "Asia/Kolkata";
const ZONE_SECONDS = 5.5 * 3_600;
const DAY_SECONDS = 86_400;
const DAYS_KEPT = 62;
/** What claims to be later than any clock of a schedule says, and an hour. */
const AHEAD_SECONDS = START_MS / 1_000 + 7_200;

interface Sold {
  product: string;
  isReturn: boolean;
  quantity: number;
  cents: number;
}

/** As in `ledger.ts`. */
interface TimedLine extends Sold {
  timestamp: number | undefined;
  recordMs: number;
}

interface Line extends Sold {
  /** Undefined: its time is unknown or wrong. */
  day: number | undefined;
}

/** The records of the output topic, as far as they are about days. */
interface Written {
  product: string;
  day?: string;
  dayQuantity?: number;
  dayPrice?: string;
  daySales?: number;
  dayReturns?: number;
  quantity?: number;
  price?: string;
  sales?: number;
  returns?: number;
}

interface Note {
  zone: string;
  latest: string;
  outsideSales: number;
  outsideReturns: number;
  since?: string;
}

export class DaysLedger {
  readonly #lines: Line[] = [];
  /** The latest committed record of each key that names a day. */
  readonly #found = new Map<string, Written>();
  #note: Note | undefined;

  add(sale: TimedLine): void {
    const { timestamp = Number.POSITIVE_INFINITY, recordMs, ...line } = sale;
    const ms = recordMs === -1 ? timestamp : Math.min(timestamp, recordMs);
    const second = Math.floor(ms / 1_000);
    const isKnown = Number.isFinite(ms) && second >= 0 && second <= AHEAD_SECONDS;
    const day = isKnown ? Math.floor((second + ZONE_SECONDS) / DAY_SECONDS) : undefined;
    this.#lines.push({ ...line, day });
  }

  take(key: string, value: Written & { days?: Note }): void {
    if (key === "\0bookkeeping") this.#note = value.days;
    else this.#found.set(key, value);
  }

  differences(): { key: string; is: string | undefined; must: string | undefined }[] {
    const [is, must] = [this.#is(), this.#must()];
    return [...new Set([...is.keys(), ...must.keys()])].flatMap((key) => {
      const difference = { key, is: is.get(key), must: must.get(key) };
      return difference.is === difference.must ? [] : [difference];
    });
  }

  #must(): Map<string, string> {
    const must = new Map<string, string>();
    if (!this.#note && this.#lines.length === 0) return must;
    const latest = Math.max(0, ...this.#lines.flatMap(({ day }) => day ?? []));
    const sums = new Map<string, [sales: number, returns: number, units: number, cents: number]>();
    const outside = [0, 0] as [number, number];
    for (const { product, day, isReturn, quantity, cents } of this.#lines) {
      if (day === undefined || day <= latest - DAYS_KEPT) {
        outside[isReturn ? 1 : 0]++;
        continue;
      }
      const key = `${product} on ${textOf(day)}`;
      const sum = sums.get(key) ?? [0, 0, 0, 0];
      sums.set(key, sum);
      const units = isReturn ? -quantity : quantity;
      sum[isReturn ? 1 : 0]++;
      sum[2] += units;
      sum[3] += units * cents;
      const last = must.get(`last day of ${product}`) ?? "";
      if (textOf(day) > last) must.set(`last day of ${product}`, textOf(day));
    }
    for (const [key, sum] of sums) must.set(key, sum.join(" "));
    must.set("days", `to ${textOf(latest)} in ${ZONE}, outside ${outside.join(" ")}`);
    return must;
  }

  #is(): Map<string, string> {
    const is = new Map<string, string>();
    const note = this.#note;
    if (!note) return is;
    const first = textOf(Date.parse(note.latest) / 1_000 / DAY_SECONDS - DAYS_KEPT + 1);
    for (const [key, written] of this.#found) {
      const { product, day } = written;
      if (day === undefined || day < first || day > note.latest) continue;
      const isEnded = key.startsWith("\0day\0");
      if (!isEnded) is.set(`last day of ${product}`, day);
      const { quantity, price, sales, returns } = isEnded ? written : ofLastDay(written);
      const sums = [sales, returns, quantity, Math.round(Number(price) * 100)].join(" ");
      const name = `${product} on ${day}`;
      is.set(name, is.has(name) ? `${is.get(name)} and ${sums}` : sums);
    }
    const { zone, latest, outsideSales, outsideReturns, since } = note;
    const incomplete = since === undefined ? "" : `, since ${since}`;
    const outside = `outside ${outsideSales} ${outsideReturns}`;
    is.set("days", `to ${latest} in ${zone}, ${outside}${incomplete}`);
    return is;
  }
}

function ofLastDay(written: Written): Written {
  const { product, dayQuantity, dayPrice, daySales, dayReturns } = written;
  const sums = { quantity: dayQuantity, price: dayPrice, sales: daySales, returns: dayReturns };
  return { product, ...sums } as Written;
}

/** Schedules share their days, and each is asked for many times. */
const texts = new Map<number, string>();

function textOf(day: number): string {
  let text = texts.get(day);
  if (text === undefined) {
    text = new Date(day * DAY_SECONDS * 1_000).toISOString().slice(0, 10);
    texts.set(day, text);
  }
  return text;
}
