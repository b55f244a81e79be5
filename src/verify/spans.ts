/** Reads what `verify` checks of each partition: totals, history, and the input they claim. */

import { boardTopics, type Config } from "../config/config.ts";
import { Totals } from "../domain/totals.ts";
import {
  type Admin,
  type Consumer,
  type Kafka,
  KafkaError,
  type Watermarks,
} from "../kafka/kafka.ts";
import { systemClock } from "../lib/clock.ts";
import { SalesboardError } from "../lib/errors.ts";
import { type RestoredHistory, readHistory } from "../state/history-log.ts";
import { type Restored, readOutput } from "../state/totals-log.ts";
import { type ClaimedInput, NO_INPUT, type RestoredDimension } from "./compare.ts";

/** An output partition without a record. */
const EMPTY: Restored = {
  problem: undefined,
  totals: new Totals(),
  bookkeeping: undefined,
  end: 0,
};

/** Every partition of the input, and those of the output that the input does not have. */
export async function claimedInputs(clients: {
  kafka: Kafka;
  config: Config;
  admin: Admin;
  consumer: Consumer;
}): Promise<ClaimedInput[]> {
  const { kafka, config, admin, consumer } = clients;
  const inputs = await partitionsOf(admin, config.inputTopic);
  const outputs = await partitionsOf(admin, config.outputTopic);
  const { outputTopic: topic } = config;
  const source = { kafka, clock: systemClock, admin, topic };
  const output = await readOutput({ ...source, partitions: outputs });
  const history = await historyOf(clients, output);
  const dimensions = await dimensionsOf(clients, output);
  // Read after the output, so that the offsets of a running aggregator are not behind it.
  const committed = await consumer.committed(inputs);
  // The first transaction of a partition may have come between the two.
  const begun = committed.filter(({ partition: id, offset }) => {
    return offset !== null && output.has(id) && !output.get(id)?.bookkeeping;
  });
  const partitions = begun.map(({ partition }) => partition);
  for (const [id, restored] of await readOutput({ ...source, partitions }))
    output.set(id, restored);
  const all = await admin.allWatermarks(config.inputTopic, inputs);
  const isCompacted = await keepsLastOnly(admin, config.inputTopic);
  const spans: ClaimedInput[] = [];
  for (const { partition, offset } of committed) {
    // A partition added later can still be without output.
    const restored = output.get(partition) ?? EMPTY;
    const { low, high } = all.get(partition) as Watermarks;
    const to = restored.bookkeeping?.inputOffset ?? offset ?? low;
    const from = Math.min(low, to);
    const kept = { history: history.get(partition), dimensions: dimensions(partition) };
    const input = { from, low, to, high, isCompacted };
    spans.push({ partition, ...input, committed: offset, restored, ...kept });
  }
  // Totals without an input partition are wrong, and readers would still add them up.
  for (const partition of outputs.slice(inputs.length)) {
    const restored = output.get(partition) ?? EMPTY;
    const to = restored.bookkeeping?.inputOffset ?? 0;
    const kept = { history: undefined, dimensions: dimensions(partition) };
    const input = { from: 0, low: 0, to, high: NO_INPUT, isCompacted: false };
    spans.push({ partition, ...input, committed: null, restored, ...kept });
  }
  return spans;
}

/** Whether the topic is compacted. Who may not read its settings does not know. */
async function keepsLastOnly(admin: Admin, topic: string): Promise<boolean> {
  try {
    const { values } = await admin.topicSettings(topic);
    return values.get("cleanup.policy")?.includes("compact") ?? false;
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    return false;
  }
}

/** A missing topic is an error, because it must not pass for an empty one. */
async function partitionsOf(admin: Admin, topic: string): Promise<number[]> {
  const described = await admin.describeTopic(topic);
  if (!described) {
    throw new SalesboardError(`Cannot verify: the topic ${topic} does not exist.`, { final: true });
  }
  return Array.from({ length: described.partitions }, (_, partition) => partition);
}

/**
 * What the topics of the dimensions say of a partition. A missing topic is an error, because an
 * aggregator with the same mapping has made it.
 */
async function dimensionsOf(
  { kafka, config, admin }: { kafka: Kafka; config: Config; admin: Admin },
  output: ReadonlyMap<number, Restored>,
): Promise<(partition: number) => RestoredDimension[]> {
  const found: { name: string; partitions: Map<number, Restored> }[] = [];
  for (const { name, topic } of boardTopics(config)) {
    const there = new Set(await partitionsOf(admin, topic));
    const partitions = [...output.keys()].filter((id) => there.has(id));
    const source = { kafka, clock: systemClock, admin, topic, partitions };
    found.push({ name, partitions: await readOutput(source) });
  }
  return (id) =>
    found.map(({ name, partitions }) => ({ name, restored: partitions.get(id) ?? EMPTY }));
}

/** By output partition; empty if history is not kept. */
async function historyOf(
  clients: { kafka: Kafka; config: Config; admin: Admin },
  output: ReadonlyMap<number, Restored>,
): Promise<ReadonlyMap<number, RestoredHistory>> {
  const { kafka, config, admin } = clients;
  const topic = config.historyTopic;
  const described = config.history === "on" ? await admin.describeTopic(topic) : undefined;
  const totals = new Map([...output].map(([partition, restored]) => [partition, restored.totals]));
  const partitions = [...totals.keys()].filter((id) => id < (described?.partitions ?? 0));
  return readHistory({ kafka, clock: systemClock, admin, topic, partitions }, totals);
}
