/**
 * The judge where no mapping is given: the flat sale `{"product","quantity","price","timestamp"}`.
 * Stricter than a mapping with these paths: numbers must be JSON numbers, the quantity an integer
 * from 1, and a record without a value is a dead letter.
 */

import { MICROS_PER_UNIT, NumberSource } from "../domain/money.ts";
import { saleSchema } from "../domain/sale.ts";
import { parseNumber } from "./exact/decimal.ts";
import { parseTime } from "./exact/time.ts";
import type { TimeZone } from "./exact/zone.ts";
import { decodeJson } from "./formats/json.ts";
import type { Judge, JudgedRecord, Judgement } from "./model/judgement.ts";
import type { Path } from "./model/mapping.ts";
import { Shape } from "./model/shape.ts";
import { type DecodedValue, UnreadableError } from "./model/value.ts";

/**
 * The fields of a flat sale as a mapping, for binary records and for the fast path. Its program is
 * told of the differences.
 */
export const FLAT_RULES = "product: product; quantity: quantity; price: price; time: timestamp";

const needed = ["product", "quantity", "price"] as const;
const shape = new Shape();
for (const key of [...needed, "timestamp"]) shape.require(keyPath(key));

/** A time that cannot be read never costs the sale; one that is not there is not missed. */
export function flatJudge({ zone }: { zone: TimeZone }): Judge {
  return {
    judge: ({ value }: JudgedRecord): Judgement => {
      try {
        return judge(value, zone);
      } catch (error) {
        if (!(error instanceof UnreadableError)) throw error;
        return { kind: "deadLetter", reason: error.message };
      }
    },
  };
}

function judge(bytes: Uint8Array | null, zone: TimeZone): Judgement {
  if (bytes === null) throw new UnreadableError("the record has no value");
  const value = decodeJson(bytes, shape);
  const sale = saleSchema.safeParse(forSchema(value));
  if (!sale.success) {
    throw new UnreadableError(sale.error.issues.map(({ message }) => message).join("; "));
  }
  const time =
    value instanceof Map ? (value.get("timestamp") as DecodedValue | undefined) : undefined;
  const timestamp = parseTime(time, { unit: isInteger(time) ? "ms" : undefined, zone });
  const quantity = BigInt(sale.data.quantity);
  const line = {
    product: sale.data.product,
    quantity: quantity * MICROS_PER_UNIT,
    amount: quantity * sale.data.price,
    timestamp,
    isReturn: false,
  };
  const isUntimed = time !== undefined && timestamp === undefined;
  return { kind: "counted", lines: [line], untimed: isUntimed ? 1 : 0 };
}

/** An integer has always been milliseconds, whatever its size is; the fast path reads it so. */
function isInteger(time: DecodedValue | undefined): boolean {
  if (!(time instanceof NumberSource)) return false;
  const number = parseNumber(time.text);
  return typeof number === "object" && number.scale === 0;
}

/** The schema knows objects of JavaScript; it is asked for all but the time. */
function forSchema(value: DecodedValue): unknown {
  if (value instanceof NumberSource) return Number(value.text);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].filter(([key]) => key !== "timestamp"));
}

function keyPath(key: string): Path {
  return { origin: { kind: "line" }, steps: [{ kind: "key", key }] };
}
