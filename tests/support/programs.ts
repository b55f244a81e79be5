/** Programs of the fast path, for tests. */

import { avroSchema } from "../../src/mapping/formats/avro/decode.ts";
import { inputSchemas, type JudgeSettings } from "../../src/mapping/input-judge.ts";
import { InputProgram } from "../../src/mapping/input-program.ts";
import { SchemaAwaited, type Schemas } from "../../src/mapping/model/schema.ts";
import { parseMapping } from "../../src/mapping/rules/parse.ts";

/** Undefined rules = the flat sale. */
export function settingsOf(rules?: string, timeZone = "UTC"): JudgeSettings {
  const mapping = rules === undefined ? undefined : parseMapping(rules, { hasComments: true });
  return { mapping, inputFormat: "json", timeZone, currency: "USD" };
}

/** @throws Error when the fast path cannot follow these settings */
export function programOf(
  settings: JudgeSettings,
  {
    topic = "sales",
    schemas = inputSchemas(settings),
  }: { topic?: string; schemas?: Schemas | undefined } = {},
): ArrayBuffer {
  const now = new Date(Date.UTC(2026, 10, 24));
  const { memory } = new InputProgram(settings, { topic, now, schemas });
  if (memory.byteLength === 0) throw new Error("The fast path cannot follow this mapping.");
  return memory;
}

export const flatProgram = programOf(settingsOf());

/** Schemas by the ids of records; the others are waited for. */
export function namedSchemas(schemas: Readonly<Record<number, unknown>>): Schemas {
  const ready = Object.entries(schemas).map(([id, schema]) => {
    return { id: Number(id), schema: avroSchema(JSON.stringify(schema)) };
  });
  return {
    areNamed: true,
    ready,
    open: (_, value) => {
      const found = ready.find(
        ({ id }) => id === new DataView(value.slice(1, 5).buffer).getUint32(0),
      );
      if (found) return { schema: found.schema, body: value.subarray(5) };
      const arrival = Promise.resolve();
      const [problem, failure] = [undefined, undefined];
      throw new SchemaAwaited({ name: "another", isHere: false, arrival, problem, failure });
    },
  };
}
