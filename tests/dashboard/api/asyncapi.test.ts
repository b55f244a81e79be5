/** The description by AsyncAPI against the messages of a stream, and the topics of the settings. */

import { afterAll, expect, test } from "bun:test";
import type { JsonSchema } from "../../../src/lib/json-schema.ts";
import { recordSchemas } from "../../../src/wire/schemas.ts";
import { problemsOf } from "../../support/json-schema.ts";
import { waitFor } from "../../support/wait.ts";
import { type Fed, fedDashboard } from "../fixture.ts";
import { PastWriter } from "../past-writer.ts";
import { StreamClient } from "../stream.ts";

const open: Fed[] = [];
afterAll(() => {
  for (const { dashboard } of open) dashboard.close();
});

interface Message {
  readonly payload: JsonSchema;
  readonly contentType?: string;
  readonly headers?: JsonSchema;
}

interface Document {
  readonly asyncapi: string;
  readonly servers: object;
  readonly channels: Record<
    string,
    { address: string; servers: { $ref: string }[]; messages: Record<string, Message> }
  >;
  readonly operations: Record<string, { action: string; channel: { $ref: string } }>;
}

async function start(...args: string[]) {
  const fed = await fedDashboard(...args);
  open.push(fed);
  const base = args.includes("--base-path") ? "/a" : "";
  const answer = await fed.dashboard.app.request(`${base}/asyncapi.json`);
  return { fed, document: (await answer.json()) as Document };
}

test("names the topics of each of several inputs", async () => {
  const by = ["--map", "product: p; price: 1; by store: s"];
  const args = ["--brokers", "k:9092", "--input-topic", "a,b", "--output-topic", "out", ...by];
  const { document } = await start(...args);
  const addresses = Object.entries(document.channels).map(([name, of]) => [name, of.address]);
  expect(Object.fromEntries(addresses)).toMatchObject({
    input: "a",
    output: "out",
    by_store: "out.by-store",
    input_2: "b",
    output_2: "out.of-b",
    by_store_2: "out.of-b.by-store",
    history_2: "out.of-b.history",
    deadLetters_2: "b.dlq",
  });
  expect(Object.keys(document.operations)).toEqual(Object.keys(document.channels));
});

test("names the topics of the settings, and the stream below the base path", async () => {
  const args = ["--input-topic", "in", "--output-topic", "out", "--base-path", "/a"];
  const { document } = await start(...args);
  const addresses = Object.entries(document.channels).map(([name, of]) => [name, of.address]);
  expect(Object.fromEntries(addresses)).toEqual({
    events: "/a/api/v1/events",
    input: "in",
    output: "out",
    history: "out.history",
    deadLetters: "in.dlq",
  });
});

test("names the topics of dimensions", async () => {
  const map = "product: product; quantity: quantity; price: price; by store: $.store";
  const { document } = await start("--map", map, "--output-topic", "out");
  expect(document.channels.by_store?.address).toBe("out.by-store");
});

test("has the form of AsyncAPI 3, and leads nowhere that it does not describe", async () => {
  const { document } = await start();
  expect(document.asyncapi).toBe("3.0.0");
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)];
  for (const [, path = ""] of references) {
    const found = path.split("/").reduce<unknown>((at, name) => {
      return (at as Record<string, unknown> | undefined)?.[name];
    }, document);
    expect([path, typeof found]).toEqual([path, "object"]);
  }
  const actions = Object.entries(document.operations).map(([name, { action }]) => [name, action]);
  expect(Object.fromEntries(actions)).toEqual({
    events: "send",
    input: "receive",
    output: "send",
    history: "send",
    deadLetters: "send",
  });
});

test("has every record of docs/schemas", async () => {
  const { document } = await start();
  const messages = Object.values(document.channels).flatMap((of) => Object.values(of.messages));
  const titles = messages.map(({ payload, headers }) => headers?.title ?? payload.title);
  const expected = Object.values(recordSchemas).map(({ title }) => title);
  expect(
    titles
      .filter((title) => title !== undefined)
      .map(String)
      .sort(),
  ).toEqual(expected.map(String).sort());
});

test("describes each message of a stream, of data and of a graph", async () => {
  const { fed, document } = await start();
  const { messages = {} } = document.channels.events ?? {};
  const seen = new Set<string>();
  fed.feed("Laptop", "2");
  const writer = new PastWriter(fed.past);
  const now = () => Math.floor(Date.now() / 1000);
  writer.sell(0, now() - 5, 3).commit();
  await waitFor(() => fed.view.board.rows.length === 1, { what: "the sale" });
  const follow = async (path: string) => {
    const { body } = await fed.dashboard.app.request(path);
    return new StreamClient(body as ReadableStream<Uint8Array>);
  };
  const clients = [await follow("/events"), await follow("/api/v1/events?view=graph")];
  const check = async (client: StreamClient, last: string) => {
    for (const { event = "fragment", data } of await client.readUntil(
      ({ event }) => event === last,
    )) {
      seen.add(event);
      const { payload, contentType } = messages[event] ?? fail(event);
      const value = contentType === "text/html" ? data : JSON.parse(data);
      expect([event, ...problemsOf(payload, value)]).toEqual([event]);
    }
  };
  for (const [i, client] of clients.entries()) await check(client, i === 0 ? "totals" : "history");
  fed.feed("Laptop", "3");
  writer.sell(0, now() - 5, 1).commit();
  fed.dashboard.changed();
  for (const [i, client] of clients.entries()) await check(client, i === 0 ? "totals" : "history");
  fed.dashboard.close();
  for (const client of clients) await check(client, "bye");
  expect([...seen].sort()).toEqual(Object.keys(messages).sort());
});

function fail(event: string): never {
  throw new Error(`The event ${event} is not described.`);
}
