/** One bad partition stops alone: the others count, and it goes on by itself after the cure. */

import { afterEach, beforeEach, expect, test } from "bun:test";
import { runAggregator } from "../../../src/aggregator/aggregator.ts";
import { Blame } from "../../../src/aggregator/stops/blame.ts";
import type { Cause } from "../../../src/aggregator/stops/stops.ts";
import {
  type Admin,
  type Kafka,
  KafkaError,
  type TopicDescription,
} from "../../../src/kafka/kafka.ts";
import type { NativeMockCluster } from "../../../src/kafka/native.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { encodeSale } from "../../../src/wire/sale-record.ts";
import { openCluster } from "../../support/cluster.ts";
import { configOf, type RunningRole, startRole } from "../../support/context.ts";
import { sendAll } from "../../support/records.ts";
import { waitFor } from "../../support/wait.ts";

const config = configOf("run", "--commit-interval", "20ms");
const value = encodeSale({ product: "Laptop", quantity: 1, price: 1n });

let cluster: NativeMockCluster;
let kafka: Kafka;
let role: RunningRole;
beforeEach(() => {
  ({ cluster, kafka } = openCluster(config, 2));
});
afterEach(async () => {
  await role.stop();
  cluster.close();
});

const counted = (sales: number) =>
  waitFor(() => role.stats.salesboard_aggregator_sales === sales, {
    what: `${sales} sales to be counted`,
  });
const sell = (partition: number) => sendAll(kafka, config.inputTopic, [{ value, partition }]);
const sentences = (pattern: RegExp) => role.warnings.filter((line) => pattern.test(line));

// One output partition without leader ended the process after 66 s, and the page with it.
test("a partition of the output without leader stops alone, and counts when it has one", async () => {
  cluster.setLeader(config.outputTopic, 1, -1);
  role = startRole(runAggregator, { config, kafka });
  await sell(1);
  await sell(0);
  await counted(1);
  await waitFor(() => role.stats.salesboard_aggregator_partitions_stopped === 1, {
    what: "the partition to be stopped",
  });
  const said = /^Partition 1 is not counted for now: partition 1 of \S+ has no leader, although/;
  expect(sentences(said)).toHaveLength(1);
  cluster.setLeader(config.outputTopic, 1, 1);
  await counted(2);
}, 600_000);

// Each try wrote the letter again and waited for its time-out, and the good partitions waited with
// it: some 8 s of each half minute.
test("dead letters whose topic has no leader stop their partition, and cost one transaction", async () => {
  const leads = (leader: number) => {
    for (const partition of [0, 1]) cluster.setLeader(config.deadLetterTopic, partition, leader);
  };
  leads(-1);
  role = startRole(runAggregator, { config, kafka });
  const text = new TextEncoder();
  await sendAll(kafka, config.inputTopic, [{ value: text.encode("no sale"), partition: 1 }]);
  await waitFor(() => role.stats.salesboard_aggregator_partitions_stopped === 1, {
    what: "the partition to be stopped",
  });
  const said = /^Partition 1 is not counted for now: partition [01] of \S+dlq has no leader/;
  expect(sentences(said)).toHaveLength(1);
  // Longer than the first pauses.
  for (let sold = 1; sold <= 5; sold++) {
    await sell(0);
    await counted(sold);
    await Bun.sleep(500);
  }
  expect(sentences(/^Transaction aborted/)).toHaveLength(1);
  leads(1);
  await waitFor(() => role.stats.salesboard_aggregator_dead_letters === 1, {
    what: "the dead letter to be written",
  });
}, 600_000);

// A missing right made one transaction a second in vain, for ever.
test("transactions that fail again and again give their partitions a pause", async () => {
  role = startRole(runAggregator, { config, kafka });
  const silent = new KafkaError("Silent", { code: "_TIMED_OUT", verdict: "retry" });
  const admin = { ...kafka.admin(), describeTopic: () => Promise.reject(silent) } as Admin;
  const blame = new Blame({ config, clock: systemClock }, admin);
  const error = new KafkaError("Refused", { code: "TOPIC_AUTHORIZATION_FAILED", verdict: "abort" });
  const other = new KafkaError("Odd", { code: "UNKNOWN_SERVER_ERROR", verdict: "abort" });
  const of = { owned: [0, 1], letters: [] };
  const fails = (error: KafkaError) => blame.find({ error, undelivered: [] }, of);
  expect(await fails(other)).toEqual([]);
  expect(await fails(other)).toEqual([]);
  expect(await fails(other)).toEqual([{ partitions: [0, 1], reason: "Odd" }]);
  blame.committed();
  expect(await fails(other)).toEqual([]);
  // A right is missing until somebody gives it.
  const [{ partitions = [], reason = "" } = {}] = await fails(error);
  expect(partitions).toEqual([0, 1]);
  // The coordinator names no topic, and nobody else knew of one.
  expect(reason).toContain(`Read on the resource Topic ${config.inputTopic}, and Write on the`);
  expect(reason).toEndWith(`Topic ${config.outputTopic}, ${config.historyTopic}`);
});

// It was taken for a slow broker, and after three transactions all partitions were stopped.
test("dead letters whose topic was deleted stop their partition alone, and say so", async () => {
  role = startRole(runAggregator, { config, kafka });
  let described: TopicDescription | undefined;
  const admin = { ...kafka.admin(), describeTopic: () => Promise.resolve(described) } as Admin;
  const blame = new Blame({ config, clock: systemClock }, admin);
  const topic = config.deadLetterTopic;
  const error = new KafkaError("Late", { code: "_MSG_TIMED_OUT", verdict: "abort" });
  const failed = { error, undelivered: [{ topic, partition: -1, error }] };
  const cause = { reason: `the topic ${topic} does not exist`, topic };
  const blamed = await blame.find(failed, { owned: [0, 1], letters: [1] });
  expect(blamed).toEqual([{ partitions: [1], ...cause }]);
  const stopped: unknown[] = [];
  const stop = (ids: readonly number[], cause: Cause) => stopped.push([ids, cause]);
  const due = () => [{ partition: 1, topic }];
  expect(await blame.readyOf({ due, stop })).toEqual([]);
  expect(stopped).toEqual([[[1], cause]]);
  described = await kafka.admin().describeTopic(config.outputTopic);
  expect(await blame.readyOf({ due, stop })).toEqual([1]);
});
