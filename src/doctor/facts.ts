/**
 * Asks the cluster for all that the checks need: each question alone and bounded in time, so that
 * one without an answer costs the others nothing. Nothing is written.
 */

import type { Config } from "../config/config.ts";
import {
  COMMAND_READ_MS_MAX,
  Records,
  recordAt,
  type StoredRecord,
} from "../dashboard/records/records.ts";
import {
  type Admin,
  type GroupMember,
  type Identity,
  type Kafka,
  KafkaError,
  type TopicDescription,
  type TopicSettings,
  type Watermarks,
} from "../kafka/kafka.ts";
import { messageOf } from "../lib/errors.ts";
import { withoutStop } from "../lib/text.ts";
import { pause } from "../lib/wait.ts";
import type { Restored } from "../state/totals-log.ts";
import { type TopicUse, topicsOf } from "../topics/dangers.ts";
import { KAFKAS_OWN } from "../topics/kafkas-own.ts";
import { type Bookkeeping, decodeBookkeeping, isBookkeepingKey } from "../wire/bookkeeping.ts";
import { type Contents, contentsOf } from "./contents.ts";
import type { Asked } from "./finding.ts";

/** The longest wait for one answer, and for all of them. */
const ASK_MS_MAX = 10_000;
const ALL_MS_MAX = 90_000;

type TopicMarks = ReadonlyMap<number, Watermarks>;

export interface TopicFacts {
  readonly use: TopicUse;
  /** Undefined = there is no such topic. */
  readonly described: Asked<TopicDescription | undefined>;
  readonly settings: Asked<TopicSettings> | undefined;
  readonly marks: Asked<TopicMarks> | undefined;
}

export interface ClusterFacts {
  readonly brokers: number;
  /** By name, in the order of the page. */
  readonly topics: ReadonlyMap<string, TopicFacts>;
  /** Kafka's own topics, by name. */
  readonly own: ReadonlyMap<string, Asked<TopicDescription | undefined>>;
  readonly members: Asked<readonly GroupMember[]>;
  /** The group's offsets, by partition of the input. */
  readonly offsets: Asked<ReadonlyMap<number, number | null>>;
  readonly identity: Asked<Identity | undefined>;
  /** The latest bookkeeping of each partition of the output that has one. */
  readonly notes: Asked<ReadonlyMap<number, Bookkeeping>>;
  readonly contents: Contents;
  /** Members of the other groups that the notes name. */
  readonly others: ReadonlyMap<string, Asked<readonly GroupMember[]>>;
  /** The latest records of the input, the newest first. */
  readonly records: Asked<readonly StoredRecord[]>;
}

/** @param waitMs for tests: the longest wait for one answer */
export async function askCluster(
  { kafka, admin, config }: { kafka: Kafka; admin: Admin; config: Config },
  brokers: number,
  waitMs = ASK_MS_MAX,
): Promise<ClusterFacts> {
  const { inputTopic, outputTopic, last } = config;
  const ask = asker(waitMs);
  const topics = new Map<string, TopicFacts>();
  for (const [topic, use] of topicsOf(config)) {
    const described = await ask(() => admin.describeTopic(topic));
    const found = "value" in described ? described.value : undefined;
    const partitions = idsOf(found?.partitions ?? 0);
    topics.set(topic, {
      use,
      described,
      settings: found && (await ask(() => admin.topicSettings(topic))),
      marks: found && (await ask(() => admin.allWatermarks(topic, partitions))),
    });
  }
  const own = new Map<string, Asked<TopicDescription | undefined>>();
  for (const { topic } of Object.values(KAFKAS_OWN)) {
    own.set(topic, await ask(() => admin.describeTopic(topic)));
  }
  const isThere = (topic: string) => partitionsOf(topics.get(topic)).length > 0;
  // Who asks for the coordinator of a group makes Kafka create the topic, and nobody has offsets.
  const hasGroups = !isMissing(own.get(KAFKAS_OWN.group.topic));
  const membersOf = (id: string) =>
    hasGroups ? ask(() => admin.groupMembers(id)) : none<readonly GroupMember[]>([]);
  const none = async <T>(value: T): Promise<Asked<T>> => ({ value });
  const records = new Records(kafka, new AbortController().signal, COMMAND_READ_MS_MAX);
  const inputs = partitionsOf(topics.get(inputTopic));
  const offsets = await (isThere(inputTopic) && hasGroups
    ? ask(() => offsetsOf(kafka, { topic: inputTopic, group: config.group, partitions: inputs }))
    : none(new Map()));
  const marksOf = (topic: string): Asked<TopicMarks> => {
    const { described, marks = { value: new Map() } } = topics.get(topic) ?? {};
    return described && "why" in described ? described : marks;
  };
  // After the offsets, which totals may be ahead of and never behind.
  const contents = await contentsOf({
    ...{ kafka, admin, config, records, ask, marksOf, waitMs },
  });
  const notes =
    "value" in contents.output
      ? { value: notesIn(contents.output.value) }
      : isThere(outputTopic)
        ? await ask(() => notesOf(records, outputTopic))
        : contents.output;
  // Sales are counted meanwhile: the end was asked for before what is counted, and stood lower.
  const input = topics.get(inputTopic);
  if (input?.marks) {
    const ends = await ask(() => admin.allWatermarks(inputTopic, inputs));
    topics.set(inputTopic, { ...input, marks: withEnds(input.marks, ends) });
  }
  const sample = { topic: inputTopic, count: last, pick: recordAt };
  const latest = isThere(inputTopic)
    ? await ask(() => records.latest(sample).then((found) => found.records))
    : await none<readonly StoredRecord[]>([]);
  const others = new Map<string, Asked<readonly GroupMember[]>>();
  for (const other of otherGroups(notes, config.group)) {
    others.set(other, await membersOf(other));
  }
  const members = await membersOf(config.group);
  const identity = await ask(() => admin.identity(inputTopic));
  await records.end();
  const group = { members, offsets, others };
  return { brokers, topics, own, ...group, identity, notes, contents, records: latest };
}

/** False also when it is not known. */
export function isMissing(asked: Asked<TopicDescription | undefined> | undefined): boolean {
  return asked !== undefined && "value" in asked && asked.value === undefined;
}

export function partitionsOf(facts: TopicFacts | undefined): number[] {
  const described = facts?.described;
  return idsOf(described && "value" in described ? (described.value?.partitions ?? 0) : 0);
}

function idsOf(count: number): number[] {
  return Array.from({ length: count }, (_, id) => id);
}

/** Asks within the bounds; never rejects. */
function asker(waitMs: number) {
  const endsAt = performance.now() + ALL_MS_MAX;
  return async <T>(question: () => Promise<T>): Promise<Asked<T>> => {
    const ms = Math.min(waitMs, endsAt - performance.now());
    if (ms <= 0) return { why: "there was no time left to ask", code: undefined };
    return bounded(question, ms);
  };
}

/** Never rejects. */
export async function bounded<T>(question: () => Promise<T>, ms: number): Promise<Asked<T>> {
  const timer = new AbortController();
  const late = pause(ms, timer.signal).then((): Asked<T> => {
    return { why: `there was no answer within ${Math.round(ms / 1_000)} s`, code: "_TIMED_OUT" };
  });
  const answer = (async () => ({ value: await question() }))().catch((error): Asked<T> => {
    const why = withoutStop(messageOf(error));
    return { why, code: error instanceof KafkaError ? error.code : undefined };
  });
  return Promise.race([answer, late]).finally(() => timer.abort());
}

/** Asks without joining the group. */
async function offsetsOf(
  kafka: Kafka,
  { topic, group, partitions }: { topic: string; group: string; partitions: readonly number[] },
): Promise<Map<number, number | null>> {
  const observer = kafka.groupConsumer({ topic, group });
  try {
    const found = await observer.committed(partitions);
    return new Map(found.map(({ partition, offset }) => [partition, offset]));
  } finally {
    await observer.close();
  }
}

/** The beginnings of the first answer, because retention goes on, and the ends of the second. */
function withEnds(first: Asked<TopicMarks>, second: Asked<TopicMarks>): Asked<TopicMarks> {
  if ("why" in first || "why" in second) return "why" in first ? first : second;
  const marks = [...second.value].map(([partition, { low, high }]) => {
    return [partition, { low: first.value.get(partition)?.low ?? low, high }] as const;
  });
  return { value: new Map(marks) };
}

function notesIn(output: ReadonlyMap<number, Restored>): Map<number, Bookkeeping> {
  const noted = [...output].flatMap(([partition, { bookkeeping }]) => {
    return bookkeeping ? [[partition, bookkeeping] as const] : [];
  });
  return new Map(noted);
}

/** Each transaction writes bookkeeping, so the latest stands near the end of its partition. */
async function notesOf(records: Records, topic: string): Promise<Map<number, Bookkeeping>> {
  const found = new Map<number, { offset: number; note: Bookkeeping }>();
  await records.latest({
    topic,
    count: 1,
    // "Nothing is noted" must not be said of what was not read.
    failsLate: true,
    pick: (batch, i) => {
      if (!isBookkeepingKey(batch.key(i))) return undefined;
      const record = recordAt(batch, i);
      const { partition, offset, value } = record;
      const newest = found.get(partition)?.offset ?? -1;
      if (value && offset > newest)
        found.set(partition, { offset, note: decodeBookkeeping(value) });
      return record;
    },
  });
  return new Map([...found].map(([partition, { note }]) => [partition, note]));
}

function otherGroups(notes: Asked<ReadonlyMap<number, Bookkeeping>>, group: string): string[] {
  const all = "value" in notes ? [...notes.value.values()] : [];
  return [...new Set(all.map((note) => note.group))].filter((other) => other !== group);
}
