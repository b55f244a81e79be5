/** The way from the view to a reader of the stream; and the role, with Kafka and a socket. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createDashboard, runDashboard } from "../../src/dashboard/dashboard.ts";
import { publish, snapshot } from "../../src/dashboard/fragments/publish.ts";
import { HistoryView } from "../../src/dashboard/model/history-view.ts";
import type { Status } from "../../src/dashboard/model/status.ts";
import { SalesView } from "../../src/dashboard/model/view.ts";
import { Hub } from "../../src/dashboard/stream/hub.ts";
import { formatAmount } from "../../src/domain/money.ts";
import type { Kafka } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { type NativeMockCluster, native } from "../../src/kafka/native.ts";
import { momentOf, systemClock } from "../../src/lib/clock.ts";
import { momentAt, TestClock } from "../support/clock.ts";
import { configOf, quietLog } from "../support/context.ts";
import { sendAll } from "../support/records.ts";
import { waitFor } from "../support/wait.ts";
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

describe("runDashboard", () => {
  let cluster: NativeMockCluster;
  let kafka: Kafka;
  beforeAll(() => {
    cluster = new native.MockCluster(1);
    kafka = librdkafka({ brokers: cluster.bootstrapServers, properties: {}, log: quietLog });
  });
  afterAll(() => cluster.close());

  /** The role under way, and where it listens. */
  async function start(...args: string[]) {
    const stopping = new AbortController();
    let url = "";
    const ended = runDashboard({
      config: configOf("run", "--demo-past", "0d", "--port", "0", ...args),
      kafka,
      instance: "test",
      brokers: "",
      isRestart: false,
      clock: systemClock,
      log: quietLog,
      signal: stopping.signal,
      ready: (info) => {
        url = info?.url ?? "";
      },
      report() {},
      onStats() {},
    });
    const stop = () => {
      stopping.abort();
      return ended;
    };
    await Promise.race([ended, waitFor(() => url, { what: "the address" })]);
    return { url, stop };
  }

  test("serves its page before Kafka has the topic, and the totals once they are there", async () => {
    const { url, stop } = await start("--output-topic", "late", "--base-path", "/sales");
    expect(new URL(url).pathname).toBe("/sales/");
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(`${url}readyz`)).status).toBe(503);
    cluster.createTopic("late", 2);
    await sendAll(kafka, "late", [{ key: key("a"), value: total("a", "1.5"), partition: 1 }]);
    await waitFor(async () => (await fetch(`${url}readyz`)).ok, { what: "readiness" });
    const price = '"product":"a","totalQuantity":1,"totalPrice":"1.50"';
    const totals = async () => (await fetch(`${url}api/totals`)).text();
    await waitFor(async () => (await totals()).includes(price), { what: "the total" });
    await stop();
  });

  test("is ready only when the totals that were there are shown", async () => {
    cluster.createTopic("full", 1);
    const names = Array.from({ length: 500 }, (_, i) => `product ${i}`);
    const records = names.map((name) => ({
      key: key(name),
      value: total(name, "1"),
      partition: 0,
    }));
    await sendAll(kafka, "full", records);
    const { url, stop } = await start("--output-topic", "full");
    await waitFor(async () => (await fetch(`${url}readyz`)).ok, { what: "readiness" });
    const { products } = (await (await fetch(`${url}api/totals`)).json()) as {
      products: unknown[];
    };
    expect(products).toHaveLength(500);
    await stop();
  });

  test("says bye on open streams and ends them when it stops", async () => {
    cluster.createTopic("empty", 1);
    const { url, stop } = await start("--output-topic", "empty");
    const { body } = await fetch(`${url}events`);
    const client = new StreamClient(body as ReadableStream<Uint8Array>);
    await client.readUntil(({ event }) => event === "totals");
    const stopped = stop();
    expect((await client.readUntil(() => false)).at(-1)).toEqual({ event: "bye", data: "{}" });
    await stopped;
    await expect(fetch(url)).rejects.toThrow();
  });

  test("says in one sentence that its port is in use", async () => {
    const first = await start("--output-topic", "empty");
    const { port } = new URL(first.url);
    await expect(start("--port", port)).rejects.toMatchObject({
      exitStatus: 1,
      final: true,
      message: `Cannot listen on 127.0.0.1:${port}: the port is in use. Choose another --port, or 0 for a free one.`,
    });
    await first.stop();
  });
});
