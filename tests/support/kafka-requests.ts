/**
 * Admin requests in Kafka's protocol, by hand: Kafka's own tools take seconds of a processor for
 * each call, and share nothing with Salesboard; nor does this.
 */

import { connect } from "node:net";

const ANSWER_MS_MAX = 120_000;
const API = { metadata: 3, createTopics: 19, createAcls: 30, deleteAcls: 31, alterConfigs: 44 };
/** Versions before the flexible ones, which Kafka 4 still speaks. */
const VERSION = { metadata: 5, createTopics: 4, createAcls: 1, deleteAcls: 1, alterConfigs: 0 };
const RESOURCES = { topic: 2, group: 3, cluster: 4, transactionalId: 5 };
const OPERATIONS = {
  Read: 3,
  Write: 4,
  Create: 5,
  Alter: 7,
  Describe: 8,
  DescribeConfigs: 10,
  AlterConfigs: 11,
  IdempotentWrite: 12,
};
const ALLOW = 3;
const [LITERAL, PREFIXED] = [3, 4];
const TOPIC_RESOURCE = 2;
const SET_VALUE = 0;
/** CLUSTER has one name. */
const CLUSTER = "kafka-cluster";

/** A right of a user; `*` behind the name makes the name a prefix. */
export interface Right {
  resource: keyof typeof RESOURCES;
  name: string;
  operation: keyof typeof OPERATIONS;
}

export interface PartitionState {
  partition: number;
  /** −1 = none. */
  leader: number;
  replicas: number[];
  inSync: number[];
}

type Address = string;

/** Gives rights to `User:<user>`, from any host. @throws Error with the broker's error code */
export async function allow(broker: Address, user: string, rights: readonly Right[]) {
  const body = new Writer().array(rights, (writer, right) => acl(writer, user, right).int8(ALLOW));
  const reader = await ask(broker, "createAcls", body);
  reader.int32();
  reader.array(() => refuse(reader.int16(), reader.string()));
}

/** Takes rights away again; each must be one that was given. */
export async function disallow(broker: Address, user: string, rights: readonly Right[]) {
  const body = new Writer().array(rights, (writer, right) => acl(writer, user, right).int8(ALLOW));
  const reader = await ask(broker, "deleteAcls", body);
  reader.int32();
  const taken = reader.array(() => {
    refuse(reader.int16(), reader.string());
    return reader.array(() => {
      reader.int16();
      reader.string();
      reader.int8();
      reader.string();
      reader.int8();
      reader.string();
      reader.string();
      reader.int8();
      reader.int8();
    }).length;
  });
  const missing = rights.filter((_, i) => taken[i] === 0);
  if (missing.length > 0) throw new Error(`No such right: ${JSON.stringify(missing)}`);
}

export interface NewTopic {
  name: string;
  /** How many; or the brokers of each, the preferred leader first. */
  partitions: number | readonly (readonly number[])[];
  /** Of partitions by number; the broker's default when it is left out. */
  replicas?: number;
  config?: Readonly<Record<string, string>>;
}

export async function createTopics(broker: Address, topics: readonly NewTopic[]): Promise<void> {
  const body = new Writer()
    .array(topics, (writer, { name, partitions, replicas = -1, config = {} }) => {
      const isCounted = typeof partitions === "number";
      writer.string(name).int32(isCounted ? partitions : -1);
      writer.int16(isCounted ? replicas : -1);
      const assigned = isCounted ? [] : [...partitions.entries()];
      writer.array(assigned, (writer, [partition, brokers]) =>
        writer.int32(partition).array(brokers, (writer, broker) => writer.int32(broker)),
      );
      return writer.array(Object.entries(config), (writer, [name, value]) =>
        writer.string(name).string(value),
      );
    })
    .int32(ANSWER_MS_MAX)
    .int8(0);
  const reader = await ask(broker, "createTopics", body);
  reader.int32();
  reader.array(() => {
    const name = reader.string();
    refuse(reader.int16(), `${name}: ${reader.string()}`);
  });
}

/** Sets settings of a topic. */
export async function alterTopic(
  broker: Address,
  topic: string,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  const body = new Writer()
    .array([topic], (writer) =>
      writer
        .int8(TOPIC_RESOURCE)
        .string(topic)
        .array(Object.entries(config), (writer, [name, value]) =>
          writer.string(name).int8(SET_VALUE).string(value),
        ),
    )
    .int8(0);
  const reader = await ask(broker, "alterConfigs", body);
  reader.int32();
  reader.array(() => {
    refuse(reader.int16(), reader.string());
    reader.int8();
    reader.string();
  });
}

/** What a broker knows of a topic's partitions, in order; empty when there is no such topic. */
export async function partitionsOf(broker: Address, topic: string): Promise<PartitionState[]> {
  const body = new Writer().array([topic], (writer) => writer.string(topic)).int8(0);
  const reader = await ask(broker, "metadata", body);
  reader.int32();
  reader.array(() => {
    reader.int32();
    reader.string();
    reader.int32();
    reader.string();
  });
  reader.string();
  reader.int32();
  const [partitions = []] = reader.array(() => {
    reader.int16();
    reader.string();
    reader.int8();
    return reader.array((): PartitionState => {
      reader.int16();
      const [partition, leader] = [reader.int32(), reader.int32()];
      const [replicas, inSync] = [
        reader.array(() => reader.int32()),
        reader.array(() => reader.int32()),
      ];
      reader.array(() => reader.int32());
      return { partition, leader, replicas, inSync };
    });
  });
  return partitions.sort((a, b) => a.partition - b.partition);
}

function acl(writer: Writer, user: string, { resource, name, operation }: Right): Writer {
  const isPrefix = name.endsWith("*");
  return writer
    .int8(RESOURCES[resource])
    .string(resource === "cluster" ? CLUSTER : name.replace(/\*$/, ""))
    .int8(isPrefix ? PREFIXED : LITERAL)
    .string(`User:${user}`)
    .string("*")
    .int8(OPERATIONS[operation]);
}

function refuse(code: number, text: string | null): void {
  if (code !== 0) throw new Error(`Kafka refused a request with error ${code}: ${text}`);
}

/** @returns the answer behind its correlation id */
async function ask(broker: Address, api: keyof typeof API, body: Writer): Promise<Reader> {
  const head = new Writer().int16(API[api]).int16(VERSION[api]).int32(1).string("tests");
  const request = Buffer.concat([head.bytes, body.bytes]);
  const length = Buffer.alloc(4);
  length.writeInt32BE(request.length);
  const answer = await exchange(broker, Buffer.concat([length, request]));
  return new Reader(answer.subarray(8));
}

function exchange(broker: Address, request: Buffer): Promise<Buffer> {
  const [host = "", port] = broker.split(":");
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const socket = connect(Number(port), host, () => socket.write(request));
    socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy(new Error(`${broker} is silent`)));
    socket.on("data", (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0)) return;
      socket.destroy();
      resolve(answer);
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`${broker} hung up before it answered`)));
  });
}

class Writer {
  readonly #parts: Buffer[] = [];

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  int8(value: number): this {
    return this.#add(1, (buffer) => buffer.writeInt8(value));
  }

  int16(value: number): this {
    return this.#add(2, (buffer) => buffer.writeInt16BE(value));
  }

  int32(value: number): this {
    return this.#add(4, (buffer) => buffer.writeInt32BE(value));
  }

  string(text: string): this {
    const bytes = Buffer.from(text);
    this.int16(bytes.length).#parts.push(bytes);
    return this;
  }

  array<T>(items: readonly T[], write: (writer: this, item: T) => unknown): this {
    this.int32(items.length);
    for (const item of items) write(this, item);
    return this;
  }

  #add(bytes: number, write: (buffer: Buffer) => void): this {
    const buffer = Buffer.alloc(bytes);
    write(buffer);
    this.#parts.push(buffer);
    return this;
  }
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#skip(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#skip(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#skip(4));
  }

  string(): string | null {
    const length = this.int16();
    if (length < 0) return null;
    const at = this.#skip(length);
    return this.#bytes.toString("utf8", at, at + length);
  }

  array<T>(read: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int32()) }, read);
  }

  #skip(bytes: number): number {
    this.#at += bytes;
    return this.#at - bytes;
  }
}
