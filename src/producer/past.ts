/**
 * The past of the demo: what its made-up shop has sold until now, as ordinary records, as old as
 * their sales. The latest minutes come first, so that history stands at its end from the start, and
 * each older sale goes straight into its hour. Today comes last, because the log forgets its
 * beginning, and the page of a product lists the latest sales that the log has.
 */

import type { Config } from "../config/config.ts";
import type { OutgoingRecord, RecordBatch } from "../kafka/kafka.ts";
import { NUMBERS_PER_DAY } from "./orders.ts";
import { type SaleSource, type Seller, sellerOf } from "./sale-source.ts";
import { Shop } from "./shop.ts";

/**
 * So many that a sale comes every few seconds, and that all of two months are counted within some.
 * An order takes ten times as long as a sale.
 */
const SALES_PER_DAY = { sales: 7_000, orders: 1_400 };
const DAY_MS = 86_400_000;
/** Long enough for a sale in each partition at most hours. */
const LATEST_MS = 5 * 60_000;

/** The shop of the demo, and its past up to `nowMs`, epoch milliseconds. */
export function openShop(
  config: Config,
  { seed, nowMs }: { seed: number; nowMs: number },
): { shop: Shop; past: PastSource } {
  const { demo, demoPast, timeZone: zone } = config;
  const shop = new Shop({ seed, zone, salesPerDay: SALES_PER_DAY[demo], openedMs: nowMs });
  const firstDay = shop.dayOf(nowMs) - demoPast;
  const seller = (day: number) =>
    sellerOf(shop.seedOf(day), { config, numbered: (day - firstDay) * NUMBERS_PER_DAY });
  const past = new PastSource({ shop, days: demoPast, untilMs: nowMs, sellerOf: seller });
  return { shop, past };
}

export interface PastOptions {
  readonly shop: Shop;
  /** How far back it goes, in days of 24 hours. */
  readonly days: number;
  /** No sale is later, epoch milliseconds. */
  readonly untilMs: number;
  readonly sellerOf: (day: number) => Seller;
}

export class PastSource implements SaleSource {
  readonly #records: Iterator<OutgoingRecord>;
  #next: OutgoingRecord | undefined;

  constructor(options: PastOptions) {
    this.#records = recordsOf(options);
  }

  /** What does not fit into the batch comes first in the next one. */
  async fill(batch: RecordBatch, recordsMax: number): Promise<boolean> {
    while (batch.count < recordsMax) {
      const record = this.#next ?? this.#records.next().value;
      this.#next = undefined;
      if (!record) break;
      if (batch.append(record)) continue;
      this.#next = record;
      break;
    }
    return batch.count > 0;
  }
}

function* recordsOf(options: PastOptions): Generator<OutgoingRecord, undefined> {
  const { shop, days, untilMs } = options;
  const isWithin = (day: number) => shop.startOf(day) >= untilMs - days * DAY_MS;
  const today = shop.dayOf(untilMs);
  if (!isWithin(today)) return undefined;
  const ofToday = [...ofDay(today, options)];
  const isLatest = ({ timestamp = 0 }: OutgoingRecord) => timestamp > untilMs - LATEST_MS;
  yield* ofToday.filter(isLatest);
  for (let day = today - 1; isWithin(day); day--) yield* ofDay(day, options);
  yield* ofToday.filter((record) => !isLatest(record));
  return undefined;
}

function* ofDay(
  day: number,
  { shop, untilMs, sellerOf }: PastOptions,
): Generator<OutgoingRecord, void> {
  const seller = sellerOf(day);
  for (const timestamp of shop.timesOf(day)) {
    if (timestamp <= untilMs) yield { ...seller(timestamp), timestamp };
  }
}
