import { describe, expect, test } from "bun:test";
import { utc } from "../../src/mapping/exact/zone.ts";
import { flatJudge } from "../../src/mapping/flat.ts";
import type { Judgement } from "../../src/mapping/model/judgement.ts";
import { nearlySale, Random } from "../fuzz/generate.ts";
import { broken, counted, sale } from "../support/cases.ts";
import { decodeSale, NotASaleError } from "../support/decode-sale.ts";
import { record, told } from "./records.ts";

const judge = (value: string | Uint8Array | null): Judgement =>
  flatJudge({ zone: utc }).judge(record(value));

/** The judge of the builds before mappings: the same verdict, but for the time. */
function expectAsBefore(value: string | Uint8Array | null): void {
  const verdict = judge(value);
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  try {
    const { product, quantity, price } = decodeSale(bytes);
    const line = {
      product,
      quantity: BigInt(quantity) * 1_000_000n,
      amount: BigInt(quantity) * price,
      isReturn: false,
    };
    expect(verdict).toMatchObject({ kind: "counted", lines: [line] });
  } catch (error) {
    if (!(error instanceof NotASaleError)) throw error;
    const sentences = error.message.split("; ").filter((part) => !part.startsWith("timestamp "));
    if (sentences.length === 0) expect(verdict.kind).toBe("counted");
    else {
      const reason = verdict.kind === "deadLetter" ? verdict.reason : verdict.kind;
      // What a text looks like that is not JSON was not said before.
      expect(reason.replace(/^(the value is not JSON): .*/, "$1")).toBe(sentences.join("; "));
    }
  }
}

describe("flatJudge", () => {
  test.each(Object.entries(counted))("counts as before: %s", (_, value) => {
    expectAsBefore(value);
    expect(judge(value).kind).toBe("counted");
  });

  test.each(Object.entries(broken))("refuses as before: %s", (_, value) => {
    expectAsBefore(value);
  });

  test("judges 5 000 records that are nearly sales as before", () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    console.info(`seed ${seed}`);
    const random = new Random(seed);
    for (let i = 0; i < 5_000; i++) expectAsBefore(nearlySale(random));
  });

  test.each([
    ['"2026-03-01T08:15:30.250Z"', "2026-03-01T08:15:30.250Z"],
    ['"2026-03-01 08:16:00"', "2026-03-01T08:16:00.000Z"],
    ["1772352960.5", "2026-03-01T08:16:00.500Z"],
    ["1772352960500", "2026-03-01T08:16:00.500Z"],
  ])("a time never costs a sale: %s is read", (time, expected) => {
    const verdict = judge(sale('"a"', "1", "1", `,"timestamp":${time}`));
    expect(told(verdict)).toEqual([`a 1 · 1.00 at ${expected}`]);
    expect(verdict).toMatchObject({ untimed: 0 });
  });

  test.each(['"soon"', "null", "{}", "true", "1e400"])(
    "a time never costs a sale: %s counts at the record's time",
    (time) => {
      const verdict = judge(sale('"a"', "1", "1", `,"timestamp":${time}`));
      expect(told(verdict)).toEqual(["a 1 · 1.00"]);
      expect(verdict).toMatchObject({ untimed: 1 });
    },
  );

  test("a sale without a time is as it should be", () => {
    expect(judge(sale('"a"'))).toMatchObject({ kind: "counted", untimed: 0 });
  });
});
