/** docs/schemas/ describes what the encoders write: in both directions, field by field. */

import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DeadLetters } from "../../src/aggregator/dead-letters.ts";
import { NO_HEAD } from "../../src/history/rings.ts";
import { REST, Slot } from "../../src/history/slot.ts";
import { RecordBatch } from "../../src/kafka/kafka.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { JsonSchema } from "../../src/lib/json-schema.ts";
import { encodeBookkeeping } from "../../src/wire/bookkeeping.ts";
import { encodeDay } from "../../src/wire/day-record.ts";
import { encodeHistoryBookkeeping, encodeHistorySlot } from "../../src/wire/history-record.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";
import { recordSchemas } from "../../src/wire/schemas.ts";
import { encodeTotal } from "../../src/wire/total-record.ts";
import { bookkeepingOf } from "../support/bookkeeping.ts";
import { problemsOf } from "../support/json-schema.ts";

const folder = fileURLToPath(new URL("../../docs/schemas/", import.meta.url));
const sums = { quantity: -450_000n, revenue: 10n ** 30n + 1n, sales: 2n ** 64n, returns: 3n };
const few = { quantity: 1_000_000n, revenue: 0n, sales: 1n, returns: 0n };
const updatedAt = "2026-11-23T17:00:00.123Z";

function slotOf(...withRest: [] | [typeof sums]): Slot {
  const slot = new Slot("second", Date.parse("2026-11-25T06:38:12Z") / 1000);
  slot.addLarge(0, few, true);
  slot.addLarge(1, sums, false);
  for (const rest of withRest) slot.addLarge(REST, rest, false);
  return slot;
}

function headersOf(refusals: number): Record<string, string> {
  const batch = new RecordBatch({ recordsMax: 1, bytesMax: 2_000_000 });
  const part = new Uint8Array(600_000);
  batch.append({ key: part, value: part, headers: [{ name: "x", value: part }], partition: 3 });
  batch.offsets[0] = 42;
  if (refusals > 0) batch.timestamps[0] = Date.UTC(9000, 0);
  const letters = new DeadLetters({ inputTopic: "sales", deadLetterTopic: "dlq" }, systemClock);
  letters.rollback(refusals);
  letters.add(batch, 0, "no sale");
  const added = (letters.seal()[0]?.headers ?? []).filter(({ name }) => name !== "x");
  return Object.fromEntries(
    added.map(({ name, value }) => [name, Buffer.from(value ?? []).toString()]),
  );
}

const days = { zone: "UTC", latest: "2026-11-25", outsideSales: 1n, outsideReturns: 0n };
const source = { inputTopic: "in", inputTopicId: "a", clusterId: "b", inputEpoch: 3, writer: "w" };
const past = { ...{ group: "g", inputOffset: 1, sales: 7, returns: 2, older: sums }, late: 1 };
const history = { ...past, untimed: 1, ahead: 0, unrecorded: 3 };

/** At least one with everything that a record can have, and one with as little as it can. */
const written: Record<keyof typeof recordSchemas, (Uint8Array | object)[]> = {
  sale: [
    encodeSale({ product: 'a"\u00e9', quantity: 2, price: 499_990_000n }),
    encodeSale({ product: "b", quantity: 1, price: 0n }),
    { product: "c", quantity: 1, price: 1, timestamp: "2026-11-25" },
  ],
  total: [
    encodeTotal({ product: "a", ...sums, updatedAt, day: { date: "2026-11-25", ...sums } }),
    encodeTotal({ product: "a", ...few, updatedAt }),
  ],
  day: [encodeDay({ product: "a", day: "2026-11-25", ...sums })],
  bookkeeping: [
    encodeBookkeeping({
      ...bookkeepingOf({ sales: 1n, skippedAt: "2026-11-25T06:38:12.000Z" }),
      ...source,
      days: { ...days, since: days.latest },
    }),
    encodeBookkeeping({ ...bookkeepingOf(), days }),
    encodeBookkeeping(bookkeepingOf()),
  ],
  "history-slot": [slotOf(sums), slotOf()].map((slot) => encodeHistorySlot(slot, (id) => `p${id}`)),
  "history-bookkeeping": [1, NO_HEAD].map((head) => encodeHistoryBookkeeping({ ...history, head })),
  "dead-letter-headers": [headersOf(0), headersOf(1)],
};

describe.each(Object.keys(written) as (keyof typeof written)[])("%s", (name) => {
  const schema: JsonSchema = recordSchemas[name];
  const values = written[name].map((value) =>
    value instanceof Uint8Array ? JSON.parse(new TextDecoder().decode(value)) : value,
  );

  test("describes what is written, and nothing that is not", () => {
    for (const value of values) expect(problemsOf(schema, value)).toEqual([]);
    const fields = new Set(values.flatMap((value) => Object.keys(value)));
    expect([...fields].sort()).toEqual(Object.keys(schema.properties as object).sort());
  });

  test("requires what is always written, or was written before", () => {
    for (const field of schema.required as string[]) {
      const { [field]: _, ...rest } = values[0];
      expect(problemsOf(schema, rest)).toContainEqual(expect.stringContaining(`have ${field}`));
    }
  });

  test("stands in docs/schemas", () => {
    const text = `${JSON.stringify(schema, null, 2)}\n`;
    // UPDATE_SCHEMAS=1 writes what differs.
    if (Bun.env.UPDATE_SCHEMAS) writeFileSync(`${folder}${name}.json`, text);
    expect(JSON.parse(readFileSync(`${folder}${name}.json`, "utf8"))).toEqual(schema);
  });
});

test("docs/schemas has no other file", () => {
  expect(readdirSync(folder).sort()).toEqual(
    Object.keys(written)
      .map((name) => `${name}.json`)
      .sort(),
  );
});
