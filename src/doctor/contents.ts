/** Reads our topics as a restore does, but none that is too large, and for a bounded time. */

import { boardTopics, type Config } from "../config/config.ts";
import { lettersWish } from "../dashboard/records/dead-letters.ts";
import type { Records, StoredRecord } from "../dashboard/records/records.ts";
import type { Admin, Kafka, Watermarks } from "../kafka/kafka.ts";
import { systemClock } from "../lib/clock.ts";
import { HeldUpError } from "../state/held-up.ts";
import { type RestoredHistory, readHistory } from "../state/history-log.ts";
import { type LogPartitions, type Restored, readOutput } from "../state/totals-log.ts";
import type { Asked } from "./finding.ts";

/** A larger topic is not read whole: a command has no minutes. `verify` has. */
export const READ_RECORDS_MAX = 500_000;
/** Less than the longest wait for an answer, so that an undecided transaction can be named. */
const SILENCE_MS_MAX = 5_000;

/** Why a topic was not read to its end, when that is a transaction that nobody decides. */
export const HELD_UP = "_HELD_UP";
/** The topic has more than is read here. */
export const TOO_MUCH = "_TOO_MUCH";

/** What stands in our topics. By partition; empty = the topic is not there. */
export interface Contents {
  readonly output: Asked<ReadonlyMap<number, Restored>>;
  /** Of each dimension of the mapping, in its order. */
  readonly dimensions: readonly {
    readonly topic: string;
    readonly restored: Asked<ReadonlyMap<number, Restored>>;
  }[];
  readonly history: Asked<ReadonlyMap<number, RestoredHistory>>;
  /** The latest dead letters. */
  readonly letters: Asked<readonly StoredRecord[]>;
}

export interface ContentsSource {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly config: Config;
  readonly records: Records;
  /** Of each partition; none of a topic that is not there. */
  marksOf(topic: string): Asked<ReadonlyMap<number, Watermarks>>;
  /** Asks one question within the bounds of the command. */
  ask<T>(question: () => Promise<T>): Promise<Asked<T>>;
  /** The longest wait for one answer, milliseconds. */
  readonly waitMs: number;
}

export async function contentsOf(source: ContentsSource): Promise<Contents> {
  const { config, records, ask } = source;
  const { outputTopic, historyTopic, deadLetterTopic } = config;
  const output = await readWhole(source, outputTopic, (of) => readOutput(of));
  const dimensions: Contents["dimensions"][number][] = [];
  for (const { topic } of boardTopics(config)) {
    dimensions.push({ topic, restored: await readWhole(source, topic, (of) => readOutput(of)) });
  }
  // Its slots name products by the numbers that the totals give them.
  const totals = new Map("value" in output ? output.value : []);
  const history =
    config.history !== "on" || "why" in output
      ? { value: new Map() }
      : await readWhole(source, historyTopic, (of) => {
          const partitions = of.partitions.filter((id) => totals.has(id));
          const ofTotals = new Map([...totals].map(([id, restored]) => [id, restored.totals]));
          return readHistory({ ...of, partitions }, ofTotals);
        });
  const places = source.marksOf(deadLetterTopic);
  const latest = () => records.latest(lettersWish(deadLetterTopic)).then(({ records }) => records);
  const isThere = "value" in places && places.value.size > 0;
  const letters = "why" in places ? places : isThere ? await ask(latest) : { value: [] };
  return { output, dimensions, history, letters };
}

async function readWhole<T>(
  { kafka, admin, ask, waitMs, marksOf }: ContentsSource,
  topic: string,
  read: (of: LogPartitions) => Promise<ReadonlyMap<number, T>>,
): Promise<Asked<ReadonlyMap<number, T>>> {
  const marks = marksOf(topic);
  if ("why" in marks) return marks;
  const partitions = [...marks.value.keys()];
  if (partitions.length === 0) return { value: new Map() };
  const count = [...marks.value.values()].reduce((sum, { low, high }) => sum + high - low, 0);
  if (count > READ_RECORDS_MAX) {
    const why = `it has up to ${count} records, and at most ${READ_RECORDS_MAX} are read here`;
    return { why, code: TOO_MUCH };
  }
  let heldUp: string | undefined;
  // Who has asked waits no longer, and the reading must not go on in vain.
  const signal = AbortSignal.timeout(waitMs);
  const silenceMsMax = Math.min(SILENCE_MS_MAX, waitMs / 2);
  const source = { kafka, admin, clock: systemClock, topic, partitions, signal, silenceMsMax };
  const asked = await ask(() =>
    read(source).catch((error: unknown) => {
      if (error instanceof HeldUpError) heldUp = error.message;
      throw error;
    }),
  );
  return "why" in asked && heldUp !== undefined ? { why: heldUp, code: HELD_UP } : asked;
}
