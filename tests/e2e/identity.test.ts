/**
 * The aggregator on a real Kafka whose topics and groups change under it: only what was counted
 * from this input goes on, and everything else stops the partition with a sentence.
 */

import { afterEach, beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import { runAggregator } from "../../src/aggregator/aggregator.ts";
import type { Config } from "../../src/config/config.ts";
import type { Kafka } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { decodeBookkeeping, isBookkeepingKey } from "../../src/wire/bookkeeping.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";
import { decodeTotal } from "../../src/wire/total-record.ts";
import { configOf, quietLog, type RunningRole, startRole } from "../support/context.ts";
import { type KafkaBroker, sharedKafka } from "../support/kafka.ts";
import { readTopic, sendAll } from "../support/records.ts";
import { missingOf, requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";

const test = requirement("java", "maven");
setDefaultTimeout(600_000);

let broker: KafkaBroker;
let kafka: Kafka;
const running: RunningRole[] = [];

beforeAll(async () => {
  if (missingOf("java", "maven")) return;
  broker = await sharedKafka();
  kafka = librdkafka({ brokers: broker.brokers, properties: {}, log: quietLog });
});
afterEach(async () => {
  await Promise.allSettled(running.splice(0).map((role) => role.stop()));
});

/** The settings of one deployment, whose topics have one partition and names of their own. */
async function deploymentOf(of: { input: string; output: string; group?: string }) {
  const { input, output, group = `g-${output}` } = of;
  const config = configOf(
    ...["run", "--brokers", broker.brokers, "--commit-interval", "20ms"],
    ...["--input-topic", input, "--output-topic", output, "--group", group],
  );
  await makeTopics(
    config.inputTopic,
    config.outputTopic,
    config.historyTopic,
    config.deadLetterTopic,
  );
  return config;
}

async function makeTopics(...topics: string[]): Promise<void> {
  const admin = kafka.admin();
  for (const topic of topics) {
    if (await admin.describeTopic(topic)) continue;
    await admin.createTopic(topic, { partitions: 1, replicationFactor: 1, config: {} });
  }
  await admin.close();
}

async function makeAnew(topic: string): Promise<void> {
  const admin = kafka.admin();
  await admin.deleteTopic(topic);
  await admin.createTopic(topic, { partitions: 1, replicationFactor: 1, config: {} });
  await admin.close();
}

function start(config: Config): RunningRole {
  const role = startRole(runAggregator, { config, kafka });
  running.push(role);
  return role;
}

function send(topic: string, count: number): Promise<void> {
  const value = encodeSale({ product: "Tea", quantity: 1, price: 1_000_000n });
  return sendAll(
    kafka,
    topic,
    Array.from({ length: count }, () => ({ value, partition: 0 })),
  );
}

/** The sales of every total that any reader has ever seen. */
async function salesSeen({ outputTopic }: Config): Promise<number[]> {
  const records = await readTopic(kafka, outputTopic, [0]);
  return records.flatMap(({ key, value }) =>
    value && key?.[0] !== 0 ? [Number(decodeTotal(value).sales)] : [],
  );
}

async function untilSold(config: Config, sales: number): Promise<void> {
  const isSold = async () => (await salesSeen(config)).at(-1) === sales;
  await waitFor(isSold, { what: `${sales} sales in the totals` });
}

async function untilWarned(role: RunningRole, sentence: string): Promise<void> {
  const isWarned = () => role.warnings.some((line) => line.includes(sentence));
  await waitFor(isWarned, { what: sentence }).catch(() => {});
  expect(role.warnings.join("\n")).toContain(sentence);
}

let names = 0;
const name = (of: string) => `identity-${of}-${process.pid}-${names++}`;

describe("two deployments with one output topic", () => {
  // R09: the page was live while its totals jumped between the sums of the one and of the other.
  test("never mix their totals, and the one that is not first says whose they are", async () => {
    const [output, inputs] = [name("out"), [name("shop"), name("web")]];
    const configs = [];
    for (const input of inputs) configs.push(await deploymentOf({ input, output, group: output }));
    const roles = configs.map(start);
    for (let round = 0; round < 5; round++) {
      for (const [i, input] of inputs.entries()) await send(input, 10 ** i);
    }
    const isRefused = ({ warnings }: RunningRole) =>
      warnings.some((line) => line.includes("were counted from the input topic"));
    await waitFor(() => roles.some(isRefused), { what: "one to be refused" });
    const winner = roles.findIndex((role) => !isRefused(role));
    for (const input of inputs) await send(input, 100);
    await untilSold(configs[winner] as Config, 100 + 5 * 10 ** winner);
    const seen = await salesSeen(configs[winner] as Config);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(roles.filter(isRefused)).toHaveLength(1);
  });
});

describe("an input topic that is deleted and created again", () => {
  const anew = "was deleted and created again";

  // R33: the totals stood still, or went on with sales of the new topic, and the page was live.
  test("stops the partition while the aggregator runs", async () => {
    const config = await deploymentOf({ input: name("in"), output: name("out") });
    const role = start(config);
    await send(config.inputTopic, 5);
    await untilSold(config, 5);
    await makeAnew(config.inputTopic);
    await send(config.inputTopic, 50);
    await untilWarned(role, anew);
    expect(await salesSeen(config)).not.toContain(50);
    expect((await salesSeen(config)).at(-1)).toBe(5);
  });

  test("stops the partition when it happened while no aggregator ran", async () => {
    const config = await deploymentOf({ input: name("in"), output: name("out") });
    await send(config.inputTopic, 5);
    const first = start(config);
    await untilSold(config, 5);
    await first.stop();
    await makeAnew(config.inputTopic);
    await send(config.inputTopic, 50);
    await untilWarned(start(config), anew);
    expect((await salesSeen(config)).at(-1)).toBe(5);
  });
});

// Counting went on from memory, which wrote the totals that changed: the new topic lacked the
// others for good, and the next start refused it.
test("an output topic that is made anew while the aggregator runs stops the partition", async () => {
  const config = await deploymentOf({ input: name("in"), output: name("out") });
  const role = start(config);
  await send(config.inputTopic, 5);
  await untilSold(config, 5);
  await makeAnew(config.outputTopic);
  await send(config.inputTopic, 1);
  await untilWarned(role, `but ${config.outputTopic} holds no totals; to count anew, stop all`);
  expect(await salesSeen(config)).toEqual([]);
});

/** What the last bookkeeping says of where the records come from. */
async function originSeen({ outputTopic }: Config) {
  const records = await readTopic(kafka, outputTopic, [0]);
  const note = records.findLast(({ key, value }) => value && isBookkeepingKey(key));
  return note?.value ? decodeBookkeeping(note.value) : undefined;
}

describe("a group that was moved", () => {
  test("goes on from where the totals end, by another name or without offsets", async () => {
    const [input, output] = [name("in"), name("out")];
    const config = await deploymentOf({ input, output });
    await send(input, 5);
    const first = start(config);
    await untilSold(config, 5);
    const admin = kafka.admin();
    const { topicId, clusterId } = (await admin.identity(input)) ?? {};
    const known = { inputTopic: input, inputTopicId: topicId, clusterId, inputEpoch: 0 };
    expect(await originSeen(config)).toMatchObject(known);
    await first.stop();
    await send(input, 3);
    const renamed = await deploymentOf({ input, output, group: `new-${output}` });
    const second = start(renamed);
    await untilWarned(second, "Partition 0 goes on at offset 5");
    await untilSold(config, 8);
    await second.stop();
    await admin.deleteOffsets(renamed.group, input, [0]);
    await admin.close();
    await send(input, 2);
    await untilWarned(start(renamed), "has no offset, but the totals go up to 8");
    await untilSold(config, 10);
  });
});
