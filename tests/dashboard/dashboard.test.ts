/** The way from the view to a reader of the stream. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import { createDashboard } from "../../src/dashboard/dashboard.ts";
import { publish, snapshot } from "../../src/dashboard/fragments/publish.ts";
import { HistoryView } from "../../src/dashboard/model/history-view.ts";
import type { Status } from "../../src/dashboard/model/status.ts";
import { SalesView } from "../../src/dashboard/model/view.ts";
import { Hub } from "../../src/dashboard/stream/hub.ts";
import { formatAmount } from "../../src/domain/money.ts";
import { momentOf, systemClock } from "../../src/lib/clock.ts";
import { momentAt, TestClock } from "../support/clock.ts";
import { configOf, quietLog } from "../support/context.ts";
import { key, lookOf, sceneOf, total } from "./fixture.ts";
import { StreamClient } from "./stream.ts";

const live: Status = { state: "live", partitions: 2, lag: 0, notices: [], asOf: momentAt(0) };

const step = fc.record({
  product: fc.constantFrom("a", "b", "c", "__proto__", "<b>"),
  partition: fc.nat(1),
  /** Null: the total is forgotten. */
  micros: fc.option(fc.bigInt(0n, 10n ** 24n), { freq: 5 }),
  isPublished: fc.boolean(),
});

test("publish lets a client that connects at any moment end with what the view shows", async () => {
  const property = fc.asyncProperty(fc.array(step), fc.nat(10), async (steps, connectAt) => {
    const view = new SalesView();
    const scene = sceneOf(view);
    const snapshotOf = (look: ReturnType<typeof lookOf>) => snapshot(scene(), look);
    const hub = new Hub({
      snapshot: snapshotOf,
      heartbeat: () => "{}",
      clock: systemClock,
      log: quietLog,
      streamsMax: 100,
    });
    const now = momentAt(0);
    let stream: ReadableStream<Uint8Array> | undefined;
    for (const [i, { product, partition, micros, isPublished }] of steps.entries()) {
      if (i === connectAt) stream = hub.subscribe(lookOf());
      const value = micros === null ? null : total(product, formatAmount(micros));
      view.apply(partition, key(product), value);
      if (isPublished) publish({ view, status: live, hub, currentScene: scene, now });
    }
    stream ??= hub.subscribe(lookOf());
    publish({ view, status: live, hub, currentScene: scene, now });
    hub.close();
    const client = new StreamClient(stream as ReadableStream<Uint8Array>);
    const seen = new Map<string, string>();
    for (const { event, data } of await client.readUntil(() => false)) {
      if (event !== "totals") continue;
      for (const { product, totalPrice, sales } of JSON.parse(data)) {
        if (sales === 0) seen.delete(product);
        else seen.set(product, totalPrice);
      }
    }
    const shown = view.board.rows.map((row) => [row.product, formatAmount(row.revenue)] as const);
    expect(seen).toEqual(new Map(shown));
  });
  await fc.assert(property);
});

// The page took the difference of two times of day for the age of its numbers: it called them late
// by an hour until Kafka was asked again.
test("a heartbeat says how old the numbers are, also when somebody has set the clock", async () => {
  for (const stepMs of [0, 3_600_000, -3_600_000]) {
    const clock = new TestClock();
    const asOf = momentOf(clock);
    const source = { status: { ...live, asOf }, reasons: [] };
    const records = { latest: () => Promise.reject(new Error("There are none")) };
    const dashboard = await createDashboard({
      config: configOf("run", "--demo-past", "0d"),
      view: new SalesView(),
      history: new HistoryView(),
      records,
      source,
      clock,
      log: quietLog,
    });
    clock.pass(2_000);
    clock.step(stepMs);
    const { body } = await dashboard.app.request("/events");
    const client = new StreamClient(body as ReadableStream<Uint8Array>);
    const [beat] = await client.readUntil(({ event }) => event === "hb");
    const { t, asOf: time } = JSON.parse(beat?.data ?? "{}");
    expect([t - time, time]).toEqual([2_000, asOf.date.getTime()]);
    dashboard.close();
  }
});
