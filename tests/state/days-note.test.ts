/** Days through the whole loop, on the embedded broker: written, read back, and gone on with. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { runAggregator } from "../../src/aggregator/aggregator.ts";
import type { Config } from "../../src/config/config.ts";
import { dayNumber, dayText } from "../../src/domain/day.ts";
import { exactOf } from "../../src/domain/exact.ts";
import { Totals } from "../../src/domain/totals.ts";
import type { Kafka } from "../../src/kafka/kafka.ts";
import type { NativeMockCluster } from "../../src/kafka/native.ts";
import { daysBroken, daysStateOf, lacksDays } from "../../src/state/days-note.ts";
import { verify } from "../../src/verify/verify.ts";
import { decodeBookkeeping, isBookkeepingKey } from "../../src/wire/bookkeeping.ts";
import { decodeDay, isDayKey } from "../../src/wire/day-record.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";
import { decodeTotal } from "../../src/wire/total-record.ts";
import { openCluster } from "../support/cluster.ts";
import { configOf, type RunningRole, startRole } from "../support/context.ts";
import { readTopic, sendAll } from "../support/records.ts";
import { waitFor } from "../support/wait.ts";

const often = ["--commit-interval", "20ms"];
const berlin = configOf("run", ...often, "--time-zone", "Europe/Berlin");
let cluster: NativeMockCluster;
let kafka: Kafka;
const running: RunningRole[] = [];

beforeEach(() => {
  ({ cluster, kafka } = openCluster(berlin, 1));
});

afterEach(async () => {
  await Promise.allSettled(running.splice(0).map((role) => role.stop()));
  cluster.close();
});

/** An aggregator counts sales at these times, and ends. Returns its warnings. */
async function count(config: Config, ...times: string[]): Promise<readonly string[]> {
  // Before it starts: it may count the sales while this reads.
  const counted = (await shown()).counted + times.length;
  const value = encodeSale({ product: "Tea", quantity: 1, price: 2_000_000n });
  const records = times.map((time) => ({ value, partition: 0, timestamp: Date.parse(time) }));
  await sendAll(kafka, config.inputTopic, records);
  const role = startRole(runAggregator, { config, kafka });
  running.push(role);
  const isCounted = async () => (await shown()).counted === counted;
  await waitFor(isCounted, { what: "all sales" });
  await role.stop();
  return role.warnings;
}

/** What the output topic says: sales by day, and its bookkeeping. */
async function shown() {
  const days = new Map<string, bigint>();
  let counted = 0;
  let note: ReturnType<typeof decodeBookkeeping>["days"];
  for (const { key, value } of await readTopic(kafka, berlin.outputTopic, [0])) {
    if (!key || !value) continue;
    if (isBookkeepingKey(key)) {
      const { days: ofDays, sales } = decodeBookkeeping(value);
      [note, counted] = [ofDays, Number(sales)];
    } else if (isDayKey(key)) {
      const { day, sales } = decodeDay(key, value);
      days.set(dayText(day), BigInt(sales));
    } else {
      const { day } = decodeTotal(value);
      if (day) days.set(day.date, day.sales);
    }
  }
  return { days: Object.fromEntries(days), counted, note };
}

describe("days in the topics", () => {
  test("are local dates, of late sales too, and go on after a restart", async () => {
    // The clocks changed on 29 March: that day had 23 hours.
    await count(
      berlin,
      ...["2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z"],
      ...["2026-03-29T22:00:00Z", "2026-03-28T12:00:00Z"],
    );
    await count(berlin, "2026-03-29T01:00:00Z", "2026-03-31T01:00:00Z");
    expect(await shown()).toMatchObject({
      days: { "2026-03-28": 2n, "2026-03-29": 3n, "2026-03-30": 1n, "2026-03-31": 1n },
      note: { zone: "Europe/Berlin", latest: "2026-03-31", outsideSales: 0n },
    });
    expect((await shown()).note?.since).toBeUndefined();
    const found = await verify({ kafka, config: berlin, progress() {} });
    expect(found).toMatchObject({ equal: true, sales: 7, days: 4 });
  }, 600_000);

  test("go on in another zone, which is told and noted", async () => {
    await count(berlin, "2026-03-28T23:30:00Z");
    const utc = configOf("run", ...often);
    const warnings = await count(utc, "2026-03-28T23:30:00Z");
    expect(warnings).toEqual([
      "The days of partition 0 go on in the time zone UTC; those so far are of Europe/Berlin.",
    ]);
    const { days, note } = await shown();
    expect(days).toEqual({ "2026-03-28": 1n, "2026-03-29": 1n });
    expect(note).toMatchObject({ zone: "UTC", latest: "2026-03-29" });
    expect(dayNumber(note?.since ?? "")).toBeGreaterThanOrEqual(dayNumber("2026-03-29") ?? 0);
    expect(await verify({ kafka, config: utc, progress() {} })).toMatchObject({ equal: true });
  }, 600_000);

  test("lack what was counted while history was off, and say so", async () => {
    const off = { ...berlin, history: "off" } as const;
    await count(berlin, "2026-03-28T12:00:00Z");
    await count(off, "2026-03-29T12:00:00Z");
    await count(berlin, "2026-03-30T12:00:00Z");
    const { days, note } = await shown();
    expect(days).toEqual({ "2026-03-28": 1n, "2026-03-30": 1n });
    expect(note).toMatchObject({ outsideSales: 1n, latest: "2026-03-30" });
    expect(note?.since).toBeDefined();
    expect(await verify({ kafka, config: berlin, progress() {} })).toMatchObject({ equal: true });
  }, 600_000);
});

describe("the law of days", () => {
  const day = 20_000;
  const note = { zone: "UTC", latest: "2024-10-04", outsideSales: 3n, outsideReturns: 0n };
  const totalsOf = (sales: bigint, onDay: bigint) => {
    const totals = new Totals();
    const sums = { quantity: 0n, revenue: 0n, returns: 1n };
    const id = totals.restore(new TextEncoder().encode("a"), exactOf({ ...sums, sales }));
    totals.days.restoreLast(id, { day, ...exactOf({ ...sums, sales: onDay }) });
    return totals;
  };

  test("holds where each line is in a day or outside", () => {
    expect(daysBroken(note, totalsOf(9n, 6n))).toBeUndefined();
    expect(daysBroken(undefined, totalsOf(9n, 6n))).toBeUndefined();
  });

  test("is broken where days lack lines, or have too many", () => {
    const broken = "holds 6 sales in days and 3 outside of them, but totals of 10 sales";
    expect(daysBroken(note, totalsOf(9n, 5n))).toBe(broken);
    expect(lacksDays(note, totalsOf(9n, 5n))).toBe(true);
    expect(daysBroken(note, totalsOf(9n, 7n))).toBeDefined();
    expect(lacksDays(note, totalsOf(9n, 7n))).toBe(false);
  });

  test("puts what days lack outside, where the log may have lost it", () => {
    expect(daysStateOf(note, totalsOf(9n, 5n))).toEqual({
      ...{ zone: "UTC", latest: day, since: day },
      ...{ outsideSales: 4n, outsideReturns: 0n },
    });
  });
});
