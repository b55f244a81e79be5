/**
 * A schema registry of our own, that answers as Confluent's does: no real one is among the packages
 * that tests may fetch. Its schemas are those of `fixtures/binary-records.json`, or given ones.
 */

import fixture from "../fixtures/binary-records.json" with { type: "json" };

export interface StoredSchema {
  schemaType: string;
  schema: string;
  /** Of Protobuf: its descriptor in Base64. */
  serialized?: string;
  guid?: string;
  subject?: string;
  references?: readonly { name: string; subject: string; version: number }[];
}

export interface Registry {
  readonly url: string;
  /** Paths that were asked for, with their queries. */
  readonly asked: readonly string[];
  /** How requests are answered from now on; undefined, or no answer = as a registry does. */
  answer: ((path: string) => Response | Promise<Response> | undefined) | undefined;
  stop(): Promise<void>;
}

interface Options {
  schemas?: Readonly<Record<string, StoredSchema>>;
  port?: number;
  tls?: { cert: string; key: string };
  /** The header that every request must have. */
  authorization?: string;
  /** Protobuf is handed out as text, as registries do that know no descriptors. */
  isTextOnly?: boolean;
}

const clientRecords: readonly {
  name: string;
  value: string;
  headers: readonly (readonly string[])[];
}[] = fixture.records;

export const clientDescriptorSet = Uint8Array.from(Buffer.from(fixture.descriptorSet, "base64"));
export const clientSchemas = fixture.schemas as Readonly<Record<string, StoredSchema>>;

/** A record that a serializer of confluent-kafka has written. */
export function clientRecord(name: string) {
  const found = clientRecords.find((one) => one.name === name);
  if (!found) throw new Error(`There is no record ${name}`);
  const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "base64"));
  const headers = found.headers.map(([key = "", value = ""]) => ({
    name: key,
    value: bytes(value),
  }));
  return { topic: "orders", key: null, value: bytes(found.value), headers };
}

export function startRegistry(options: Options = {}): Registry {
  const { schemas = clientSchemas, port = 0, tls, authorization } = options;
  const asked: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    ...(tls && { tls }),
    fetch(request) {
      const { pathname, search } = new URL(request.url);
      asked.push(pathname + search);
      const answer = registry.answer?.(pathname);
      if (answer) return answer;
      if (authorization && request.headers.get("authorization") !== authorization) {
        return Response.json({ error_code: 401, message: "Unauthorized" }, { status: 401 });
      }
      return reply(schemas, pathname, search.includes("serialized") && !options.isTextOnly);
    },
  });
  const registry: Registry = {
    url: server.url.href.replace(/\/$/, ""),
    asked,
    answer: undefined,
    stop: () => server.stop(true),
  };
  return registry;
}

function reply(
  schemas: Readonly<Record<string, StoredSchema>>,
  path: string,
  isSerialized: boolean,
): Response {
  const [, id] = /^\/schemas\/ids\/(\d+)$/.exec(path) ?? [];
  const [, guid] = /^\/schemas\/guids\/([\w-]+)$/.exec(path) ?? [];
  const [, subject, version] = /^\/subjects\/([^/]+)\/versions\/(\w+)$/.exec(path) ?? [];
  const ofSubject = Object.values(schemas).filter((one) => one.subject === subject);
  const found =
    (id && schemas[id]) ||
    (guid && Object.values(schemas).find((one) => one.guid === guid)) ||
    (subject && (version === "latest" ? ofSubject.at(-1) : ofSubject[Number(version) - 1]));
  if (!found) {
    const [code, what] = subject ? [40401, "Subject"] : [40403, "Schema"];
    return Response.json({ error_code: code, message: `${what} not found` }, { status: 404 });
  }
  const { schemaType, references = [], schema, serialized } = found;
  return Response.json({
    // The registry leaves out what every client takes for granted.
    ...(schemaType !== "AVRO" && { schemaType }),
    schema: isSerialized && serialized ? serialized : schema,
    ...(references.length > 0 && { references }),
  });
}
