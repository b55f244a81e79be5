/** `.proto` text → its messages and enums. Options, services and extensions are skipped. */

import { SchemaError } from "../../model/schema.ts";
import { namesOf } from "./descriptor.ts";
import type { ProtoEnum, ProtoField, ProtoFile, ProtoMessage } from "./types.ts";

const DEPTH_MAX = 64;
const TOKEN =
  /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*([A-Za-z_][\w.]*|\.[A-Za-z_][\w.]*|[-+]?[\d.][\w.+-]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[{}()[\]<>=;,:/-]|$)/y;

/** @throws SchemaError that names the line */
export function parseProto(text: string, name = ""): ProtoFile {
  return new ProtoParser(text, name).file();
}

/** The files that a file imports, as it writes them. */
export function importsOf(text: string): string[] {
  return [...text.matchAll(/^\s*import\s+(?:public\s+|weak\s+)?"([^"\n]+)"\s*;/gm)].map(
    ([, path = ""]) => path,
  );
}

class ProtoParser {
  readonly #text: string;
  readonly #name: string;
  readonly #enums: ProtoEnum[] = [];
  #at = 0;
  #token = "";
  #syntax = "proto2";
  #oneofs = 0;

  constructor(text: string, name: string) {
    this.#text = text;
    this.#name = name;
    this.#next();
  }

  file(): ProtoFile {
    let space = "";
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
      else this.#skipStatement();
    }
    return { name: this.#name, package: space, messages, enums: this.#enums };
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
    const isKeyword = !/^\s*=/.test(this.#text.slice(this.#at));
    if (isKeyword && this.#takes("message")) {
      message.nested.push(this.#message(message.name, depth + 1));
    } else if (isKeyword && this.#takes("enum")) this.#enum(message.name);
    else if (isKeyword && this.#takes("oneof")) {
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
    const isImplicit = this.#syntax === "proto3" && label !== "optional" && of.oneof === undefined;
    message.fields.set(number, {
      name,
      number,
      isRepeated: label === "repeated",
      hasPresence: !isImplicit && !/field_presence\s*=\s*IMPLICIT/.test(options),
      oneof: of.oneof,
      default: /(?:^|,)default=([^,]*)/.exec(options)?.[1]?.replace(/^["']|["']$/g, ""),
      isGroup,
      typeName: isGroup ? written : typeName,
      type: undefined,
    });
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

  /** Up to its semicolon, or to the end of its braces. */
  #skipStatement(): void {
    for (let open = 0; ; ) {
      const token = this.#next();
      if (token === "") throw this.#error("; or }");
      if (token === "{") open++;
      if (token === "}" && --open === 0 && this.#token !== ";") return;
      if (token === ";" && open === 0) return;
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
