/** What is left of a dead letter when its topic refuses the size. */

import { describe, expect, test } from "bun:test";
import { DeadLetters } from "../../src/aggregator/dead-letters.ts";
import { KafkaError, RecordBatch } from "../../src/kafka/kafka.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { TestClock } from "../support/clock.ts";

const topics = { inputTopic: "sales", deadLetterTopic: "sales.dlq" };

/** The letter of one record with parts of these lengths, after so many refusals. */
function letterOf(refusals: number, lengths: { key: number; value: number; header: number }) {
  const batch = new RecordBatch({ recordsMax: 1, bytesMax: 2_000_000 });
  const headers = [{ name: "trace", value: new Uint8Array(lengths.header) }];
  const [key, value] = [new Uint8Array(lengths.key), new Uint8Array(lengths.value)];
  batch.append({ key, value, headers, partition: 3 });
  const deadLetters = new DeadLetters(topics, systemClock);
  deadLetters.rollback(refusals);
  deadLetters.add(batch, 0, "no sale");
  const [letter] = deadLetters.seal();
  const text = (value: Uint8Array | null) => Buffer.from(value ?? []).toString();
  const marks = letter?.headers?.filter(({ name }) => name.endsWith(".omitted")) ?? [];
  return {
    key: letter?.key?.length,
    value: letter?.value?.length,
    names: letter?.headers?.map(({ name }) => name),
    omitted: marks.map(({ name, value }) => `${name}=${text(value)}`),
  };
}

const ADDED = ["error", "source.topic", "source.partition", "source.offset"];

describe("DeadLetters.add", () => {
  test("keeps all of a record, however large, that nobody has refused", () => {
    const letter = letterOf(0, { key: 600_000, value: 600_000, header: 600_000 });
    expect(letter).toEqual({
      key: 600_000,
      value: 600_000,
      names: ["trace", ...ADDED],
      omitted: [],
    });
  });

  test("keeps traceparent, by which a trace leads to the letter", () => {
    const batch = new RecordBatch({ recordsMax: 1, bytesMax: 10_000 });
    const value = Buffer.from("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    batch.append({ key: null, value: null, headers: [{ name: "traceparent", value }] });
    const deadLetters = new DeadLetters(topics, systemClock);
    deadLetters.add(batch, 0, "no sale");
    const kept = deadLetters.seal()[0]?.headers?.find(({ name }) => name === "traceparent");
    expect(Buffer.from(kept?.value ?? []).toString()).toBe(value.toString());
  });

  // Headers were always kept: one record with more of them than the topic takes was refused, read
  // again and refused for ever.
  test("leaves headers out too when they are large, and says so", () => {
    const letter = letterOf(1, { key: 10, value: 10, header: 600_000 });
    expect(letter).toMatchObject({ key: 10, value: 10 });
    expect(letter.names).toEqual([...ADDED, "headers.omitted"]);
    expect(letter.omitted).toEqual(["headers.omitted=600013 bytes"]);
  });

  test("leaves out smaller parts with each refusal", () => {
    const lengths = { key: 3_000, value: 100_000, header: 500 };
    expect(letterOf(3, lengths).omitted).toEqual([]);
    expect(letterOf(4, lengths).omitted).toEqual(["value.omitted=100000 bytes"]);
    expect(letterOf(10, lengths).omitted).toEqual([
      "key.omitted=3000 bytes",
      "value.omitted=100000 bytes",
    ]);
  });

  // The refusal was remembered for ever: a topic whose limit had been raised got cut letters until
  // the process was started again.
  test("keeps all again when the refusals are forgotten", () => {
    const batch = new RecordBatch({ recordsMax: 1, bytesMax: 2_000_000 });
    batch.append({ value: new Uint8Array(600_000) });
    const deadLetters = new DeadLetters(topics, systemClock);
    const lengthOf = () => {
      deadLetters.add(batch, 0, "no sale");
      return deadLetters.seal()[0]?.value?.length;
    };
    deadLetters.rollback(1);
    expect(lengthOf()).toBeUndefined();
    deadLetters.commit(1);
    expect(lengthOf()).toBeUndefined();
    deadLetters.commit(0);
    expect(lengthOf()).toBe(600_000);
  });
});

// The input took a record of tomorrow, its dead-letter topic did not: the partition stood still for
// as long as that record stood before the others.
test("a letter of a record from the future has the time of its sending", () => {
  const now = Date.UTC(2026, 10, 27, 12);
  const times = [now - 9_000_000, now + 300_000, now + 300_001, Number.MAX_SAFE_INTEGER];
  const batch = new RecordBatch({ recordsMax: 4, bytesMax: 1_000 });
  for (const [i, time] of times.entries()) {
    batch.append({ key: null, value: null, partition: 0 });
    batch.timestamps[i] = time;
  }
  const letters = new DeadLetters(topics, new TestClock(now));
  for (const i of times.keys()) letters.add(batch, i, "no sale");
  const sent = letters.seal().map(({ timestamp, headers = [] }) => {
    const omitted = headers.find(({ name }) => name === "timestamp.omitted")?.value;
    return [timestamp, omitted && Buffer.from(omitted).toString()];
  });
  expect(sent).toEqual([
    [now - 9_000_000, undefined],
    [now + 300_000, undefined],
    [0, "2026-11-27T12:05:00.001Z"],
    [0, "9007199254740991 ms"],
  ]);
});

describe("the time of a letter", () => {
  const now = Date.UTC(2026, 10, 27, 12);
  const batch = new RecordBatch({ recordsMax: 1, bytesMax: 1_000 });
  batch.append({ key: null, value: null, partition: 0 });
  const clock = new TestClock(now);
  const old = now - 9_000_000;

  function timeOf(letters: DeadLetters, time = old) {
    batch.timestamps[0] = time;
    letters.add(batch, 0, "no sale");
    return letters.seal()[0]?.timestamp;
  }

  function refused(code: string, topic = topics.deadLetterTopic) {
    const error = new KafkaError("Refused", { code, verdict: "abort" });
    return { undelivered: [{ topic, partition: 0, error }] };
  }

  // A topic with message.timestamp.before.max.ms refused the letter of an old record for ever. Of
  // several in a batch, librdkafka says INVALID_RECORD.
  test.each(["INVALID_TIMESTAMP", "INVALID_RECORD"])(
    "is left out after the topic has refused one (%s)",
    (code) => {
      const letters = new DeadLetters(topics, clock);
      letters.rollback(0, refused("MSG_SIZE_TOO_LARGE"));
      expect(timeOf(letters)).toBe(old);
      letters.rollback(0, refused(code));
      expect(timeOf(letters)).toBe(0);
      letters.rollback(0);
      expect(timeOf(letters)).toBe(0);
      // No date: to write it as one ended the role, again and again.
      expect(timeOf(letters, -9e15)).toBe(0);
    },
  );

  // The output refused records of a clock that was wrong, and dead letters had no times any more.
  test("is kept after another topic has refused one", () => {
    const letters = new DeadLetters(topics, clock);
    letters.rollback(0, refused("INVALID_TIMESTAMP", "sales-totals"));
    expect(timeOf(letters)).toBe(old);
  });

  // Whoever changed the setting of the topic had to start the process again.
  test("is tried again after an hour", () => {
    const letters = new DeadLetters(topics, clock);
    letters.rollback(0, refused("INVALID_TIMESTAMP"));
    clock.pass(3_599_999);
    expect(timeOf(letters)).toBe(0);
    clock.pass(1);
    expect(timeOf(letters)).toBe(old);
  });
});
