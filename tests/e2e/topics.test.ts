/** Two input topics as one board on Kafka itself: killed in the middle of both, nothing is lost. */

import { afterEach, expect } from "bun:test";
import { logged, newTopics, Runs, totalsWhen } from "../support/board.ts";
import { runSalesboard } from "../support/executable.ts";
import { sharedKafka } from "../support/kafka.ts";
import { requirement } from "../support/require.ts";
import { quickArgs } from "../support/timeouts.ts";
import { apiRows, inputTotals, outputTotals, rowsOf, salesIn } from "../support/totals.ts";

const SALES_EACH = 12_000;
/** So that a kill in the middle finds both under way. */
const RATE = SALES_EACH / 5;
const test = requirement("java", "maven", "kcat");

const runs = new Runs();
afterEach(() => runs.end());

test("two topics add up to one board after a SIGKILL, and verify says so of each", async () => {
  const broker = await sharedKafka();
  const { brokers } = broker;
  const [shop, tills] = [newTopics("shop"), newTopics("tills")];
  await Promise.all([broker.createTopic(shop.input, 3), broker.createTopic(tills.input, 2)]);
  const topics = ["--brokers", brokers, "--input-topic", `${shop.input},${tills.input}`];
  const args = [...topics, "--output-topic", shop.output, "--group", shop.input];
  const start = async () => {
    const run = runs.start(["run", ...args, "--port", "0", ...quickArgs]);
    await logged(run, "Partitions assigned.");
    return run;
  };
  const first = await start();
  const produced = [shop.input, tills.input].map((input, i) =>
    runSalesboard([
      ...["produce", "--brokers", brokers, "--input-topic", input],
      ...["--count", String(SALES_EACH), "--rate", String(RATE), "--seed", String(i)],
    ]),
  );
  await totalsWhen(first, ({ total }) => total.sales > SALES_EACH / 10);
  await first.kill();
  for (const { status } of await Promise.all(produced)) expect(status).toBe(0);
  const last = await start();
  const totals = await totalsWhen(last, ({ total }) => total.sales >= 2 * SALES_EACH);
  const inputs = await Promise.all([shop, tills].map(({ input }) => inputTotals(brokers, input)));
  expect(inputs.map((each) => Number(salesIn(each)))).toEqual([SALES_EACH, SALES_EACH]);
  const [ofShop = new Map(), ofTills = new Map()] = inputs;
  const ofBoth = new Map(ofShop);
  for (const [product, more] of ofTills) {
    const sum = ofBoth.get(product) ?? { totalQuantity: 0n, totalPrice: 0n, sales: 0n };
    ofBoth.set(product, {
      totalQuantity: sum.totalQuantity + more.totalQuantity,
      totalPrice: sum.totalPrice + more.totalPrice,
      sales: sum.sales + more.sales,
    });
  }
  expect(apiRows(totals)).toEqual(rowsOf(ofBoth));
  expect(await last.stop()).toBe(0);
  const outputs = [shop.output, `${shop.output}.of-${tills.input}`];
  const written = await Promise.all(outputs.map((topic) => outputTotals(brokers, topic)));
  expect(written.map(rowsOf)).toEqual(inputs.map(rowsOf));
  const verified = await runSalesboard(["verify", ...args]);
  const equal = verified.stdout.split("\n").filter((line) => line.startsWith("Equal: "));
  expect(equal).toEqual(
    outputs.map((topic) => `Equal: every total in ${topic} is the sum of its sales.`),
  );
  expect(verified.status).toBe(0);
}, 600_000);
