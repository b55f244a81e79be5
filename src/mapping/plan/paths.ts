/** Paths, compiled into functions that read them, and the shape that decoders need for them. */

import { decodeText } from "../formats/json.ts";
import { readJson } from "../formats/json-reader.ts";
import type { JudgedRecord } from "../model/judgement.ts";
import type { Origin, Path, Step } from "../model/mapping.ts";
import { Shape } from "../model/shape.ts";
import {
  type DecodedValue,
  describe,
  quotedExcerpt,
  UnreadableError,
  ValueWithParts,
} from "../model/value.ts";
import { placeOf, type Scope } from "./scope.ts";

/** Undefined = nothing is there. @throws UnreadableError: JSON or UTF-8 that must be and is not */
export type ReadPath = (scope: Scope) => DecodedValue | undefined;
export type ReadStep = (value: DecodedValue | undefined, scope: Scope) => DecodedValue | undefined;

/** All paths of one mapping: they share one shape, and JSON inside of a text is parsed once. */
export class Paths {
  /** What decoders must deliver. */
  readonly root = new Shape();
  readonly #lines: Path | undefined;
  readonly #lineShape: Shape;
  /** JSON inside of keys and headers. */
  readonly #outside = new Map<string, Shape>();
  readonly #embedded = new Map<Shape, (text: string) => DecodedValue>();

  constructor(lines: Path | undefined) {
    this.#lines = lines;
    this.#lineShape = lines ? this.#shapeOf(lines.origin).require(lines) : this.root;
  }

  /** `rule` is named when what stands there cannot be read. */
  compile(path: Path, rule: string): ReadPath {
    const start = compileOrigin(path.origin, rule);
    const steps = this.compileSteps(path, rule);
    this.#shapeOf(path.origin).require(path).isRead = true;
    const [first, second] = steps;
    if (!first) return start;
    if (!second) return (scope) => wholeOf(first(start(scope), scope));
    return (scope) => {
      let value = start(scope);
      for (const step of steps) value = step(value, scope);
      return wholeOf(value);
    };
  }

  /** How a reason names `path` for the line of `scope`. */
  place(path: Path, scope: Scope): string {
    return placeOf(path, this.#lines, scope.indices);
  }

  /** One function for each step; that of `[]` does nothing, because lines are not one value. */
  compileSteps(path: Path, rule: string): ReadStep[] {
    this.#shapeOf(path.origin).require(path);
    return path.steps.map((step, i) => {
      if (step.kind === "key") return readKey(step.key);
      if (step.kind === "index") return readIndex(step.index);
      if (step.kind === "json") return this.#readEmbedded(path, i, rule);
      return (value) => value;
    });
  }

  #shapeOf(origin: Origin): Shape {
    if (origin.kind === "record") return this.root;
    if (origin.kind === "line") return this.#lineShape;
    const name = origin.kind === "header" ? `header ${origin.name}` : origin.kind;
    const shape = this.#outside.get(name) ?? new Shape();
    this.#outside.set(name, shape);
    return shape;
  }

  #readEmbedded({ origin, steps }: Path, i: number, rule: string): ReadStep {
    const before = { origin, steps: steps.slice(0, i) };
    const shape = this.#shapeOf(origin).require({ origin, steps: steps.slice(0, i + 1) });
    const parse = this.#embedded.get(shape) ?? rememberLast((text) => readJson(text, shape));
    this.#embedded.set(shape, parse);
    return (value, scope) => {
      if (value === undefined || value === null) return undefined;
      try {
        if (typeof value === "string") return parse(value);
      } catch {
        // Said below.
      }
      const place = this.place(before, scope);
      const sentence = `must be a text with JSON in it, received ${describe(value)} at ${place}`;
      throw new UnreadableError(`${rule}: ${sentence}`);
    };
  }
}

function wholeOf(value: DecodedValue | undefined): DecodedValue | undefined {
  return value instanceof ValueWithParts ? value.whole : value;
}

function compileOrigin(origin: Origin, rule: string): ReadPath {
  switch (origin.kind) {
    case "line":
      return ({ line }) => line;
    case "record":
      return ({ root }) => root;
    case "topic":
      return ({ record }) => record.topic;
    case "key":
      return ({ record }) => textOf(record.key, rule, "$key");
    case "header":
      return ({ record }) => textOf(header(record, origin.name), rule, `$header.${origin.name}`);
  }
}

function header({ headers }: JudgedRecord, name: string): Uint8Array | null {
  for (let i = headers.length - 1; i >= 0; i--) {
    const header = headers[i];
    if (header?.name === name) return header.value;
  }
  return null;
}

function textOf(bytes: Uint8Array | null, rule: string, place: string): string | undefined {
  if (bytes === null) return undefined;
  try {
    return decodeText(bytes);
  } catch {
    const received = quotedExcerpt(new TextDecoder().decode(bytes));
    throw new UnreadableError(`${rule}: must be UTF-8, received ${received} at ${place}`);
  }
}

function readKey(key: Extract<Step, { kind: "key" }>["key"]): ReadStep {
  return (value) =>
    value instanceof Map ? (value.get(key) as DecodedValue | undefined) : undefined;
}

function readIndex(index: number): ReadStep {
  return (value) => (Array.isArray(value) ? (value[index] as DecodedValue | undefined) : undefined);
}

/** All lines of a record ask for the same text: one entry is enough. */
function rememberLast(parse: (text: string) => DecodedValue): (text: string) => DecodedValue {
  let lastText: string | undefined;
  let lastValue: DecodedValue = null;
  return (text) => {
    if (text !== lastText) {
      lastValue = parse(text);
      lastText = text;
    }
    return lastValue;
  };
}
