/** Registers values with the Prometheus library. */

import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { upperFirst } from "../../lib/text.ts";
import type { Board } from "../model/board.ts";
import type { SalesView } from "../model/view.ts";
import type { Hub } from "../stream/hub.ts";

/** The sources of the dashboard's own values. */
export interface MetricsSources {
  readonly view: SalesView;
  /** The totals by each dimension. */
  readonly boards: readonly { readonly name: string; readonly view: SalesView }[];
  readonly hub: Hub;
  /** Why the dashboard is not ready; empty when it is. */
  readonly reasons: () => readonly string[];
}

/** A registry of the dashboard's own values, which are read on each request. */
export function createRegistry({ view, boards, hub, reasons }: MetricsSources): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, read: () => number) => {
    const collect = function (this: Gauge) {
      this.set(read());
    };
    new Gauge({ name: `salesboard_dashboard_${name}`, help, registers: [registry], collect });
  };
  gauge("products", "Products with sales.", () => view.board.rows.length);
  gauge("sales", "Sales counted in the totals.", () => Number(view.board.total.sales));
  gauge("returns", "Returns counted in the totals.", () => Number(view.board.total.returns));
  gauge("filtered", "Records that are not about a sale.", () => Number(view.board.filtered));
  gauge("dead_letters", "Records that are not valid sales.", () => Number(view.board.deadLetters));
  gauge(
    "sales_per_second",
    "Sales per second over the last 10 s.",
    () => view.board.salesPerSecond ?? 0,
  );
  gauge("version", "Boards published.", () => view.board.version);
  gauge(
    "lag_records",
    "Records of the output topic not read yet.",
    () => view.board.lag ?? Number.NaN,
  );
  gauge("as_of_timestamp_seconds", "Time up to which the totals are known to be complete.", () => {
    return (view.board.asOf?.date.getTime() ?? Number.NaN) / 1000;
  });
  gauge("ready", "1 while /readyz answers 200.", () => (reasons().length === 0 ? 1 : 0));
  gauge("behind", "1 while sales wait and are not counted.", () => {
    return view.board.state === "behind" ? 1 : 0;
  });
  if (boards.length > 0) addBoards(registry, boards);
  gauge("streams", "Open streams.", () => hub.stats.streams);
  counter(registry, "salesboard_dashboard_streams_resynced_total", () => hub.stats.resynced);
  counter(registry, "salesboard_dashboard_streams_dropped_total", () => hub.stats.dropped);
  counter(registry, "salesboard_dashboard_streams_refused_total", () => hub.stats.refused);

  return registry;
}

/** The label says which dimension a value is of. */
function addBoards(registry: Registry, boards: MetricsSources["boards"]): void {
  const gauge = (name: string, help: string, read: (board: Board) => number) => {
    const collect = function (this: Gauge) {
      for (const { name: by, view } of boards) this.set({ by }, read(view.board));
    };
    const labelNames = ["by"];
    new Gauge({
      name: `salesboard_dashboard_${name}`,
      help,
      labelNames,
      registers: [registry],
      collect,
    });
  };
  gauge("board_values", "Values of a dimension with sales.", ({ rows }) => rows.length);
  gauge("board_sales", "Sales in the totals by a dimension.", ({ total }) => Number(total.sales));
  gauge("board_lag_records", "Records of the topic not read yet.", ({ lag }) => lag ?? Number.NaN);
  gauge(
    "board_as_of_timestamp_seconds",
    "Time up to which the totals are complete.",
    ({ asOf }) => {
      return (asOf?.date.getTime() ?? Number.NaN) / 1000;
    },
  );
}

/** The values by input topic; "" = of all. */
type ValuesByTopic = ReadonlyMap<string, number>;

/** Adds values that are read on each request. A name that ends in `_total` is a counter. */
export function addReported(registry: Registry, name: string, read: () => ValuesByTopic): void {
  const labelNames = ["topic"];
  const of = { name, help: helpFor(name), labelNames, registers: [registry] };
  if (!name.endsWith("_total")) {
    const collect = function (this: Gauge) {
      for (const [topic, value] of read()) this.set(labelsOf(topic), value);
    };
    new Gauge({ ...of, collect });
    return;
  }
  const collect = function (this: Counter) {
    this.reset();
    for (const [topic, value] of read()) this.inc(labelsOf(topic), value);
  };
  new Counter({ ...of, collect });
}

/** Without several input topics there is no label, as ever. */
function labelsOf(topic: string): Record<string, string> {
  return topic === "" ? {} : { topic };
}

function counter(registry: Registry, name: string, read: () => number): void {
  const collect = function (this: Counter) {
    this.reset();
    this.inc(read());
  };
  new Counter({ name, help: helpFor(name), registers: [registry], collect });
}

/** "salesboard_aggregator_sales_total" → "Aggregator: sales total." */
function helpFor(name: string): string {
  const [, role = "", ...words] = name.split("_");
  return `${upperFirst(role)}: ${words.join(" ")}.`;
}
