/** A topic that appears while a board of a pattern runs, on Kafka itself. */

import { afterEach, expect } from "bun:test";
import { StreamClient } from "../dashboard/stream.ts";
import { logged, newTopics, Runs, totalsWhen } from "../support/board.ts";
import { runSalesboard } from "../support/executable.ts";
import { sharedKafka } from "../support/kafka.ts";
import { requirement } from "../support/require.ts";
import { quickArgs } from "../support/timeouts.ts";
import { apiRows, inputTotals, outputTotals, rowsOf, type Totals } from "../support/totals.ts";

const SALES_EACH = 300;
const test = requirement("java", "maven", "kcat");

const runs = new Runs();
afterEach(() => runs.end());

test("a topic that appears is counted beside the other, once, and a restart finds both", async () => {
  const broker = await sharedKafka();
  const { brokers } = broker;
  const { input: name, output } = newTopics("pattern");
  const [first, second] = [`${name}-b`, `${name}-a`];
  const args = ["--brokers", brokers, "--input-topic", `${name}-*`, "--output-topic", output];
  args.push("--group", name);
  const produce = async (topic: string, seed: string) => {
    const sales = ["--count", String(SALES_EACH), "--rate", "0", "--seed", seed];
    const where = ["--brokers", brokers, "--input-topic", topic];
    expect((await runSalesboard(["produce", ...where, ...sales])).status).toBe(0);
  };
  await broker.createTopic(first, 2);
  const run = runs.start(["run", ...args, "--port", "0", ...quickArgs]);
  await produce(first, "1");
  await totalsWhen(run, ({ total }) => total.sales === SALES_EACH);
  const { body } = await fetch(`${await run.url()}/events`);
  const page = new StreamClient(body as ReadableStream<Uint8Array>);
  // It looks at other times, and shares the partitions of both topics.
  const other = runs.start(["aggregate", ...args, ...quickArgs]);
  await logged(other, `are ${first}.`);
  // It sorts before the one that is there. `produce` makes it.
  await produce(second, "2");
  const sentence = `The topic ${second} matches ${name}-*, and is on the board from now on.`;
  await Promise.all([run, other].map((each) => logged(each, sentence)));
  // The page is told to connect anew, at the same address.
  expect((await page.readUntil(() => false)).at(-1)?.event).toBe("bye");
  const totals = await totalsWhen(run, ({ total }) => total.sales >= 2 * SALES_EACH);
  const inputs = await Promise.all([first, second].map((topic) => inputTotals(brokers, topic)));
  const expected = rowsOf(sumOf(inputs));
  expect(apiRows(totals)).toEqual(expected);
  expect(await Promise.all([run, other].map((each) => each.stop()))).toEqual([0, 0]);

  const again = runs.start(["run", ...args, "--port", "0", ...quickArgs]);
  const restored = await totalsWhen(again, ({ total }) => total.sales >= 2 * SALES_EACH);
  expect(apiRows(restored)).toEqual(expected);
  expect(await again.stop()).toBe(0);

  // In the order of their names.
  const outputs = [`${output}.of-${second}`, `${output}.of-${first}`];
  const written = await Promise.all(outputs.map((topic) => outputTotals(brokers, topic)));
  expect(written.reverse().map(rowsOf)).toEqual(inputs.map(rowsOf));
  const verified = await runSalesboard(["verify", ...args]);
  const equal = verified.stdout.split("\n").filter((line) => line.startsWith("Equal: "));
  expect(equal).toEqual(
    outputs.map((topic) => `Equal: every total in ${topic} is the sum of its sales.`),
  );
  expect(verified.status).toBe(0);
}, 600_000);

function sumOf(all: readonly Totals[]): Totals {
  const sums: Totals = new Map();
  for (const [product, { totalQuantity, totalPrice, sales }] of all.flatMap((each) => [...each])) {
    const sum = sums.get(product) ?? { totalQuantity: 0n, totalPrice: 0n, sales: 0n };
    sums.set(product, {
      totalQuantity: sum.totalQuantity + totalQuantity,
      totalPrice: sum.totalPrice + totalPrice,
      sales: sum.sales + sales,
    });
  }
  return sums;
}
