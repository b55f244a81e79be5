import { expect, test } from "bun:test";
import { findingsOfAll } from "../../src/doctor/doctor.ts";
import { say } from "../../src/doctor/finding.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";
import { sendAll } from "../support/records.ts";
import { Examined, note } from "./examined.ts";

test("of several topics, doctor says of which it speaks, and what holds for all once", async () => {
  await using deployment = new Examined(
    "--input-topic",
    "in,tills",
    "--roles",
    "aggregator,dashboard",
  );
  const sale = encodeSale({ product: "Kite", quantity: 1, price: 17_250_000n });
  await sendAll(deployment.kafka, "in", [{ value: sale, partition: 0 }]);
  await note(deployment.kafka, { inputTopic: "in", inputOffset: 1, sales: 1n });
  const { of, status } = await deployment.look();
  expect(of("brokers")).toHaveLength(1);
  expect(of("kafka")).toHaveLength(1);
  expect(of("totals").map(({ text }) => text)).toEqual([
    "In in: The topic out holds what was counted of 1 records, in 1 partition. Salesboard wrote all that stands in out, out.history.",
    "In tills: The topic out.of-tills holds no totals yet.",
  ]);
  expect(of("group").map(({ text }) => text)).toEqual([
    expect.stringContaining("In in: Group salesboard "),
    expect.stringContaining("In tills: Group salesboard.of-tills "),
  ]);
  expect(status).toBeLessThan(2);
});

// The command was that of one topic: typed, it was a board of that topic alone, and Live.
test("of several topics, the rules that would count one are proposed for all of them", async () => {
  const topics = "in,tills";
  await using deployment = new Examined(
    ...["--input-topic", topics, "--roles", "aggregator,dashboard"],
  );
  const value = Buffer.from('{"item":"Kite","qty":1,"unit_price":17.25}');
  await sendAll(deployment.kafka, "tills", [{ value, partition: 0 }]);
  const { of } = await deployment.look();
  const mend = of("mapping").find(({ text }) => text.startsWith("In tills: No record of "))?.mend;
  const where = `--brokers ${deployment.brokers} --input-topic ${topics} --output-topic out`;
  expect(mend).toStartWith(`salesboard reset ${where} && \\\nsalesboard ${where} --map '\n`);
});

// The sentence was said once, with the command that mends the first topic.
test("of several topics, a sentence with another mend for each is said of each", () => {
  const { ok, warning } = say("topics");
  const found = (topic: string) => [ok("Three brokers run"), warning("It is cut", `mend ${topic}`)];
  const byTopic = new Map(["in", "tills"].map((topic) => [topic, found(topic)]));
  expect(findingsOfAll(byTopic).map(({ text, mend }) => [text, mend])).toEqual([
    ["Three brokers run.", undefined],
    ["In in: It is cut.", "mend in"],
    ["In tills: It is cut.", "mend tills"],
  ]);
});
