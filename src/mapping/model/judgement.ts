/** What goes into a judgement, and what comes out of it. */

import type { Sums } from "../../domain/sums.ts";
import type { AwaitedSchema } from "./awaited.ts";

/** A record of the input topic, as a consumer hands it over. */
export interface JudgedRecord {
  readonly topic: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Of a name that stands twice the last counts. */
  readonly headers: readonly { readonly name: string; readonly value: Uint8Array | null }[];
}

/** One line that counts: a sale, or a return with both signs negative (or zero). */
export interface SaleLine {
  readonly product: string;
  /** In millionths of a unit. */
  readonly quantity: bigint;
  /** Of the whole line, in millionths of the currency's unit. */
  readonly amount: bigint;
  /** Epoch milliseconds; undefined: the record's own timestamp counts. */
  readonly timestamp: number | undefined;
  readonly isReturn: boolean;
  /** What it counts under in each dimension of the mapping; undefined = there are none. */
  readonly by?: readonly string[] | undefined;
}

/** What a line counts under where a dimension has no value that could be the name of a product. */
export const NO_VALUE = "(none)";

/** Exactly one of three; a record counts wholly or not at all. */
export type FinalJudgement =
  | {
      readonly kind: "counted";
      /** At least one. */
      readonly lines: readonly SaleLine[];
      /** Lines whose time is not there or cannot be read, although a rule names it. */
      readonly untimed: number;
    }
  | { readonly kind: "filtered" }
  /** `reason` names rule, path and the value received, in words fit for a header. */
  | { readonly kind: "deadLetter"; readonly reason: string };

/** A verdict, or none yet: the record waits for its schema, and must be judged again. */
export type Judgement =
  | FinalJudgement
  | { readonly kind: "awaiting"; readonly schema: AwaitedSchema };

export interface Judge {
  /** Never throws, whatever the bytes are. */
  judge(record: JudgedRecord): Judgement;
}

export const filtered: FinalJudgement = { kind: "filtered" };

/** What a line adds to the sums of its product. */
export function sumsOfLine({ quantity, amount, isReturn }: SaleLine): Sums {
  return { quantity, revenue: amount, sales: isReturn ? 0n : 1n, returns: isReturn ? 1n : 0n };
}
