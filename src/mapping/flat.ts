/**
 * The judge where no mapping is given: the flat sale `{"product","quantity","price","timestamp"}`.
 * Stricter than a mapping with these paths: numbers must be JSON numbers, the quantity an integer
 * from 1, and a record without a value is a dead letter.
 */

import { NumberSource, saleSchema } from "../sale.ts";
import { MICROS_PER_UNIT } from "./bounds.ts";
import { decodeJson } from "./formats/json.ts";
import type { Path } from "./mapping.ts";
import { Shape } from "./shape.ts";
import { parseTime } from "./time.ts";
import { UnreadableError, type Value } from "./value.ts";
import type { Judge, JudgedRecord, Verdict } from "./verdict.ts";
import type { TimeZone } from "./zone.ts";

const needed = ["product", "quantity", "price"] as const;
const shape = new Shape();
for (const key of [...needed, "timestamp"]) shape.require(keyPath(key));

/** A time that cannot be read never costs the sale; one that is not there is not missed. */
export function flatJudge({ zone }: { zone: TimeZone }): Judge {
  return {
    judge: ({ value }: JudgedRecord): Verdict => {
      try {
        return judge(value, zone);
      } catch (error) {
        if (!(error instanceof UnreadableError)) throw error;
        return { kind: "deadLetter", reason: error.message };
      }
    },
  };
}

function judge(bytes: Uint8Array | null, zone: TimeZone): Verdict {
  if (bytes === null) throw new UnreadableError("the record has no value");
  const value = decodeJson(bytes, shape);
  const sale = saleSchema.safeParse(forSchema(value));
  if (!sale.success) {
    throw new UnreadableError(sale.error.issues.map(({ message }) => message).join("; "));
  }
  const time = value instanceof Map ? (value.get("timestamp") as Value | undefined) : undefined;
  const timestamp = parseTime(time, { unit: undefined, zone });
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

/** The schema knows objects of JavaScript; it is asked for all but the time. */
function forSchema(value: Value): unknown {
  if (value instanceof NumberSource) return Number(value.text);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].filter(([key]) => key !== "timestamp"));
}

function keyPath(key: string): Path {
  return { origin: { kind: "line" }, steps: [{ kind: "key", key }] };
}
