import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { NumberSource } from "../../../src/domain/money.ts";
import { readJson } from "../../../src/mapping/formats/json-reader.ts";
import type { Step } from "../../../src/mapping/model/mapping.ts";
import { Shape } from "../../../src/mapping/model/shape.ts";
import { type DecodedValue, UnreadableError } from "../../../src/mapping/model/value.ts";
import { json } from "../arbitrary.ts";

const key = (key: string): Step => ({ kind: "key", key });

function shapeOf(...paths: Step[][]): Shape {
  const shape = new Shape();
  for (const steps of paths) shape.require({ origin: { kind: "line" }, steps });
  return shape;
}

/** What JavaScript's own parser makes of the same text, with floats for numbers. */
function asJavaScript(value: DecodedValue | undefined): unknown {
  if (value instanceof NumberSource) return Number(value.text);
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [key, asJavaScript(item)]));
  }
  return Array.isArray(value) ? value.map((item) => asJavaScript(item as DecodedValue)) : value;
}

/** A shape that needs all that is in `value`: each array's elements alike. */
function everythingOf(value: unknown, shape = new Shape()): Shape {
  if (Array.isArray(value)) {
    const items = shape.require({ origin: { kind: "line" }, steps: [{ kind: "each" }] });
    for (const item of value) everythingOf(item, items);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      everythingOf(item, shape.require({ origin: { kind: "line" }, steps: [key(name)] }));
    }
  }
  return shape;
}

function isAccepted(text: string, shape: Shape): boolean {
  try {
    readJson(text, shape);
    return true;
  } catch (error) {
    if (error instanceof UnreadableError) return false;
    throw error;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** One edit somewhere: what a reader gets wrong lies close to what is right. */
const nearlyJson = fc
  .tuple(json, fc.nat(), fc.constantFrom(...'{}[],:"\\0-+.eE 1atfn\n\t\u0001é'.split(""), "", '""'))
  .map(([text, at, piece]) => {
    const i = at % (text.length + 1);
    return text.slice(0, i) + piece + text.slice(i + (at % 3 === 0 ? 0 : 1));
  });

describe("readJson", () => {
  test("reads what a shape needs as JavaScript's own parser does", () => {
    fc.assert(
      fc.property(fc.oneof(json, fc.json()), (text) => {
        const value: unknown = JSON.parse(text);
        expect(asJavaScript(readJson(text, everythingOf(value)))).toEqual(value);
      }),
      { numRuns: 1_000 },
    );
  });

  test("is as strict as JavaScript's own parser, in parts that are needed and in all others", () => {
    const needed = shapeOf([key("a"), key("b")], [key("items"), { kind: "each" }, key("a")]);
    fc.assert(
      fc.property(fc.oneof(nearlyJson, fc.string()), (text) => {
        const expected = isJson(text);
        expect(isAccepted(text, needed)).toBe(expected);
        expect(isAccepted(text, new Shape())).toBe(expected);
        expect(isAccepted(`{"items":[${text}]}`, needed)).toBe(isJson(`{"items":[${text}]}`));
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ...["", " ", "[1,]", "{,}", '{"a":1,}', "01", "1.", ".5", "-", "+1", "1e", "NaN", "Infinity"],
    ...["'a'", '"\u0000"', '"\n"', '"\\x"', '"\\u12g4"', '"', "tru", "nulll", "[1 2]", "{1:2}"],
    ...["\uFEFF1", "\u00a01", "/**/1", "1 2", '{"a" 1}', "[}", '{"a":[1}'],
  ])("%p is not JSON", (text) => {
    expect(isAccepted(text, shapeOf([key("a")]))).toBe(false);
  });

  test("keeps the digits of numbers", () => {
    const value = readJson('{"a":9007199254740993.10}', shapeOf([key("a")]));
    expect(value).toEqual(new Map([["a", new NumberSource("9007199254740993.10")]]));
  });

  test("of a key that stands twice the last counts, with all that is in it", () => {
    const shape = shapeOf([key("a"), key("b")], [key("a"), key("c")]);
    const text = '{"a":{"b":1},"a":{"c":2},"\\u0061":{"c":3}}';
    expect(asJavaScript(readJson(text, shape))).toEqual({ a: { c: 3 } });
  });

  test("keys of JavaScript's objects are plain keys", () => {
    const text = '{"__proto__":{"a":1},"constructor":2}';
    const shape = shapeOf([key("a")], [key("toString")]);
    expect(readJson(text, shape)).toEqual(new Map());
  });

  test("of an array no more elements are kept than an index needs", () => {
    const shape = shapeOf([key("a"), { kind: "index", index: 1 }]);
    expect(asJavaScript(readJson('{"a":[1,2,3,{"x":[4]}]}', shape))).toEqual({ a: [1, 2] });
  });

  test("depth costs no stack, where it is needed and where it is not", () => {
    const depth = 100_000;
    const nested = `${'[{"a":'.repeat(depth)}1${"}]".repeat(depth)}`;
    expect(isAccepted(`{"x":${nested},"a":${nested}}`, shapeOf([key("a")]))).toBe(true);
    expect(isAccepted(`{"x":${nested.slice(0, -1)}}`, shapeOf([key("a")]))).toBe(false);
  });
});
