/** `.proto` text → its messages and enums. Options, services and extensions are skipped. */

import { SchemaError } from "../../model/schema.ts";
import { namesOf } from "./descriptor.ts";
import type { ProtoEnum, ProtoField, ProtoFile, ProtoMessage } from "./types.ts";

const DEPTH_MAX = 64;
/** An edition's names of what a field can be. */
const IMPLICIT = "IMPLICIT";
const EXPLICIT = "EXPLICIT";
const TOKEN =
  /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*([A-Za-z_][\w.]*|\.[A-Za-z_][\w.]*|[-+]?[\d.][\w.+-]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[{}()[\]<>=;,:/-]|$)/y;

/** @throws SchemaError that names the line */
export function parseProto(text: string): ProtoFile {
  return new ProtoParser(text).file();
}

class ProtoParser {
  readonly #text: string;
  readonly #enums: ProtoEnum[] = [];
  #at = 0;
  #token = "";
  #syntax = "proto2";
  #oneofs = 0;
  /** Fields that are as the file says, which may say so at its end. */
  readonly #undecided: { message: ProtoMessage; field: ProtoField }[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#next();
  }

  file(): ProtoFile {
    let space = "";
    let presence: string | undefined;
    const messages: ProtoMessage[] = [];
    while (this.#token !== "") {
      if (this.#takes("syntax") || this.#takes("edition")) {
        this.#expect("=");
        this.#syntax = this.#next().slice(1, -1);
        this.#expect(";");
      } else if (this.#takes("package")) {
        space = this.#next();
        this.#expect(";");
      } else if (this.#takes("message")) messages.push(this.#message(space, 0));
      else if (this.#takes("enum")) this.#enum(space);
      else if (this.#takes("option")) presence = presenceIn(this.#skipStatement()) ?? presence;
      else this.#skipStatement();
    }
    for (const { message, field } of presence === IMPLICIT ? this.#undecided : []) {
      message.fields.set(field.number, { ...field, hasPresence: false });
    }
    return { messages, enums: this.#enums };
  }

  #message(space: string, depth: number, given?: string): ProtoMessage {
    if (depth > DEPTH_MAX) throw this.#error(`at most ${DEPTH_MAX} messages in one another`);
    const own = given ?? this.#identifier();
    const name = space === "" ? own : `${space}.${own}`;
    const message: ProtoMessage = { name, fields: new Map(), nested: [], isMapEntry: false };
    this.#expect("{");
    while (!this.#takes("}")) this.#member(message, depth);
    return message;
  }

  #member(message: ProtoMessage, depth: number): void {
    if (this.#takes("message")) message.nested.push(this.#message(message.name, depth + 1));
    else if (this.#takes("enum")) this.#enum(message.name);
    else if (this.#takes("oneof")) {
      this.#identifier();
      this.#expect("{");
      const oneof = this.#oneofs++;
      while (!this.#takes("}")) {
        if (this.#token === "option") this.#skipStatement();
        else this.#field(message, { depth, oneof });
      }
    } else if (/^(?:option|extensions|reserved|extend)$/.test(this.#token)) this.#skipStatement();
    else if (!this.#takes(";")) this.#field(message, { depth, oneof: undefined });
  }

  #field(message: ProtoMessage, of: { depth: number; oneof: number | undefined }): void {
    const label = /^(?:optional|required|repeated)$/.test(this.#token) ? this.#next() : "";
    if (this.#takes("map")) {
      this.#map(message);
      return;
    }
    const typeName = this.#next();
    const isGroup = typeName === "group";
    const written = this.#identifier();
    const name = isGroup ? written.toLowerCase() : written;
    this.#expect("=");
    const number = Number(this.#next());
    if (!Number.isSafeInteger(number) || number < 1) throw this.#error("a number of a field");
    const options = this.#options();
    if (isGroup) message.nested.push(this.#message(message.name, of.depth + 1, written));
    else this.#expect(";");
    const own = label === "optional" || of.oneof !== undefined ? EXPLICIT : presenceIn(options);
    const field = {
      name,
      number,
      isRepeated: label === "repeated",
      hasPresence: (own ?? (this.#syntax === "proto3" ? IMPLICIT : EXPLICIT)) !== IMPLICIT,
      oneof: of.oneof,
      default: /(?:^|,)default=([^,]*)/.exec(options)?.[1]?.replace(/^["']|["']$/g, ""),
      isGroup,
      typeName: isGroup ? written : typeName,
      type: undefined,
    };
    message.fields.set(number, field);
    if (own === undefined) this.#undecided.push({ message, field });
  }

  /** `map<K, V> name = 1;` is a repeated message with a key and a value. */
  #map(message: ProtoMessage): void {
    this.#expect("<");
    const keyType = this.#next();
    this.#expect(",");
    const valueType = this.#next();
    this.#expect(">");
    const name = this.#identifier();
    this.#expect("=");
    const number = Number(this.#next());
    this.#options();
    this.#expect(";");
    const entryName = `${name}.entry`;
    const part = (partName: string, partNumber: number, typeName: string): ProtoField => ({
      name: partName,
      number: partNumber,
      isRepeated: false,
      hasPresence: false,
      oneof: undefined,
      default: undefined,
      isGroup: false,
      typeName,
      type: undefined,
    });
    const fields = [part("key", 1, keyType), part("value", 2, valueType)];
    message.nested.push({
      name: `${message.name}.${entryName}`,
      fields: new Map(fields.map((field) => [field.number, field])),
      nested: [],
      isMapEntry: true,
    });
    const field = { ...part(name, number, entryName), isRepeated: true };
    message.fields.set(number, field);
  }

  #enum(space: string): void {
    const own = this.#identifier();
    const values: [number, string][] = [];
    this.#expect("{");
    while (!this.#takes("}")) {
      if (this.#takes(";")) continue;
      if (/^(?:option|reserved)$/.test(this.#token)) {
        this.#skipStatement();
        continue;
      }
      const name = this.#identifier();
      this.#expect("=");
      const sign = this.#takes("-") ? -1 : 1;
      values.push([sign * Number(this.#next()), name]);
      this.#options();
      this.#expect(";");
    }
    const name = space === "" ? own : `${space}.${own}`;
    this.#enums.push({ name, names: namesOf(values), first: values[0]?.[1] });
  }

  /** What stands in brackets, without spaces. */
  #options(): string {
    if (!this.#takes("[")) return "";
    let text = "";
    for (let open = 1; ; ) {
      if (this.#token === "") throw this.#error("]");
      if (this.#token === "[" || this.#token === "{") open++;
      if (this.#token === "]" || this.#token === "}") open--;
      const token = this.#next();
      if (open === 0) return text;
      text += token;
    }
  }

  /** Up to its semicolon, or to the end of its braces. Returns its text, without spaces. */
  #skipStatement(): string {
    let text = "";
    for (let open = 0; ; ) {
      const token = this.#next();
      if (token === "") throw this.#error("; or }");
      if (token === "{") open++;
      if (token === "}" && --open === 0 && this.#token !== ";") return text + token;
      if (token === ";" && open === 0) return text;
      text += token;
    }
  }

  #identifier(): string {
    if (!/^[A-Za-z_]/.test(this.#token)) throw this.#error("a name");
    return this.#next();
  }

  #takes(token: string): boolean {
    if (this.#token !== token) return false;
    this.#next();
    return true;
  }

  #expect(token: string): void {
    if (!this.#takes(token)) throw this.#error(token);
  }

  /** Returns the present token. The end is an empty one. */
  #next(): string {
    const token = this.#token;
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    if (!match) throw this.#error("a name, a number or a text");
    this.#at = TOKEN.lastIndex;
    this.#token = match[1] ?? "";
    return token;
  }

  #error(expected: string): SchemaError {
    const line = this.#text.slice(0, this.#at).split("\n").length;
    const received = this.#token === "" ? "the end" : JSON.stringify(this.#token.slice(0, 40));
    return new SchemaError(`line ${line} must have ${expected}, received ${received}`);
  }
}

/** What options without spaces say: `features.field_presence=IMPLICIT`, or such in braces. */
function presenceIn(options: string): string | undefined {
  const bare = options.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "");
  const [, presence] =
    /(?:^|,)features(?:\.field_presence=|=\{(?:[^}]*,)?field_presence:)(\w+)/.exec(bare) ?? [];
  return presence;
}
