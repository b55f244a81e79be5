import { expect, test } from "bun:test";
import { takeUndelivered } from "../../../src/aggregator/transactions/undelivered.ts";
import { KafkaError } from "../../../src/kafka/kafka.ts";
import { recordingLog } from "../../support/context.ts";

function taken(...codes: string[]) {
  const { log, lines } = recordingLog();
  const takeFailures = () =>
    codes.map((code) => {
      const error = new KafkaError(`Refused: ${code}`, { code, verdict: "fatal" });
      return { topic: "sales.dlq", partition: 0, error, count: 1 };
    });
  const { first, undelivered } = takeUndelivered({ takeFailures }, log);
  return { first: first?.code, blamed: undelivered.map(({ error }) => error.code), lines };
}

// Whoever stood in the batch before the bad record gave the reason: nobody learned what was wrong.
test("records that were only sent beside refused ones are no reason", () => {
  const beside = "_INVALID_DIFFERENT_RECORD";
  expect(taken(beside, "INVALID_TIMESTAMP")).toEqual({
    first: "INVALID_TIMESTAMP",
    blamed: ["INVALID_TIMESTAMP"],
    lines: ["Refused: INVALID_TIMESTAMP"],
  });
  expect(taken(beside)).toMatchObject({ first: beside, blamed: [beside] });
});
