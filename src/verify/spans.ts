/** What `verify` looks at: of each partition the totals, the history, and the input they claim. */

import type { Config } from "../config/config.ts";
import { Totals } from "../domain/totals.ts";
import type { Admin, Consumer, Kafka, Watermarks } from "../kafka/kafka.ts";
import { systemClock } from "../lib/clock.ts";
import { SalesboardError } from "../lib/errors.ts";
import { type RestoredHistory, readHistory } from "../state/history-log.ts";
import { type Restored, readOutput } from "../state/totals-log.ts";
import type { Span } from "./compare.ts";

/** An output partition without a record. */
const EMPTY: Restored = { problem: undefined, totals: new Totals(), bookkeeping: undefined };

/** What to verify: every partition of the input, and of the output where it has more. */
export async function spansOf(clients: {
  kafka: Kafka;
  config: Config;
  admin: Admin;
  consumer: Consumer;
}): Promise<Span[]> {
  const { kafka, config, admin, consumer } = clients;
  const inputs = await partitionsOf(admin, config.inputTopic);
  const outputs = await partitionsOf(admin, config.outputTopic);
  const { outputTopic: topic } = config;
  const output = await readOutput({ kafka, clock: systemClock, admin, topic, partitions: outputs });
  const history = await historyOf(clients, output);
  // After the output: a running aggregator only moves on, so these are not behind it.
  const committed = await consumer.committed(inputs);
  const all = await admin.allWatermarks(config.inputTopic, inputs);
  const spans: Span[] = [];
  for (const { partition, offset } of committed) {
    // Input partitions can be younger than the output: nothing is in it of them.
    const restored = output.get(partition) ?? EMPTY;
    const { low, high } = all.get(partition) as Watermarks;
    const to = restored.bookkeeping?.inputOffset ?? offset ?? low;
    const from = Math.min(low, to);
    const kept = history.get(partition);
    spans.push({ partition, from, to, high, committed: offset, restored, history: kept });
  }
  // Totals beside the input are the sum of no sale, and readers would add them up all the same.
  for (const partition of outputs.slice(inputs.length)) {
    const restored = output.get(partition) ?? EMPTY;
    const to = restored.bookkeeping?.inputOffset ?? 0;
    spans.push({ partition, from: 0, to, high: 0, committed: null, restored, history: undefined });
  }
  return spans;
}

/** A topic that is not there must not pass for one without a sale. */
async function partitionsOf(admin: Admin, topic: string): Promise<number[]> {
  const described = await admin.describeTopic(topic);
  if (!described) {
    throw new SalesboardError(`Cannot verify: there is no topic ${topic}.`, { final: true });
  }
  return Array.from({ length: described.partitions }, (_, partition) => partition);
}

/** By partition of the output; empty where none is kept. */
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
