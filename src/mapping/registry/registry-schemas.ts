/** The schemas of a registry, fetched when a record first names them, and kept. */

import { setTimeout as startTimer } from "node:timers";
import type { AwaitedSchema } from "../model/awaited.ts";
import type { JudgedRecord } from "../model/judgement.ts";
import {
  type BinaryFormat,
  type ReadySchema,
  type RecordSchema,
  SchemaAwaited,
  SchemaError,
  type Schemas,
} from "../model/schema.ts";
import { UnreadableError } from "../model/value.ts";
import { type RegisteredSchema, RegistryClient, RegistryError } from "./client.ts";
import { type Frame, frameOf } from "./frame.ts";
import type { RegistryAccess } from "./http.ts";

/** The least recently used one gives way, unless the fast path has it. */
const SCHEMAS_MAX = 1_000;
/** The first ones that come. */
const READY_MAX = 100;
/** The pause before the second request; it doubles up to the longest. */
const PAUSE_MS_MIN = 250;
const PAUSE_MS_MAX = 15_000;
/** After this time an unknown id is asked for again, because it may have been registered since. */
const UNKNOWN_MS = 60_000;

/** `what` is called before the first schema is used, with the schema to hold rules against. */
export type CheckFit = (schema: RecordSchema, name: string) => Error | undefined;

export interface RegistryOptions {
  readonly access: RegistryAccess;
  readonly format: BinaryFormat;
  readonly topic: string;
  /** Undefined = rules need not fit. */
  readonly checkFit?: CheckFit | undefined;
  /** For tests. */
  readonly sleep?: (ms: number) => Promise<void>;
  readonly now?: () => number;
}

/** What is known of an id. */
interface KnownSchema {
  readonly name: string;
  schema: RegisteredSchema | undefined;
  /** Why records of it are dead letters. */
  reason: string | undefined;
  /** When the reason was found, milliseconds. */
  at: number;
  /** It never gives way: the fast path goes on behind its records, so none of them may wait. */
  isReady: boolean;
  readonly awaited: Awaited;
}

class Awaited implements AwaitedSchema {
  readonly name: string;
  readonly #arrived = Promise.withResolvers<void>();
  isHere = false;
  problem: string | undefined;
  failure: Error | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get arrival(): Promise<void> {
    return this.#arrived.promise;
  }

  arrive(): void {
    this.isHere = true;
    this.#arrived.resolve();
  }

  fail(failure: Error): void {
    this.failure = failure;
    this.#arrived.resolve();
  }
}

export class RegistrySchemas implements Schemas {
  readonly areNamed = true;
  readonly #client: RegistryClient;
  readonly #options: RegistryOptions;
  readonly #entries = new Map<string, KnownSchema>();
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #now: () => number;
  #isFitChecked: boolean;
  #ready: readonly ReadySchema[] = [];

  constructor(options: RegistryOptions) {
    this.#client = new RegistryClient(options.access, options.format);
    this.#options = options;
    this.#sleep = options.sleep ?? pause;
    this.#now = options.now ?? (() => performance.now());
    this.#isFitChecked = options.checkFit === undefined;
  }

  get ready(): readonly ReadySchema[] {
    return this.#ready;
  }

  open(record: JudgedRecord, value: Uint8Array): { schema: RecordSchema; body: Uint8Array } {
    const frame = frameOf(record, value, { hasIndexes: this.#options.format === "protobuf" });
    const { schema, reason, name, awaited } = this.#entry(frame);
    if (schema) return { schema: messageOf(schema, frame, name), body: frame.body };
    if (reason !== undefined) throw new UnreadableError(reason);
    throw new SchemaAwaited(awaited);
  }

  #entry(frame: Frame): KnownSchema {
    const known = this.#entries.get(frame.id);
    const isStale = known?.reason !== undefined && this.#now() - known.at > UNKNOWN_MS;
    if (known && !isStale) {
      // The last in the map is the one that was used last.
      if (this.#entries.size === SCHEMAS_MAX) {
        this.#entries.delete(frame.id);
        this.#entries.set(frame.id, known);
      }
      return known;
    }
    const name = `schema ${frame.id}`;
    const entry: KnownSchema = {
      name,
      schema: undefined,
      reason: undefined,
      at: 0,
      isReady: false,
      awaited: new Awaited(name),
    };
    this.#entries.delete(frame.id);
    if (this.#entries.size >= SCHEMAS_MAX) {
      for (const [oldest, { isReady }] of this.#entries) {
        if (isReady) continue;
        this.#entries.delete(oldest);
        break;
      }
    }
    this.#entries.set(frame.id, entry);
    void this.#fetch(entry, frame);
    return entry;
  }

  /** Asks until the registry has decided; a partition waits as long. */
  async #fetch(entry: KnownSchema, frame: Frame): Promise<void> {
    for (let pauseMs = PAUSE_MS_MIN; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX)) {
      try {
        const schema = await this.#client.schema(frame);
        const failure = schema && (await this.#checkFit(schema, frame, entry.name));
        if (failure) return entry.awaited.fail(failure);
        entry.schema = schema;
        if (schema) this.#makeReady(entry, frame, schema);
        else entry.reason = `${entry.name}: not in the registry`;
      } catch (error) {
        if (error instanceof RegistryError) {
          entry.awaited.problem = error.message;
          await this.#sleep(pauseMs);
          continue;
        }
        if (!(error instanceof SchemaError)) return entry.awaited.fail(error as Error);
        entry.reason = `${entry.name}: ${error.message}`;
      }
      entry.at = this.#now();
      return entry.awaited.arrive();
    }
  }

  #makeReady(entry: KnownSchema, { id, isGuid, indexes }: Frame, schema: RegisteredSchema): void {
    if (this.#options.format !== "avro" || isGuid || this.#ready.length >= READY_MAX) return;
    // One that has given way meanwhile will be waited for again.
    if (this.#entries.get(id) !== entry) return;
    entry.isReady = true;
    this.#ready = [...this.#ready, { id: Number(id), schema: schema.at(indexes) }];
  }

  /**
   * Once, against the latest schema of the topic: an earlier one may lack a field that the rules
   * need. Without such a subject, against the first one that a record names.
   */
  async #checkFit(schema: RegisteredSchema, { indexes }: Frame, name: string) {
    const { checkFit, topic } = this.#options;
    if (this.#isFitChecked || !checkFit) return undefined;
    const latest = await this.#client.latest(topic).catch((error: unknown) => {
      if (error instanceof SchemaError) return undefined;
      throw error;
    });
    // The record itself says what is wrong with its indexes.
    const found = messageAt(latest, indexes) ?? messageAt(schema, indexes);
    if (!found) return undefined;
    const isLatest = found === messageAt(latest, indexes);
    const failure = checkFit(found, isLatest ? `the latest schema of ${topic}-value` : name);
    if (!failure) this.#isFitChecked = true;
    return failure;
  }
}

function messageAt(schema: RegisteredSchema | undefined, indexes: readonly number[]) {
  try {
    return schema?.at(indexes);
  } catch (error) {
    if (error instanceof SchemaError) return undefined;
    throw error;
  }
}

/** @throws UnreadableError when the schema has no such message */
function messageOf(schema: RegisteredSchema, { indexes }: Frame, name: string): RecordSchema {
  try {
    return schema.at(indexes);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    throw new UnreadableError(`${name}: ${error.message}`);
  }
}

/** A process that ends does not wait for it. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    startTimer(resolve, ms).unref();
  });
}
