/** When something was sold, as history tells it: today compared, its hours, the last sale. */

import type { Moment } from "../lib/clock.ts";
import { Comparer } from "./model/comparison.ts";
import { HourMeter } from "./model/days/day-hours.ts";
import type { DaysKnown } from "./model/days/days.ts";
import type { Graph } from "./model/graph.ts";

/**
 * What history says about when something was sold: for products, and for boards by dimension.
 * Nothing while it is not current: a sum of today would lack sales that the totals hold.
 */
export function saleTimes(graph: Graph, isCurrent: () => boolean) {
  const [comparer, hourMeter] = [new Comparer(graph), new HourMeter(graph)];
  return (days: DaysKnown | undefined, now: Moment) => {
    if (!isCurrent()) return { products: {}, values: {} };
    const { history } = graph;
    const { isKept } = history;
    const lastSale = isKept ? history.latest : undefined;
    const salesPerMinute = isKept ? history.lastMinute(now.date.getTime()).sales : undefined;
    const [comparison, hours] = [comparer.at(days, now), hourMeter.at(days, now)];
    const products = { comparison, hours, lastSale, salesPerMinute };
    return { products, values: { ...products, comparison: comparer.together } };
  };
}
