/** Writes the output topic of one partition as an aggregator that counts by days does. */

import type { SalesView } from "../../src/dashboard/model/view.ts";
import { dayNumber, isDayKept } from "../../src/domain/day.ts";
import { parseAmount } from "../../src/domain/money.ts";
import { minus, NO_SUMS, plus, type Sums } from "../../src/domain/sums.ts";
import { BOOKKEEPING_KEY } from "../../src/wire/bookkeeping.ts";
import { dayKey, encodeDay } from "../../src/wire/day-record.ts";
import { encodeTotal } from "../../src/wire/total-record.ts";
import { bookkeepingRecord } from "../support/bookkeeping.ts";
import { key } from "./fixture.ts";

interface Current {
  day: string;
  sums: Sums;
}

/** Lines of a day that is not given are in no day. */
export class DayWriter {
  readonly #view: SalesView;
  readonly #partition: number;
  readonly #zone: string;
  readonly #totals = new Map<string, Sums>();
  readonly #current = new Map<string, Current>();
  readonly #ended = new Map<string, { product: string; day: string; sums: Sums }>();
  readonly #touched = new Set<string>();
  readonly #touchedDays = new Set<string>();
  #all = NO_SUMS;
  #latest = "1970-01-01";
  #sequence = 0;
  since: string | undefined;
  deadLetters = 0n;
  filtered = 0n;

  constructor(view: SalesView, partition = 0, zone = "UTC") {
    this.#view = view;
    this.#partition = partition;
    this.#zone = zone;
  }

  sell(product: string, day: string | undefined, price = "1", isReturn = false): this {
    const sign = isReturn ? -1n : 1n;
    const quantity = sign * 1_000_000n;
    const [sales, returns] = isReturn ? [0n, 1n] : [1n, 0n];
    return this.add(product, day, { quantity, revenue: sign * parseAmount(price), sales, returns });
  }

  /** Any number of sales of a day. */
  add(product: string, day: string | undefined, line: Sums): this {
    this.#all = plus(this.#all, line);
    this.#totals.set(product, plus(this.#totals.get(product) ?? NO_SUMS, line));
    this.#touched.add(product);
    if (day !== undefined) this.#toDay(product, day, line);
    return this;
  }

  /** Writes what was sold since the last time, the bookkeeping last, at epoch milliseconds. */
  commit(at = 0, keep: (record: string) => boolean = () => true): this {
    const apply = (name: string, recordKey: Uint8Array, value: Uint8Array) => {
      if (keep(name)) this.#view.apply(this.#partition, recordKey, value, at);
    };
    for (const name of this.#touchedDays) {
      const { product, day, sums } = this.#ended.get(name) as { product: string } & Current;
      apply(name, dayKey(key(product), day), encodeDay({ product, day, ...sums }));
    }
    for (const product of this.#touched) {
      const sums = this.#totals.get(product) as Sums;
      const current = this.#current.get(product);
      const day = current && { date: current.day, ...current.sums };
      const updatedAt = new Date(at).toISOString();
      apply(product, key(product), encodeTotal({ product, ...sums, updatedAt, day }));
    }
    this.#touched.clear();
    this.#touchedDays.clear();
    apply("bookkeeping", BOOKKEEPING_KEY, this.#bookkeeping());
    return this;
  }

  /** Everything again, after a restart of the view's partition. */
  rewrite(at = 0): this {
    for (const product of this.#totals.keys()) this.#touched.add(product);
    for (const [name, { day }] of this.#ended) if (this.#isKept(day)) this.#touchedDays.add(name);
    return this.commit(at);
  }

  #toDay(product: string, day: string, line: Sums): void {
    if (day > this.#latest) this.#latest = day;
    if (!this.#isKept(day)) return;
    const current = this.#current.get(product);
    if (!current || current.day < day) {
      if (current) this.#end(product, current.day, current.sums);
      this.#current.set(product, { day, sums: line });
    } else if (current.day === day) {
      current.sums = plus(current.sums, line);
    } else {
      this.#end(product, day, line);
    }
  }

  #end(product: string, day: string, sums: Sums): void {
    const name = `${product} ${day}`;
    const last = this.#ended.get(name)?.sums ?? NO_SUMS;
    this.#ended.set(name, { product, day, sums: plus(last, sums) });
    this.#touchedDays.add(name);
  }

  #isKept(day: string): boolean {
    if (day === this.#latest) return true;
    return isDayKept(dayNumber(day) ?? 0, dayNumber(this.#latest) ?? 0);
  }

  #bookkeeping(): Uint8Array {
    const { sales, returns } = this.#all;
    const days = [...this.#ended.values(), ...this.#current.values()];
    const kept = days.filter(({ day }) => this.#isKept(day)).map(({ sums }) => sums);
    const outside = minus(this.#all, kept.reduce(plus, NO_SUMS));
    const inputOffset = Number(sales + returns);
    const note = {
      zone: this.#zone,
      latest: this.#latest,
      outsideSales: outside.sales,
      outsideReturns: outside.returns,
      since: this.since,
    };
    const counted = sales + returns;
    const sequence = ++this.#sequence;
    return bookkeepingRecord({
      sequence,
      inputOffset,
      sales,
      returns,
      counted,
      days: note,
      deadLetters: this.deadLetters,
      filtered: this.filtered,
    });
  }
}
