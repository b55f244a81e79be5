/** Asks a Confluent-compatible registry for schemas. What it answers is final; the rest throws. */

import { messageOf } from "../../lib/errors.ts";
import { withoutStop } from "../../lib/text.ts";
import { avroSchema } from "../formats/avro/decode.ts";
import { fromBase64 } from "../formats/base64.ts";
import { fileOfDescriptor } from "../formats/protobuf/descriptor.ts";
import { parseProto } from "../formats/protobuf/proto-text.ts";
import { protobufSchemaAt } from "../formats/protobuf/schema.ts";
import type { ProtoFile } from "../formats/protobuf/types.ts";
import { type BinaryFormat, type RecordSchema, SchemaError } from "../model/schema.ts";
import { ask, publicUrl, type RegistryAccess, type RegistryAnswer } from "./http.ts";

/** Schemas that one may refer to, in all. */
const REFERENCES_MAX = 200;

/** The registry could not be asked, or gave no answer that decides: what, and what to do. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
}

/** A schema as it was registered; the message of a record is chosen by indexes. */
export interface RegisteredSchema {
  /** @throws SchemaError when there is no such message */
  at(indexes: readonly number[]): RecordSchema;
}

interface SchemaAnswer {
  readonly schema?: unknown;
  readonly schemaType?: unknown;
  readonly references?: readonly { name?: unknown; subject?: unknown; version?: unknown }[];
}

export class RegistryClient {
  readonly #access: RegistryAccess;
  readonly #format: BinaryFormat;
  readonly #address: string;

  constructor(access: RegistryAccess, format: BinaryFormat) {
    this.#access = access;
    this.#format = format;
    this.#address = publicUrl(access.url);
  }

  /**
   * Undefined = the registry has no such schema.
   * @throws RegistryError when it cannot be asked
   * @throws SchemaError when the schema cannot be used
   */
  async schema(of: { id: string; isGuid: boolean }): Promise<RegisteredSchema | undefined> {
    const answer = await this.#get(`/schemas/${of.isGuid ? "guids" : "ids"}/${of.id}`);
    return answer && this.#compile(answer);
  }

  /** The latest value schema of a topic, by the usual name of its subject. Throws as `schema`. */
  async latest(topic: string): Promise<RegisteredSchema | undefined> {
    const answer = await this.#get(
      `/subjects/${encodeURIComponent(`${topic}-value`)}/versions/latest`,
    );
    return answer && this.#compile(answer);
  }

  async #compile(answer: SchemaAnswer): Promise<RegisteredSchema> {
    const type = String(answer.schemaType ?? "AVRO");
    if (type !== this.#format.toUpperCase()) {
      throw new SchemaError(`it is of the type ${type}, but --input-format is ${this.#format}`);
    }
    const references = new Map<string, string>();
    await this.#addReferences(answer, references);
    const texts = [...references.values()];
    if (this.#format === "avro") {
      const schema = avroSchema(String(answer.schema), texts);
      return { at: () => schema };
    }
    const [file, ...others] = [String(answer.schema), ...texts].map(protoFile);
    if (!file) throw new SchemaError("it is empty");
    const known = new Map<string, RecordSchema>();
    return {
      at: (indexes) => {
        const key = indexes.join();
        const schema = known.get(key) ?? protobufSchemaAt(file, others, indexes);
        known.set(key, schema);
        return schema;
      },
    };
  }

  /** Those that a reference refers to come before it, because Avro names them in this order. */
  async #addReferences(
    { references = [] }: SchemaAnswer,
    found: Map<string, string>,
  ): Promise<void> {
    for (const { subject, version } of references) {
      const path = `/subjects/${encodeURIComponent(String(subject))}/versions/${version}`;
      if (found.has(path)) continue;
      if (found.size >= REFERENCES_MAX) {
        throw new SchemaError(`it refers to more than ${REFERENCES_MAX} schemas`);
      }
      const answer = await this.#get(path);
      if (!answer)
        throw new SchemaError(`it refers to ${subject} version ${version}, which is not there`);
      found.set(path, "");
      await this.#addReferences(answer, found);
      // Again, so that it stands behind its own.
      found.delete(path);
      found.set(path, String(answer.schema));
    }
  }

  /** Undefined = the registry says that it has no such thing. */
  async #get(path: string): Promise<SchemaAnswer | undefined> {
    // Descriptors need no parser; a registry that does not know the format sends text.
    const query = this.#format === "protobuf" ? "?format=serialized" : "";
    const answer = await ask(this.#access, path + query).catch((cause) => {
      const todo = "See that it runs and can be reached from here, and --schema-registry";
      throw new RegistryError(
        `the registry at ${this.#address} does not answer: ${reasonOf(cause)}. ${todo}`,
      );
    });
    const json = jsonOf(answer);
    if (answer.status === 200 && json && typeof json.schema === "string") return json;
    if (answer.status === 404 && (json || answer.text.trim() === "")) return undefined;
    throw new RegistryError(this.#refusal(answer, json));
  }

  #refusal(
    { status, text }: RegistryAnswer,
    json: (SchemaAnswer & { message?: unknown }) | undefined,
  ) {
    const said = String(json?.message ?? text)
      .replace(/\s+/g, " ")
      .slice(0, 120);
    const answered = `the registry at ${this.#address} answers ${status}${said && ` (${said})`}`;
    if (status === 401 || status === 403) {
      const todo = "Give a user and a password in --schema-registry, or --schema-registry-token";
      return `${answered}: it refuses us. ${todo}`;
    }
    if (status === 404 || status === 200)
      return `${answered}, as no registry does. See --schema-registry`;
    return `${answered}. See its log`;
  }
}

function jsonOf({ text }: RegistryAnswer): (SchemaAnswer & { message?: unknown }) | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}

/** A descriptor in base64, in one line or more, or the text of a `.proto` file. */
function protoFile(text: string): ProtoFile {
  const descriptor = fromBase64(text.replace(/\s+/g, ""));
  return descriptor ? fileOfDescriptor(descriptor) : parseProto(text);
}

/** A certificate or a connection that fails says so in its code or its message. */
function reasonOf(cause: unknown): string {
  const { code } = cause as { code?: unknown };
  const message = withoutStop(messageOf(cause));
  return typeof code === "string" && !message.includes(code) ? `${message} (${code})` : message;
}
