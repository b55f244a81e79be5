import { describe, expect, test } from "bun:test";
import { runAggregator } from "../../../src/aggregator/aggregator.ts";
import { Assignment } from "../../../src/aggregator/stops/assignment.ts";
import { EMBEDDED_PROPERTIES } from "../../../src/kafka/embedded.ts";
import type { Consumer, Position } from "../../../src/kafka/kafka.ts";
import { librdkafka } from "../../../src/kafka/librdkafka.ts";
import { OwnedPartition } from "../../../src/state/owned-partition.ts";
import { decodeTotal } from "../../../src/wire/total-record.ts";
import { openCluster } from "../../support/cluster.ts";
import { configOf, quietLog, startRole } from "../../support/context.ts";
import { FlippingProxy } from "../../support/flipping-proxy.ts";
import { readTopic, sendAll } from "../../support/records.ts";
import { waitFor } from "../../support/wait.ts";

/** An assignment, and what it does to its consumer. */
function assignment() {
  const done: string[] = [];
  const consumer = {
    assign: async (positions: readonly Position[]) => {
      done.push(`assign ${positions.map(({ partition }) => partition)}`);
    },
    unassign: async (partitions: readonly number[]) => {
      done.push(`unassign ${partitions}`);
    },
  } as Partial<Consumer> as Consumer;
  return { done, assignment: new Assignment(consumer) };
}

const owned = (...ids: number[]) =>
  new Map(ids.map((id) => [id, new OwnedPartition(id, { from: 0 })]));

// A refused partition was left out while a revocation was under way. The group took that for the
// answer, gave the revoked partition to another member, and this one went on to commit it.
describe("Assignment", () => {
  test("changes on our own account wait for a turn without an event", async () => {
    const { assignment: one, done } = assignment();
    await one.add([...owned(0, 1).values()]);
    one.removeSoon([0]);
    one.addSoon([2]);
    expect(done).toEqual(["assign 0,1"]);
    expect(one.hasAny([0])).toBe(true);
    await one.quiet(owned(1, 2));
    expect(done).toEqual(["assign 0,1", "unassign 0", "assign 2"]);
    await one.quiet(owned(1, 2));
    expect(done).toHaveLength(3);
  });

  test("what the group takes away meanwhile is neither removed again nor added", async () => {
    const { assignment: one, done } = assignment();
    await one.add([...owned(0, 1).values()]);
    one.removeSoon([0]);
    one.addSoon([2]);
    await one.remove([0, 2]);
    await one.quiet(owned(1));
    expect(done).toEqual(["assign 0,1", "unassign 0"]);
  });
});

// An error of the consumer ended the role, and with it all partitions.
test("a partition whose records arrive damaged stops alone, until they arrive whole", async () => {
  const config = configOf("run", "--commit-interval", "20ms");
  const { cluster, kafka } = openCluster(config, 2);
  const proxy = await FlippingProxy.open(cluster.bootstrapServers, { text: "Damaged" });
  const properties = EMBEDDED_PROPERTIES;
  const port = librdkafka({ brokers: proxy.address, properties, log: quietLog });
  const role = startRole(runAggregator, { config, kafka: port });
  const send = (product: string, partition: number) => {
    const value = new TextEncoder().encode(JSON.stringify({ product, quantity: 1, price: 2 }));
    return sendAll(kafka, config.inputTopic, [{ key: null, value, partition }]);
  };
  const counted = async (product: string) =>
    (await readTopic(kafka, config.outputTopic, [0, 1])).some(
      ({ key, value }) =>
        String(key && Buffer.from(key)) === product && value && decodeTotal(value),
    );
  await send("Damaged", 0);
  const isStopped = () => role.stats.salesboard_aggregator_partitions_stopped === 1;
  await waitFor(isStopped, { what: "the partition to be stopped" });
  await send("Whole", 1);
  await waitFor(() => counted("Whole"), { what: "the other partition" });
  expect(await counted("Damaged")).toBe(false);
  proxy.flips = false;
  await waitFor(() => counted("Damaged"), { what: "the stopped partition" });
  await role.stop();
  proxy.close();
  cluster.close();
}, 600_000);
