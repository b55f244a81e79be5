/** What `doctor` says of records in our topics that an aggregator would refuse, or never reads. */

import { describe, expect, test } from "bun:test";
import { BOOKKEEPING_KEY } from "../../src/wire/bookkeeping.ts";
import { sendAll } from "../support/records.ts";
import { Examined, note } from "./examined.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const foreign = { key: bytes("42"), value: bytes('{"sku":42}'), partition: 0 };
const whole = { inputTopic: "in", inputOffset: 2, sales: 2n };

/** `in` has two records, and all of it is counted. */
async function counted(deployment: Examined): Promise<void> {
  const sale = { value: bytes('{"product":"Kite","quantity":1,"price":17.25}'), partition: 0 };
  await sendAll(deployment.kafka, "in", [sale, sale]);
  await note(deployment.kafka, whole);
}

// It said that all was well. The next start refused the partition, and nothing was counted.
test("a record that another program wrote among the totals is a problem", async () => {
  await using deployment = new Examined();
  await counted(deployment);
  await sendAll(deployment.kafka, "out", [foreign]);
  const { of, status } = await deployment.look();
  expect(of("totals")).toHaveLength(1);
  expect(of("totals")[0]?.state).toBe("problem");
  const text = of("totals")[0]?.text;
  expect(text).toStartWith(
    "Partition 0 would be refused: out, partition 0, offset 2, holds a record that Salesboard " +
      "did not write (the value has no product), ",
  );
  expect(text).toMatch(/Keep the program .*type `salesboard reset .*`\.$/);
  expect(status).toBe(2);
});

test("such records in history and among dead letters are warnings", async () => {
  await using deployment = new Examined();
  await counted(deployment);
  await sendAll(deployment.kafka, "out.history", [foreign]);
  await sendAll(deployment.kafka, "in.dlq", [{ ...foreign, partition: 1 }]);
  const { of, status } = await deployment.look();
  expect(of("totals").map(({ state, text }) => `${state} ${text}`)).toEqual([
    expect.stringContaining(
      "warning The history of partition 0 lacks sales: out.history, partition 0, offset 0, holds a " +
        "record that Salesboard did not write",
    ),
    expect.stringContaining(
      "warning 1 of the latest 1 records of in.dlq is no letter of Salesboard, such as the one in " +
        "partition 1 at offset 0",
    ),
  ]);
  expect(status).toBe(1);
});

describe("bookkeeping that does not fit is a problem", () => {
  const cases: [string, (deployment: Examined) => Promise<unknown>, RegExp][] = [
    [
      "it was deleted",
      ({ kafka }) => sendAll(kafka, "out", [{ key: BOOKKEEPING_KEY, value: null, partition: 0 }]),
      /out holds totals of 2 sales, but not the record that says how far the input was counted/,
    ],
    [
      "totals beside it were deleted",
      ({ kafka }) => sendAll(kafka, "out", [{ key: bytes("Kite"), value: null, partition: 0 }]),
      /out holds totals of 0 sales, but 2 were counted: records of it are gone/,
    ],
    [
      "it is of another input",
      ({ kafka }) => note(kafka, { ...whole, inputTopic: "others" }),
      /were counted from the input topic others, not from in/,
    ],
    [
      "its topic was made anew",
      ({ kafka }) => note(kafka, { ...whole, inputTopicId: "AAAAAAAAAAAAAAAAAAAAAQ" }),
      /the input topic in was deleted and created again/,
    ],
    [
      "it is of another mapping",
      ({ kafka }) => note(kafka, { ...whole, mapping: "2074d38c20ca2b71" }),
      /were counted with the mapping 2074d38c20ca2b71/,
    ],
    [
      "it ends behind the end of the input",
      ({ kafka }) => note(kafka, { ...whole, inputOffset: 9, filtered: 7n }),
      /the log of the input topic in, partition 0, was cut at offset 2/,
    ],
  ];
  test.each(cases)("because %s", async (_, spoil, text) => {
    await using deployment = new Examined();
    await counted(deployment);
    await spoil(deployment);
    const identity = async () => ({ topicId: "AAAAAAAAAAAAAAAAAAAAAg", clusterId: "c" });
    const { of, status } = await deployment.look({ identity });
    expect(of("totals").map(({ state }) => state)).toEqual(["problem"]);
    expect(of("totals")[0]?.text).toStartWith("Partition 0 would be refused: ");
    expect(of("totals")[0]?.text).toMatch(text);
    expect(status).toBe(2);
  });
});
