/** The messages of the stream and the records of the topics, as AsyncAPI 3. */

import type { JsonSchema } from "../../lib/json-schema.ts";
import { recordSchemas } from "../../wire/schemas.ts";
import type { Site, SiteTopics } from "../look/site.ts";
import { answerSchemas } from "./answers.ts";
import { API_VERSION } from "./operations.ts";

export type AsyncApiSettings = Pick<Site, keyof SiteTopics | "base" | "others">;

type Messages = Readonly<Record<string, object>>;

interface Channel {
  readonly address: string;
  readonly server: "dashboard" | "kafka";
  readonly description: string;
  /** As Salesboard sees it. */
  readonly action: "send" | "receive";
  readonly messages: Messages;
}

export function asyncapi(settings: AsyncApiSettings): string {
  const channels = channelsOf(settings);
  const each = <T>(make: (name: string, channel: Channel) => T) =>
    Object.fromEntries(Object.entries(channels).map(([name, of]) => [name, make(name, of)]));
  return JSON.stringify({
    asyncapi: "3.0.0",
    info: {
      title: "Salesboard",
      version: API_VERSION,
      description:
        "The stream of the dashboard, and the records of its topics. docs/http.md and docs/topics.md " +
        "say how to read them. Fields may be added: ignore those that you do not know.",
      license: { name: "MIT" },
    },
    defaultContentType: "application/json",
    servers: {
      dashboard: server("http", "host", "localhost:3000"),
      kafka: server("kafka", "brokers", "localhost:9092"),
    },
    channels: each((_, { address, server, description, messages }) => ({
      address,
      description,
      servers: [{ $ref: `#/servers/${server}` }],
      messages,
    })),
    operations: each((name, { action, description }) => ({
      action,
      summary: description,
      channel: { $ref: `#/channels/${name}` },
    })),
  });
}

function server(protocol: string, variable: string, value: string): object {
  return { host: `{${variable}}`, protocol, variables: { [variable]: { default: value } } };
}

function channelsOf(settings: AsyncApiSettings): Readonly<Record<string, Channel>> {
  const { base, others = [] } = settings;
  const further = others.flatMap((topics, i) => {
    return Object.entries(topicChannels(topics)).map(([name, of]) => [`${name}_${i + 2}`, of]);
  });
  return {
    events: {
      address: `${base}/api/v1/events`,
      server: "dashboard",
      action: "send",
      description: "Server-Sent Events: first everything, then what changes.",
      messages: streamMessages(),
    },
    ...topicChannels(settings),
    ...Object.fromEntries(further),
  };
}

/** Those of one input topic. */
function topicChannels(topics: SiteTopics): Readonly<Record<string, Channel>> {
  const { boards, inputTopic, outputTopic, historyTopic, deadLetterTopic } = topics;
  const topic = { server: "kafka", action: "send" } as const;
  return {
    input: {
      ...topic,
      address: inputTopic,
      action: "receive",
      description: "Sales. With a mapping, a record can have any shape.",
      messages: { sale: { ...record("sale"), summary: "A sale, where there is no mapping." } },
    },
    output: {
      ...topic,
      address: outputTopic,
      description: "Totals of each partition; compacted. Read them with read_committed.",
      messages: totalsMessages("The product."),
    },
    ...Object.fromEntries(
      boards.map(({ name, topic: address }) => [`by_${name}`, board(name, address)]),
    ),
    history: {
      ...topic,
      address: historyTopic,
      description: "The same sales by the time at which they happened; compacted.",
      messages: {
        historySlot: record("history-slot", keyed("^(second|minute|hour)/\\d+$")),
        historyBookkeeping: record("history-bookkeeping", keyed("^\\u0000bookkeeping$")),
      },
    },
    deadLetters: {
      ...topic,
      address: deadLetterTopic,
      description: "Records that are not sales, unchanged, with headers that say why.",
      messages: {
        deadLetter: {
          contentType: "application/octet-stream",
          headers: schemaOf("dead-letter-headers"),
          payload: { description: "The bytes of the record." },
        },
      },
    },
  };
}

/** Totals by a dimension have the form of those by product. */
function board(name: string, address: string): Channel {
  return {
    ...{ address, server: "kafka", action: "send" },
    description: `Totals by ${name} of each partition; compacted. Read them with read_committed.`,
    messages: totalsMessages(`The ${name}, which also stands in the field product.`),
  };
}

function totalsMessages(key: string): Messages {
  return {
    total: record("total", { type: "string", description: key }),
    day: record("day", keyed("^\\u0000day\\u0000\\d\\d\\u0000")),
    bookkeeping: record("bookkeeping", keyed("^\\u0000bookkeeping$")),
  };
}

function streamMessages(): Messages {
  const message = (summary: string, payload: JsonSchema) => ({ summary, payload });
  return {
    fragment: {
      summary: "Without a name: the regions of the page that changed, for htmx",
      contentType: "text/html",
      payload: { type: "string" },
    },
    totals: message("The totals that changed; first, all of them", answerSchemas.Entries),
    history: message("What changed of the graph", {
      anyOf: [answerSchemas.HistoryWindow, answerSchemas.HistorySlots],
    }),
    hb: message("A heartbeat each second", answerSchemas.Heartbeat),
    bye: message(
      "The server is stopping, or the reader is not let in any more",
      answerSchemas.Goodbye,
    ),
  };
}

function record(name: keyof typeof recordSchemas, key?: JsonSchema): object {
  return {
    payload: schemaOf(name),
    ...(key && { bindings: { kafka: { key, bindingVersion: "0.5.0" } } }),
  };
}

/** The document says once for all which dialect it uses. */
function schemaOf(name: keyof typeof recordSchemas): JsonSchema {
  const { $schema: _, ...schema }: JsonSchema = recordSchemas[name];
  return schema;
}

function keyed(pattern: string): JsonSchema {
  return { type: "string", pattern };
}
