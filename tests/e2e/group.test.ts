/**
 * Two aggregators share a group; one is killed, one is added: the totals stay those of the sales.
 */

import { afterEach, expect } from "bun:test";
import { logged, logOf, newTopics, Runs } from "../support/board.ts";
import { runSalesboard, type Salesboard } from "../support/executable.ts";
import { sharedKafka } from "../support/kafka.ts";
import { requirement } from "../support/require.ts";
import { quickArgs } from "../support/timeouts.ts";
import { inputTotals, outputTotals, rowsOf, salesIn } from "../support/totals.ts";
import { waitFor } from "../support/wait.ts";

const PARTITIONS = 4;
/**
 * Of those that are not killed: whoever gets no processor for the time of a short session loses its
 * partitions, and says so later than another one owns them.
 */
const steadyArgs = [...quickArgs, "-X", "session.timeout.ms=60000"];
const test = requirement("java", "maven", "kcat");

const runs = new Runs();
afterEach(() => runs.end());

test("instances share the partitions, each owned by one at a time, and lose nothing", async () => {
  const broker = await sharedKafka();
  const { brokers } = broker;
  const topics = newTopics("group");
  const args = ["--brokers", brokers, ...topics.args];
  await broker.createTopic(topics.input, PARTITIONS);
  const producer = runs.start(["produce", ...args, "--rate", "8000", "--seed", "3"]);
  const first = runs.start(["aggregate", ...args, ...quickArgs]);
  await logged(first, "Partitions assigned.");
  const second = runs.start(["aggregate", ...args, ...steadyArgs]);
  await waitFor(() => owned(first).size === 2 && owned(second).size === 2, {
    what: "two partitions for each",
  });
  expect(new Set([...owned(first), ...owned(second)]).size).toBe(PARTITIONS);

  await first.kill();
  const killedAt = Date.now();
  await waitFor(() => owned(second).size === PARTITIONS, {
    what: "the dead instance's partitions",
  });
  const third = runs.start(["aggregate", ...args, ...steadyArgs]);
  await waitFor(() => owned(second).size === 2 && owned(third).size === 2, {
    what: "two partitions for each again",
  });
  expect(new Set([...owned(second), ...owned(third)]).size).toBe(PARTITIONS);

  expect(await producer.stop()).toBe(0);
  const expected = await inputTotals(brokers, topics.input);
  const sales = salesIn(expected);
  await waitFor(async () => salesIn(await outputTotals(brokers, topics.output)) >= sales, {
    what: "the last sale",
  });
  expect(await second.stop()).toBe(0);
  expect(await third.stop()).toBe(0);
  expect(rowsOf(await outputTotals(brokers, topics.output))).toEqual(rowsOf(expected));
  const spans = [...spansOf(first, killedAt), ...spansOf(second), ...spansOf(third)];
  expect(spans.length).toBeGreaterThanOrEqual(2 * PARTITIONS);
  expect(overlaps(spans)).toEqual([]);
  expect((await runSalesboard(["verify", ...args])).status).toBe(0);
}, 600_000);

/** The partitions that an instance says it owns. */
function owned(run: Salesboard): Set<string> {
  const open = spansOf(run).filter(({ to }) => to === Number.POSITIVE_INFINITY);
  return new Set(open.map(({ partition }) => partition));
}

/** A time in which a partition was owned, epoch milliseconds. */
interface Span {
  partition: string;
  from: number;
  to: number;
}

/** As the instance says; what it still owned when it was ended, or asked to end, ended then. */
function spansOf(run: Salesboard, killedAt = Number.POSITIVE_INFINITY): Span[] {
  const spans: Span[] = [];
  const open = new Map<string, number>();
  let endedAt = killedAt;
  for (const { at, message, properties } of logOf({ stderr: run.stderr() })) {
    if (message.startsWith("Stopping on ")) endedAt = at;
    const list = String(properties.partitions ?? "").split(",");
    for (const partition of list.filter((id) => id !== "")) {
      if (message === "Partitions assigned.") open.set(partition, at);
      if (message !== "Partitions revoked." && message !== "Partitions lost.") continue;
      spans.push({ partition, from: open.get(partition) ?? 0, to: at });
      open.delete(partition);
    }
  }
  const rest = [...open].map(([partition, from]) => ({ partition, from, to: endedAt }));
  return [...spans, ...rest];
}

function overlaps(spans: readonly Span[]): Span[][] {
  return spans.flatMap((a, i) =>
    spans
      .slice(i + 1)
      .filter((b) => a.partition === b.partition && a.from < b.to && b.from < a.to)
      .map((b) => [a, b]),
  );
}
