/** Protobuf's messages, however they are described: by a descriptor or as text. */

import { SchemaError, type SchemaPart } from "../../model/schema.ts";
import { CONVERTED } from "./well-known.ts";

export const scalarTypes = [
  "double",
  "float",
  "int64",
  "uint64",
  "int32",
  "fixed64",
  "fixed32",
  "bool",
  "string",
  "bytes",
  "uint32",
  "sfixed32",
  "sfixed64",
  "sint32",
  "sint64",
] as const;
export type ScalarType = (typeof scalarTypes)[number];

export interface ProtoEnum {
  /** Full name, without a leading point. */
  readonly name: string;
  readonly names: Map<number, string>;
  /** What an absent field is: the first value. */
  first: string | undefined;
}

export interface ProtoField {
  readonly name: string;
  readonly number: number;
  readonly isRepeated: boolean;
  /** Whether "absent" can be told from the default value. */
  readonly hasPresence: boolean;
  /** Fields of one oneof share a number; undefined = of none. */
  readonly oneof: number | undefined;
  /** The text of proto2's `[default = …]`. */
  readonly default: string | undefined;
  /** A group is a message between two tags. */
  readonly isGroup: boolean;
  /** As written: a scalar, or the name of a message or enum, resolved by `link`. */
  readonly typeName: string;
  type: ScalarType | ProtoMessage | ProtoEnum | undefined;
}

export interface ProtoMessage {
  readonly name: string;
  readonly fields: Map<number, ProtoField>;
  readonly nested: ProtoMessage[];
  isMapEntry: boolean;
}

export interface ProtoFile {
  /** Of the top level, in their order: indexes of messages count them. */
  readonly messages: ProtoMessage[];
  /** Of all levels. */
  readonly enums: ProtoEnum[];
}

export function isMessage(type: ProtoField["type"]): type is ProtoMessage {
  return typeof type === "object" && "fields" in type;
}

/** Finds the types of all fields that can be reached. @throws SchemaError when one is missing */
export class ProtoTypes {
  readonly #types = new Map<string, ProtoMessage | ProtoEnum>();
  readonly #linked = new Set<ProtoMessage>();

  constructor(files: readonly ProtoFile[]) {
    const add = (message: ProtoMessage): void => {
      this.#types.set(message.name, message);
      message.nested.forEach(add);
    };
    for (const { messages, enums } of files) {
      messages.forEach(add);
      for (const one of enums) this.#types.set(one.name, one);
    }
  }

  get messageNames(): string[] {
    return [...this.#types.values()].flatMap((type) =>
      isMessage(type) && !type.isMapEntry ? [type.name] : [],
    );
  }

  message(name: string): ProtoMessage | undefined {
    const type = this.#types.get(name);
    return isMessage(type) ? type : undefined;
  }

  /** Of `message`, and of all that it contains. */
  link(message: ProtoMessage): ProtoMessage {
    const open = [message];
    for (let next = open.pop(); next; next = open.pop()) {
      if (this.#linked.has(next)) continue;
      this.#linked.add(next);
      for (const field of next.fields.values()) {
        field.type = this.#typeOf(field, next);
        if (isMessage(field.type)) open.push(field.type);
      }
    }
    return message;
  }

  /** A name without a leading point is searched from the innermost scope outwards. */
  #typeOf({ name, typeName }: ProtoField, message: ProtoMessage): ProtoField["type"] {
    const scalar = scalarTypes.find((one) => one === typeName);
    if (scalar) return scalar;
    const scopes = typeName.startsWith(".") ? [] : message.name.split(".");
    const bare = typeName.replace(/^\./, "");
    for (let depth = scopes.length; depth >= 0; depth--) {
      const found = this.#types.get([...scopes.slice(0, depth), bare].join("."));
      if (found) return found;
    }
    const place = `field ${name} of message ${message.name}`;
    throw new SchemaError(
      `the type ${bare} of ${place} is neither in it nor in what it imports or refers to`,
    );
  }
}

/** What paths see of a message. */
export function partOfMessage(message: ProtoMessage): SchemaPart {
  const fields = [...message.fields.values()];
  return {
    name: `message ${message.name}`,
    isValue: CONVERTED.has(message.name),
    fields: fields.map(({ name }) => name),
    at: (key) => fields.filter(({ name }) => name === key).map(partOfField),
    items: undefined,
  };
}

function partOfField(field: ProtoField): SchemaPart {
  if (!field.isRepeated) return partOfType(field.type);
  const entry = isMessage(field.type) && field.type.isMapEntry ? field.type : undefined;
  const none = { isValue: false, fields: undefined };
  if (entry) {
    const value = entry.fields.get(2);
    return {
      ...none,
      name: "map",
      at: () => (value ? [partOfField(value)] : []),
      items: undefined,
    };
  }
  return { ...none, name: "array", at: () => [], items: [partOfType(field.type)] };
}

function partOfType(type: ProtoField["type"]): SchemaPart {
  if (isMessage(type)) return partOfMessage(type);
  const name = typeof type === "string" ? type : `enum ${type?.name}`;
  return { name, isValue: true, fields: undefined, at: () => [], items: undefined };
}
