/** A changed mapping: refused, reset by the command that the log names, and counted anew. */

import { afterEach, expect } from "bun:test";
import { logged, newTopics, Runs, sentencesOf, totalsWhen } from "../support/board.ts";
import { runSalesboard } from "../support/executable.ts";
import { sharedKafka } from "../support/kafka.ts";
import { requirement } from "../support/require.ts";

const test = requirement("java", "maven");
const runs = new Runs();
afterEach(() => runs.end());

test("the reset that a refusal names lets the new mapping count all from the start", async () => {
  const broker = await sharedKafka();
  const topics = newTopics("reset");
  const args = ["--brokers", broker.brokers, ...topics.args];
  await broker.createTopic(topics.input, 2);
  const paced = ["--count", "500", "--rate", "0", "--seed", "7"];
  expect((await runSalesboard(["produce", ...args, ...paced])).status).toBe(0);
  const first = runs.start([...args, "--port", "0"]);
  const flat = await totalsWhen(first, ({ total }) => total.sales === 500);
  const early = await runSalesboard(["reset", ...args, "--yes"]);
  expect(early.status).toBe(1);
  expect(sentencesOf(early).join()).toMatch(/Cannot reset: group \S+ has 1 member, salesboard at/);
  expect(await first.stop()).toBe(0);

  // Each sale is one unit: other totals from the same records.
  const mapping = ["--map", "product: product; price: price; by name: product"];
  const changed = runs.start([...args, ...mapping, "--port", "0"]);
  const { message } = await logged(changed, "totals of two mappings do not add up");
  const [, command = ""] = /`salesboard (reset [^`]+)`/.exec(message) ?? [];
  expect(await changed.stop()).toBe(0);
  expect((await runSalesboard(command.split(" "))).status).toBe(2);
  const reset = await runSalesboard([...command.split(" "), "--yes"]);
  expect(reset.stdout).toContain(`topic ${topics.output}.history: the history, 2 partitions`);
  expect(reset.stdout).toContain(`offsets of group ${topics.input} in 2 partitions`);
  expect(reset.status).toBe(0);
  expect((await runSalesboard(["reset", ...args])).stdout).toContain("Nothing to delete");

  const anew = runs.start([...args, ...mapping, "--port", "0"]);
  const { total } = await totalsWhen(anew, ({ total }) => total.sales === 500);
  expect(total.totalQuantity).toBe(500);
  expect(flat.total.totalQuantity).toBeGreaterThan(500);
  const verified = await runSalesboard(["verify", ...args, ...mapping]);
  expect(verified.stdout).toContain("500");
  expect(verified.stdout).toContain("values of dimensions");
  expect(verified.status).toBe(0);
  expect(await anew.stop()).toBe(0);
  // The command need not know the mapping, because the topics of dimensions are found by name.
  const again = await runSalesboard(["reset", ...args, "--yes"]);
  expect(again.stdout).toContain(
    `topic ${topics.output}.by-name: the totals by name, 2 partitions`,
  );
}, 600_000);
