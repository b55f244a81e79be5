/** What the demo has sold before it starts. */

import { describe, expect, test } from "bun:test";
import { outcomesOf } from "../../src/inspect/sample/outcomes.ts";
import { RecordBatch } from "../../src/kafka/kafka.ts";
import { openShop, PastSource } from "../../src/producer/past.ts";
import { Shop } from "../../src/producer/shop.ts";
import { configOf } from "../support/context.ts";
import { orderJudge } from "../support/orders.ts";

const nowMs = Date.parse("2026-11-27T14:20:00Z");
const DAY_MS = 86_400_000;

function pastOf(args: string[], { seed = 1, batchBytes = 512 * 1024 } = {}) {
  return recordsOf(openShop(configOf("run", ...args), { seed, nowMs }).past, batchBytes);
}

async function recordsOf(past: PastSource, batchBytes = 512 * 1024) {
  const batch = new RecordBatch({ recordsMax: 1_000, bytesMax: batchBytes });
  const records: { at: number; value: Uint8Array }[] = [];
  for (; await past.fill(batch, 1_000); batch.clear()) {
    for (let i = 0; i < batch.count; i++) {
      records.push({ at: Number(batch.timestamps[i]), value: batch.value(i)?.slice() ?? none });
    }
  }
  return records;
}

const none = new Uint8Array();
const timesOf = (records: readonly { at: number }[]) => records.map(({ at }) => at);
const daysOf = (times: readonly number[]) => [
  ...new Set(times.map((time) => Math.floor(time / DAY_MS))),
];

describe("The demo's past", () => {
  test("is the same for a seed, a moment and a zone", async () => {
    const args = ["--demo-past", "1d"];
    expect(await pastOf(args)).toEqual(await pastOf(args));
    expect(await pastOf(args)).not.toEqual(await pastOf(args, { seed: 2 }));
  });

  test("reaches back for 60 days, each whole, and today until now", async () => {
    const shop = new Shop({ seed: 1, zone: "UTC", salesPerDay: 1_000, openedMs: nowMs });
    const sellerOf = () => () => ({ key: null, value: none });
    const past = new PastSource({ shop, days: 60, untilMs: nowMs, sellerOf });
    const times = timesOf(await recordsOf(past));
    const days = daysOf(times);
    const today = Math.floor(nowMs / DAY_MS);
    expect(days).toEqual(Array.from({ length: 60 }, (_, i) => today - i));
    expect(times.every((time) => time <= nowMs && time >= nowMs - 60 * DAY_MS)).toBe(true);
    const sold = (day: number) => times.filter((time) => Math.floor(time / DAY_MS) === day).length;
    // A week ago is as good a day as today will be, so that neither looks broken beside the other.
    const until = times.filter((time) => time > nowMs - 7 * DAY_MS - (nowMs % DAY_MS));
    const weekAgo = until.filter((time) => time <= nowMs - 7 * DAY_MS).length;
    expect(sold(today) / weekAgo).toBeGreaterThan(0.75);
    expect(sold(today) / weekAgo).toBeLessThan(1.33);
  });

  test("loses nothing that does not fit into a batch", async () => {
    const args = ["--demo-past", "1d"];
    expect(await pastOf(args, { batchBytes: 1_000 })).toEqual(await pastOf(args));
  });

  // The page of a product lists what the log still has, and began with sales of two months ago.
  test("begins with the latest minutes, and ends with today", async () => {
    const times = timesOf(await pastOf(["--demo-past", "3d"]));
    const today = nowMs - (nowMs % DAY_MS);
    expect(times[0]).toBeGreaterThan(nowMs - 5 * 60_000);
    const ofToday = times.filter((time) => time >= today && time <= nowMs - 5 * 60_000);
    expect(times.slice(-ofToday.length)).toEqual(ofToday.toSorted((a, b) => a - b));
  });

  test("begins with midnight of the zone", async () => {
    const times = timesOf(await pastOf(["--demo-past", "1d", "--time-zone", "Asia/Tokyo"]));
    const first = times.reduce((least, time) => Math.min(least, time));
    const midnight = Date.parse("2026-11-27T00:00:00+09:00");
    expect(first).toBeGreaterThanOrEqual(midnight);
    expect(first).toBeLessThan(midnight + 3_600_000);
  });

  test("is nothing where nobody wants one", async () => {
    for (const args of [
      ["--demo-past", "0d"],
      ["--rate", "20"],
      ["--count", "5"],
    ]) {
      expect(await pastOf(args)).toEqual([]);
    }
  });

  test("of orders has refunds and shipments, each number once, and nothing that is broken", async () => {
    const values = (await pastOf(["--demo", "orders", "--demo-past", "3d"])).map(
      ({ value }) => value,
    );
    const records = values.map((value) => ({ topic: "", key: null, value, headers: [] }));
    const { counted, filtered, deadLetters, returns } = outcomesOf(orderJudge(), records);
    expect(deadLetters).toBe(0);
    expect(counted).toBeGreaterThan(3_000);
    expect(filtered).toBeGreaterThan(100);
    expect(returns).toBeGreaterThan(50);
    const bodies = values.map((value) => JSON.parse(new TextDecoder().decode(value)));
    for (const [type, field] of [
      ["order", "order_number"],
      ["refund", "refund_number"],
    ] as const) {
      const numbers = bodies.filter((body) => body.type === type).map((body) => body[field]);
      expect(new Set(numbers).size).toBe(numbers.length);
    }
  });
});
