/** The demo: its past, and its orders, which a mapping counts that nobody has to give. */

import { afterEach, expect, test } from "bun:test";
import { formatAmount } from "../../src/domain/money.ts";
import { outcomesOf } from "../../src/inspect/sample/outcomes.ts";
import { RecordBatch } from "../../src/kafka/kafka.ts";
import { OrderGenerator } from "../../src/producer/orders.ts";
import { openShop } from "../../src/producer/past.ts";
import { logged, logOf, Runs, totalsWhen } from "../support/board.ts";
import { configOf } from "../support/context.ts";
import { judgedOrders, orderJudge } from "../support/orders.ts";
import type { ApiTotals } from "../support/totals.ts";
import { waitFor } from "../support/wait.ts";

/**
 * Counted sooner than 60 days, also on a machine that is busy. In a time zone where it is about
 * noon: at midnight the first day leaves the past, and the shop has sold less than before.
 */
const SHORT_PAST = ["--demo-past", "7d", "--time-zone", zoneAtNoon(new Date())];

const runs = new Runs();
afterEach(() => runs.end());

test("--demo orders shows exactly what the same orders are worth", async () => {
  const generator = new OrderGenerator(11, { currency: "USD", now: () => new Date() });
  const records = Array.from({ length: 3_000 }, () => generator.next());
  const expected = outcomesOf(orderJudge(), judgedOrders(records));
  const paced = ["--count", "3000", "--rate", "0", "--seed", "11"];
  const run = runs.start(["--demo", "orders", ...paced, "--port", "0"]);
  const judged = expected.filtered + expected.deadLetters;
  const { total, products, filtered, deadLetters } = await totalsWhen(
    run,
    ({ total, filtered, deadLetters }) =>
      total.sales + total.returns === expected.lines && filtered + deadLetters === judged,
  );
  expect({ total, filtered, deadLetters }).toMatchObject({
    total: { totalPrice: formatAmount(expected.amount), returns: expected.returns },
    filtered: expected.filtered,
    deadLetters: expected.deadLetters,
  });
  expect(products).toHaveLength(24);
  // In the same transaction, and read by a reader of its own.
  const stores = () => run.api<ApiTotals>("/api/totals?by=store");
  await waitFor(async () => (await stores()).total.sales === total.sales, { what: "the stores" });
  expect(await stores()).toMatchObject({ by: "store", total, filtered, deadLetters });
  expect((await stores()).products).toHaveLength(4);
  expect(await run.stop()).toBe(0);
}, 600_000);

test("the demo starts with all that its shop has sold until now, and shows no rush", async () => {
  const least = await soldUntil(Date.now());
  const run = runs.start(["--port", "0", "--seed", "5", ...SHORT_PAST]);
  // Nobody sees a part of it.
  const { total } = await totalsWhen(run, ({ total }) => total.sales > 0);
  expect(total.sales).toBeGreaterThanOrEqual(least);
  expect(total.sales).toBeLessThanOrEqual(await soldUntil(Date.now()));
  const metrics = await (await fetch(`${await run.url()}/metrics`)).text();
  const speed = /^salesboard_dashboard_sales_per_second (\S+)$/m.exec(metrics)?.[1];
  expect(Number(speed)).toBeLessThan(1_000);
  const today = await run.api<ApiTotals>("/api/totals?period=today");
  expect(today.total.sales).toBeLessThan(total.sales / 3);
  const brokers = String((await logged(run, "Embedded broker at")).properties.brokers);
  const zone = SHORT_PAST.slice(2);
  const latecomer = runs.start(["serve", "--brokers", brokers, "--port", "0", ...zone]);
  const seen = await totalsWhen(latecomer, (late) => late.total.sales >= total.sales);
  expect(seen.total.sales).toBeLessThanOrEqual(await soldUntil(Date.now()));
  expect(logOf({ stderr: run.stderr() }).filter(({ level }) => level !== "INFO")).toEqual([]);
  expect(await run.stop()).toBe(0);
}, 600_000);

/** What the shop of seed 5 has sold until then, epoch milliseconds. */
async function soldUntil(nowMs: number): Promise<number> {
  const { past } = openShop(configOf("run", ...SHORT_PAST), { seed: 5, nowMs });
  const batch = new RecordBatch({ recordsMax: 1_000, bytesMax: 512 * 1024 });
  let sales = 0;
  for (; await past.fill(batch, 1_000); batch.clear()) sales += batch.count;
  return sales;
}

/** Etc/GMT-3 is three hours ahead of UTC. */
function zoneAtNoon(now: Date): string {
  const ahead = 12 - now.getUTCHours();
  return `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
}
