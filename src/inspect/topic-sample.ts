/** The last records of a topic, read without a group. */

import { COMMAND_READ_MS_MAX, Records, recordAt } from "../dashboard/records/records.ts";
import { type Admin, type Kafka, KafkaError } from "../kafka/kafka.ts";
import { SalesboardError } from "../lib/errors.ts";
import { withoutStop } from "../lib/text.ts";
import type { RecordSample } from "./file-sample.ts";

/**
 * The last `last` records of all partitions, by their times.
 * @throws SalesboardError with exit status 69 when no broker answers within `timeoutMs`
 */
export async function readTopicSample(
  kafka: Kafka,
  options: { topic: string; last: number; brokers: string; timeoutMs: number },
): Promise<RecordSample> {
  const { topic, last } = options;
  const admin = kafka.admin();
  try {
    const of = await countRecords(admin, options);
    const reading = new Records(kafka, new AbortController().signal, COMMAND_READ_MS_MAX);
    const latest = await reading.latest({ topic, count: last, pick: recordAt });
    await reading.end();
    const records = latest.records.map((record) => ({ topic, ...record })).reverse();
    return { records, of: Math.max(of, records.length), source: `topic ${topic}` };
  } catch (cause) {
    if (cause instanceof SalesboardError) throw cause;
    const reason = withoutStop((cause as Error).message);
    throw new SalesboardError(`Cannot inspect topic ${topic}: ${reason}.`, { final: true, cause });
  } finally {
    await admin.close();
  }
}

/** Between the watermarks: markers of transactions count too. */
async function countRecords(
  admin: Admin,
  { topic, brokers, timeoutMs }: { topic: string; brokers: string; timeoutMs: number },
): Promise<number> {
  try {
    await admin.ping(timeoutMs);
  } catch (cause) {
    if (!(cause instanceof KafkaError) || cause.verdict !== "retry") throw cause;
    const reason = withoutStop(cause.message.replace(/ \(after \d+ms in state .*\)/, ""));
    const within = `within ${timeoutMs / 1000} s (--startup-timeout)`;
    const sentence = `Cannot reach brokers ${brokers} ${within}: ${reason}.`;
    throw new SalesboardError(sentence, { exitStatus: 69, cause });
  }
  const described = await admin.describeTopic(topic);
  if (!described) {
    const sentence = `Cannot inspect topic ${topic}: it does not exist. Set --input-topic.`;
    throw new SalesboardError(sentence, { final: true });
  }
  const partitions = Array.from({ length: described.partitions }, (_, id) => id);
  const marks = await admin.allWatermarks(topic, partitions);
  return [...marks.values()].reduce((sum, { low, high }) => sum + high - low, 0);
}
