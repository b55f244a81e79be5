/** A dashboard as the tests use it: real view, hub and app, fed by hand instead of by Kafka. */

import { boardTopics } from "../../src/config/config.ts";
import { salesCommands } from "../../src/config/shell/sales-commands.ts";
import { createDashboard, type Dashboard } from "../../src/dashboard/dashboard.ts";
import type { Scene } from "../../src/dashboard/fragments/scene.ts";
import { Table } from "../../src/dashboard/fragments/table.ts";
import { type Look, type Period, parseLook } from "../../src/dashboard/look/look.ts";
import type { Site } from "../../src/dashboard/look/site.ts";
import { Graph } from "../../src/dashboard/model/graph.ts";
import { HistoryView } from "../../src/dashboard/model/history-view.ts";
import type { Status } from "../../src/dashboard/model/status.ts";
import { SalesView } from "../../src/dashboard/model/view.ts";
import type { Latest, RecordSearch, StoredRecord } from "../../src/dashboard/records/records.ts";
import { parseAmount } from "../../src/domain/money.ts";
import type { Sums } from "../../src/domain/sums.ts";
import { type Clock, momentOf, systemClock } from "../../src/lib/clock.ts";
import { encodeTotal } from "../../src/wire/total-record.ts";
import { configOf, quietLog } from "../support/context.ts";

export const site: Site = {
  base: "",
  title: "Salesboard",
  currency: "USD",
  target: undefined,
  inputTopic: "in",
  outputTopic: "out",
  deadLetterTopic: "in.dlq",
  historyTopic: "out.history",
  boards: [],
  keepsHistory: true,
  isEmbedded: true,
  isDemo: false,
  demoPast: 0,
  isMapped: false,
  commands: salesCommands({ inputTopic: "in", rdkafka: {} }, "kafka:9092"),
};

/** What pages show of `view`, asked for each time. */
export function sceneOf(view: SalesView, past = new HistoryView()): (period?: Period) => Scene {
  const [graph, table] = [new Graph(past), new Table(site, past)];
  return (period) => ({ board: view.boardOf(period), view, site, graph, table });
}

/** A dead letter as it stands in its topic. */
export function letter(given: Partial<StoredRecord> = {}): StoredRecord {
  const added = {
    error: "price must be a JSON number, received 12.345; and 6.789",
    "source.topic": "in",
    "source.partition": "1",
    "source.offset": "42",
  };
  const headers = Object.entries(added).map(([name, text]) => ({ name, value: key(text) }));
  const value = key('{"price":98.76}');
  const timestamp = 1_700_000_000_123;
  return { partition: 0, offset: 7, timestamp, key: null, value, headers, ...given };
}

/** Where the numbers come from, as far as a page can tell. */
export class FakeSource {
  reasons: string[] = [];
  /** Until when the numbers hold; undefined = always until now. */
  asOf: number | undefined;
  #status: Status = { state: "live", partitions: 4, lag: 0, notices: [], asOf: undefined };

  get status(): Status {
    const now = momentOf(systemClock);
    const ageMs = now.date.getTime() - (this.asOf ?? now.date.getTime());
    const asOf = { at: now.at - ageMs, date: new Date(now.date.getTime() - ageMs) };
    return { ...this.#status, asOf };
  }

  set status(status: Status) {
    this.#status = status;
  }
}

export interface Fed {
  view: SalesView;
  past: HistoryView;
  source: FakeSource;
  dashboard: Dashboard;
  /** What stands in the dead-letter topic, the newest first. */
  letters: StoredRecord[];
  /** The latest sales that a search of the input finds. */
  sales: StoredRecord[];
  /** By dimension. */
  boards: ReadonlyMap<string, FedBoard>;
  /** Replaces the totals that `product` has on `partition`. */
  feed(product: string, price: string, quantity?: bigint, partition?: number): void;
}

/** The totals by a dimension, and where they come from. */
export interface FedBoard {
  view: SalesView;
  source: FakeSource;
}

/** @param args options of the command line, such as `--base-path` */
export function fedDashboard(...args: string[]): Promise<Fed> {
  return fedDashboardAt(systemClock, ...args);
}

/** The same at a time of day that the test chooses. */
export async function fedDashboardAt(clock: Clock, ...args: string[]): Promise<Fed> {
  const view = new SalesView();
  const past = new HistoryView();
  const source = new FakeSource();
  const letters: StoredRecord[] = [];
  const sales: StoredRecord[] = [];
  const config = configOf("run", ...args);
  const latest = async <T extends StoredRecord>({ topic }: RecordSearch<T>): Promise<Latest<T>> => {
    const records = (topic === config.deadLetterTopic ? letters : sales) as T[];
    return { records, at: 0, looked: records.length, since: undefined, isAll: true };
  };
  const records = { latest };
  const boards = boardTopics(config).map((of) => {
    return { ...of, view: new SalesView(), source: new FakeSource() };
  });
  const dashboard = await createDashboard({
    config,
    view,
    boards,
    history: past,
    records,
    source,
    clock,
    log: quietLog,
  });
  const feed: Fed["feed"] = (product, price, quantity = 1n, partition = 0) => {
    view.apply(partition, key(product), total(product, price, quantity));
    dashboard.changed();
  };
  const byName = new Map(boards.map((board) => [board.name, board]));
  return { view, past, source, dashboard, letters, sales, boards: byName, feed };
}

/** Of an address with `query`, in English. */
export function lookOf(query = ""): Look {
  return parseLook(new URLSearchParams(query), "en");
}

export function key(product: string): Uint8Array {
  return new TextEncoder().encode(product);
}

/** The same of a product that was also returned; quantity in millionths. */
export function returned(product: string, of: Omit<Sums, "revenue"> & { price: string }) {
  const { price, ...figures } = of;
  const updatedAt = "2026-11-23T17:00:00.123Z";
  return encodeTotal({ product, ...figures, revenue: parseAmount(price), updatedAt });
}

/** The value of a record of the output topic. */
export function total(product: string, price: string, quantity = 1n, sales = quantity): Uint8Array {
  const totalPrice = parseAmount(price);
  const updatedAt = "2026-11-23T17:00:00.123Z";
  const figures = { quantity: quantity * 1_000_000n, revenue: totalPrice, sales, returns: 0n };
  return encodeTotal({ product, ...figures, updatedAt });
}
