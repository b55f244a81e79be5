/**
 * Orders of many lines, and an aggregator that is killed while it counts them: an order is counted
 * wholly or not at all, whatever was done of it when the power went.
 */

import { afterEach, expect } from "bun:test";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import type { Verification } from "../../src/verify/verify.ts";
import { logged, newTopics, Runs } from "../support/board.ts";
import { quietLog } from "../support/context.ts";
import { runSalesboard } from "../support/executable.ts";
import { sharedKafka } from "../support/kafka.ts";
import { sendAll } from "../support/records.ts";
import { requirement } from "../support/require.ts";
import { seededRandom } from "../support/seed.ts";
import { quickArgs } from "../support/timeouts.ts";
import { outputTotals, rowsOf, type Totals } from "../support/totals.ts";
import { waitFor } from "../support/wait.ts";
import { GroupProgress } from "./progress.ts";

const KILLS = 2;
const LINES_MAX = 60;
const ORDERS_AT_ONCE = 40;
/** Of one life: far more than are sent before the kill. */
const SENDS_MAX = 5_000;
const PRODUCTS = ["Tea", "Cup", "Kettle", "Spoon", "Honey"];
const RULES = [
  "lines: order.lines[]; product: sku; quantity: grams / 1000; amount: cents / 100",
  "only: $.status in (paid); only: void not exists; minus: kind in (refund)",
].join("; ");

const test = requirement("java", "maven", "kcat");
const runs = new Runs();
afterEach(() => runs.end());

test("an order of many lines is counted wholly or not at all after SIGKILL", async () => {
  const { brokers } = await sharedKafka();
  const topics = newTopics("orders");
  const kafka = librdkafka({ brokers, properties: {}, log: quietLog });
  const progress = new GroupProgress({ brokers, topic: topics.input, group: topics.input });
  await progress.createTopic(2);
  const args = ["--brokers", brokers, ...topics.args, "--map", RULES];
  const orders = new Orders();
  const start = async () => {
    const run = runs.start(["aggregate", ...args, ...quickArgs, "--commit-interval", "1ms"]);
    await logged(run, "Partitions assigned.");
    return run;
  };
  for (let kill = 0; kill < KILLS; kill++) {
    const run = await start();
    const marks = await progress.ends();
    let isAlive = true;
    const sending = sendWhile(() => isAlive, { kafka, topic: topics.input, orders });
    await waitFor(() => progress.isBeyond(marks), { what: "orders to count" });
    await run.kill();
    isAlive = false;
    await sending;
    // What the dead one left is a whole number of orders, in the middle of the topic.
    const { records, ...found } = await verified(args);
    expect(found).toMatchObject({ equal: true, differences: [], status: 0 });
    console.log(`kill ${kill + 1}: ${records} of ${orders.sent} orders were counted`);
  }
  const last = await start();
  const ends = await progress.ends();
  await waitFor(() => progress.hasReached(ends), { what: "all orders" });
  await progress.close();
  expect(await last.stop()).toBe(0);
  const { sales, returns, filtered, deadLetters } = orders;
  expect(await verified(args)).toMatchObject({
    ...{ equal: true, differences: [], status: 0, records: orders.sent },
    ...{ sales, returns, filtered, deadLetters },
  });
  expect(rowsOf(await outputTotals(brokers, topics.output))).toEqual(rowsOf(orders.totals));
}, 600_000);

async function sendWhile(
  isAlive: () => boolean,
  { kafka, topic, orders }: { kafka: ReturnType<typeof librdkafka>; topic: string; orders: Orders },
): Promise<void> {
  for (let sends = 0; sends < SENDS_MAX && isAlive(); sends++) {
    const values = Array.from({ length: ORDERS_AT_ONCE }, () => orders.next());
    await sendAll(
      kafka,
      topic,
      values.map((value) => ({ value: new TextEncoder().encode(value) })),
    );
  }
}

async function verified(args: readonly string[]): Promise<Verification & { status: number }> {
  const { status, stdout, stderr } = await runSalesboard(["verify", "--json", ...args]);
  if (stdout === "") throw new Error(`verify ended with ${status}:\n${stderr}`);
  return { ...(JSON.parse(stdout) as Verification), status };
}

/** Random orders, and what the board must make of all that were sent. */
class Orders {
  sent = 0;
  sales = 0;
  returns = 0;
  filtered = 0;
  deadLetters = 0;
  readonly totals: Totals = new Map();
  readonly #random = seededRandom("FAULTS_SEED");

  /** The next order, as JSON. */
  next(): string {
    const random = this.#random;
    const lines = Array.from({ length: random.below(LINES_MAX) }, () => this.#line());
    const status = random.chance(0.1) ? "draft" : "paid";
    // The last line is broken: all others are read before.
    const isBroken = lines.length > 0 && random.chance(0.1);
    const broken = isBroken ? [{ sku: "Tea", grams: 1_000, cents: "n/a" }] : [];
    this.#count({ lines, status, isBroken });
    return JSON.stringify({ status, order: { lines: [...lines, ...broken] } });
  }

  #line() {
    const random = this.#random;
    return {
      sku: random.pick(PRODUCTS),
      grams: 1_000 * (1 + random.below(9)),
      cents: String(random.below(10_000)),
      kind: random.chance(0.2) ? "refund" : "sale",
      ...(random.chance(0.1) && { void: true }),
    };
  }

  #count({ lines, status, isBroken }: { lines: Line[]; status: string; isBroken: boolean }) {
    this.sent++;
    const counted = lines.filter((line) => !line.void);
    if (status !== "paid" || (!isBroken && counted.length === 0)) this.filtered++;
    else if (isBroken) this.deadLetters++;
    else for (const line of counted) this.#add(line);
  }

  #add({ sku, grams, cents, kind }: Line): void {
    const sum = this.totals.get(sku) ?? { totalQuantity: 0n, totalPrice: 0n, sales: 0n };
    this.totals.set(sku, sum);
    const sign = kind === "refund" ? -1n : 1n;
    sum.totalQuantity += sign * BigInt(grams / 1_000);
    sum.totalPrice += sign * BigInt(cents) * 10_000n;
    if (kind === "refund") this.returns++;
    else {
      this.sales++;
      sum.sales++;
    }
  }
}

interface Line {
  sku: string;
  grams: number;
  cents: string;
  kind: string;
  void?: boolean;
}
