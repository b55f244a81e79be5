/** How long a restore may take, and what it says when it gets no further. */

import { describe, expect, test } from "bun:test";
import type { Admin, Consumer, Kafka } from "../../src/kafka/kafka.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { readOutput } from "../../src/state/totals-log.ts";

const HOUR_MS = 3_600_000;
const bytes = (text: string) => new TextEncoder().encode(text);

/** A log of `length` records, of which one comes with each poll, up to `stuckAt`. */
function slowLog(of: { length: number; stuckAt?: number; pollMs: number; isHeld?: boolean }) {
  const { length, stuckAt = length, pollMs, isHeld = false } = of;
  let [now, next] = [0, 0];
  const reader = {
    assign: async () => {},
    poll: async (batch) => {
      now += pollMs;
      batch.clear();
      const end = { type: "end" as const, partition: 0, offset: next };
      if (next === stuckAt) return isHeld ? [end] : [];
      batch.append({ key: bytes("Tea"), value: null, partition: 0 });
      batch.offsets[0] = next++;
      return next === length ? [{ type: "end" as const, partition: 0, offset: next }] : [];
    },
    close: async () => {},
  } as Partial<Consumer> as Consumer;
  const admin = {
    allWatermarks: async (_, partitions) =>
      new Map(partitions.map((partition) => [partition, { low: 0, high: length }])),
  } as Partial<Admin> as Admin;
  const kafka = { reader: () => reader } as Partial<Kafka> as Kafka;
  const clock = { ...systemClock, now: () => now };
  const read = (signal?: AbortSignal) =>
    readOutput({
      kafka,
      admin,
      clock,
      topic: "output",
      partitions: [0],
      ...(signal && { signal }),
    });
  return { read, elapsedMs: () => now };
}

describe("readOutput", () => {
  // It had 120 s in all. The log of the demo was too long for that after three quarters of an hour,
  // and from then on every restore failed.
  test("takes as long as it takes while it gets on", async () => {
    const { read, elapsedMs } = slowLog({ length: 400, pollMs: 50_000 });
    expect((await read()).get(0)?.end).toBe(400);
    expect(elapsedMs()).toBeGreaterThan(HOUR_MS);
  });

  test("gives up when nothing more comes, and says where it stands", async () => {
    const { read, elapsedMs } = slowLog({ length: 9, stuckAt: 4, pollMs: 100 });
    await expect(read()).rejects.toThrow(
      "Cannot restore totals: no more records of output arrived for 120 s; " +
        "partition 0 is at offset 4 of 9",
    );
    expect(elapsedMs()).toBeLessThan(HOUR_MS);
  });

  // Somebody's transaction was open on one output partition: all partitions stood still for 37 s,
  // and the log said that no more records arrived.
  test("says that an undecided transaction holds it up", async () => {
    const { read } = slowLog({ length: 9, stuckAt: 4, pollMs: 100, isHeld: true });
    await expect(read()).rejects.toThrow(
      "Cannot restore totals: in output, nothing behind an undecided transaction can be read, in " +
        "partition 0 (offset 4)",
    );
  });

  // A process that was stopped for two minutes while it read had read nothing for two minutes.
  test("does not take the time in which the process stood still for silence", async () => {
    const { read, elapsedMs } = slowLog({ length: 9, stuckAt: 4, pollMs: HOUR_MS });
    await expect(read()).rejects.toMatchObject({ code: "_NOT_REACHED" });
    expect(elapsedMs()).toBeGreaterThan(100 * HOUR_MS);
  });

  test("ends at once when it is told to", async () => {
    const stopping = new AbortController();
    const { read } = slowLog({ length: 2, stuckAt: 1, pollMs: 1 });
    const reading = read(stopping.signal);
    stopping.abort();
    await expect(reading).rejects.toMatchObject({ code: "_STOPPED" });
  });
});
