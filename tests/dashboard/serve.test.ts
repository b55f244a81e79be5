/** The dashboard as a role: with Kafka and a socket, and as its input topics become more. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Config, withFound } from "../../src/config/config.ts";
import { runDashboard } from "../../src/dashboard/serve.ts";
import type { Kafka } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { type NativeMockCluster, native } from "../../src/kafka/native.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { configOf, quietLog } from "../support/context.ts";
import { sendAll } from "../support/records.ts";
import type { ApiTotals } from "../support/totals.ts";
import { waitFor } from "../support/wait.ts";
import { key, total } from "./fixture.ts";
import { StreamClient } from "./stream.ts";

describe("runDashboard", () => {
  let cluster: NativeMockCluster;
  let kafka: Kafka;
  beforeAll(() => {
    cluster = new native.MockCluster(1);
    kafka = librdkafka({ brokers: cluster.bootstrapServers, properties: {}, log: quietLog });
  });
  afterAll(() => cluster.close());

  /** The role under way, where it listens, and what tells it of more input topics. */
  async function start(...args: string[]) {
    const stopping = new AbortController();
    const config = configOf("run", "--demo-past", "0d", "--port", "0", ...args);
    let url = "";
    let onConfig = (_config: Config) => {};
    const ended = runDashboard({
      config,
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
      onConfig: (listener) => {
        onConfig = listener;
      },
    });
    const stop = () => {
      stopping.abort();
      return ended;
    };
    await Promise.race([ended, waitFor(() => url, { what: "the address" })]);
    return { url, stop, find: (topics: readonly string[]) => onConfig(withFound(config, topics)) };
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

  const patterned = ["--brokers", "k:9092", "--history", "off", "--input-topic", "s-*"];
  const outputOf = (topic: string) => `processed_sales_topic.of-${topic}`;
  const counted = async (topic: string, price: string) => {
    for (const name of [topic, outputOf(topic)]) cluster.createTopic(name, 1);
    const records = [{ key: key("a"), value: total("a", price), partition: 0 }];
    await sendAll(kafka, outputOf(topic), records);
  };
  const whenSold = async (url: string, price: string) => {
    const revenue = async () => (await (await fetch(`${url}api/totals`)).json()) as ApiTotals;
    await waitFor(async () => (await revenue()).total.totalPrice === price, { what: price });
  };

  test("answers before the topics of a pattern are known, and shows nothing until then", async () => {
    const { url, stop, find } = await start(...patterned);
    // It would be the topic of totals if the pattern were a name.
    cluster.createTopic("processed_sales_topic", 1);
    const whose = [{ key: key("a"), value: total("a", "7"), partition: 0 }];
    await sendAll(kafka, "processed_sales_topic", whose);
    expect((await fetch(url)).status).toBe(200);
    expect(await (await fetch(`${url}readyz`)).text()).toContain(
      "No topic is known yet that matches --input-topic.",
    );
    await counted("s-1", "1.5");
    find(["s-1"]);
    await whenSold(url, "1.50");
    await stop();
  });

  test("shows one topic more at the same address: open pages connect anew, by themselves", async () => {
    await counted("s-2", "2");
    await counted("s-3", "3");
    const { url, stop, find } = await start(...patterned);
    find(["s-2"]);
    await whenSold(url, "2.00");
    const { body } = await fetch(`${url}events`);
    const client = new StreamClient(body as ReadableStream<Uint8Array>);
    await client.readUntil(({ event }) => event === "totals");
    find(["s-2", "s-3"]);
    expect((await client.readUntil(() => false)).at(-1)).toEqual({ event: "bye", data: "{}" });
    await whenSold(url, "5.00");
    expect(await (await fetch(url)).text()).toContain(outputOf("s-3"));
    const again = await fetch(`${url}events`);
    const stream = new StreamClient(again.body as ReadableStream<Uint8Array>);
    const first = await stream.readUntil(({ event }) => event === "hb");
    expect(JSON.parse(first.at(-1)?.data ?? "{}")).toHaveProperty("state");
    await stop();
  });

  // For ten seconds it was live and ready, though the sales of the topic waited uncounted.
  test("is not ready while sales wait in a topic that joins", async () => {
    await counted("s-7", "7");
    for (const topic of ["s-8", outputOf("s-8")]) cluster.createTopic(topic, 1);
    await sendAll(kafka, "s-8", [{ key: key("a"), value: total("a", "1"), partition: 0 }]);
    const { url, stop, find } = await start(...patterned);
    const readiness = async () => await (await fetch(`${url}readyz`)).text();
    find(["s-7"]);
    await waitFor(async () => (await readiness()) === '{"ready":true}', { what: "readiness" });
    find(["s-7", "s-8"]);
    const answers: string[] = [];
    await waitFor(
      async () => {
        const answer = await readiness();
        if (answer !== answers.at(-1)) answers.push(answer);
        // "Sales since …" at first; from some seconds on, "No sale has been counted since …".
        return answer.includes("In s-8: ") && answer.includes("1 record waits");
      },
      { what: "the word that a sale waits" },
    );
    // The first answers may be those of s-7 alone.
    expect(answers.slice(1)).not.toContain('{"ready":true}');
    await whenSold(url, "7.00");
    await stop();
  });

  test("keeps no dashboard of fewer topics, however soon the next ones come", async () => {
    for (const [i, topic] of ["s-4", "s-5", "s-6"].entries()) await counted(topic, `${i + 1}`);
    const { url, stop, find } = await start(...patterned);
    for (const topics of [["s-4"], ["s-4", "s-5"], ["s-4", "s-5", "s-6"]]) find(topics);
    await whenSold(url, "6.00");
    find(["s-4", "s-5", "s-6"]);
    await stop();
    await expect(fetch(url)).rejects.toThrow();
  });
});
