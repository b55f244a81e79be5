/** Topics of a real Kafka that refuse the times of our records, and a clock that is a day ahead. */

import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout } from "bun:test";
import type { Kafka, OutgoingRecord } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";
import { newTopics, Runs, totalsWhen } from "../support/board.ts";
import { quietLog } from "../support/context.ts";
import { type KafkaBroker, startKafka } from "../support/kafka.ts";
import { readTopic, sendAll } from "../support/records.ts";
import { requirement } from "../support/require.ts";
import { SteppedClock } from "../support/stepped-clock.ts";
import { quick, quickArgs } from "../support/timeouts.ts";
import { waitFor } from "../support/wait.ts";

const test = requirement("java", "maven", "cc");
setDefaultTimeout(600_000);
const DAY_MS = 86_400_000;

let broker: KafkaBroker;
let kafka: Kafka;
const runs = new Runs();

beforeAll(async () => {
  if (test.name === "skip") return;
  broker = await startKafka({ settings: quick.broker });
  kafka = librdkafka({ brokers: broker.brokers, properties: {}, log: quietLog });
}, 600_000);
afterEach(() => runs.end());
afterAll(() => broker?.stop());

const value = encodeSale({ product: "Tea", quantity: 1, price: 1_000_000n });
const sale: OutgoingRecord = { value, partition: 0 };

/** An aggregator with its page, of topics with one partition. */
function board(name: string) {
  const { input, deadLetters, args } = newTopics(name);
  const start = (env: Record<string, string> = {}) => {
    const of = ["run", "--roles", "aggregator,dashboard", "--brokers", broker.brokers];
    return runs.start([...of, "--port", "0", ...args, ...quickArgs], { env });
  };
  return { input, deadLetters, start };
}

// One such letter was written again without its time. Of several in a batch librdkafka says another
// word, and their partition stood still for ever.
test("several letters of old records lose their times, and hold nothing up", async () => {
  const { input, deadLetters, start } = board("old");
  await broker.createTopic(input, 1);
  await broker.createTopic(deadLetters, 1, { "message.timestamp.before.max.ms": "3600000" });
  const timestamp = Date.now() - DAY_MS;
  const bad = [1, 2, 3].map((i) => ({
    value: Buffer.from(`no sale ${i}`),
    timestamp,
    partition: 0,
  }));
  await sendAll(kafka, input, [sale, ...bad, sale]);
  await totalsWhen(start(), ({ total }) => total.sales === 2);
  const letters = await readTopic(kafka, deadLetters, [0]);
  expect(letters.map(({ value }) => Buffer.from(value ?? []).toString())).toEqual([
    ...["no sale 1", "no sale 2", "no sale 3"],
  ]);
});

// The page said that the topic might want keys, and not a word of clocks.
test("a clock that is a day ahead is told, and sales are counted when it is right", async () => {
  const { input, start } = board("ahead");
  await broker.createTopic(input, 1);
  const clock = new SteppedClock();
  try {
    clock.step(DAY_MS);
    const run = start(clock.env);
    await run.url();
    await sendAll(kafka, input, [sale, sale, sale]);
    const isTold = async () => {
      const answer = await fetch(`${await run.url()}/readyz`);
      const told = /the clock of this host or of a broker may be wrong/;
      return answer.status === 503 && told.test(await answer.text());
    };
    await waitFor(isTold, { what: "a word about the clock" });
    clock.step(-DAY_MS);
    await totalsWhen(run, ({ total }) => total.sales === 3);
  } finally {
    await runs.end();
    clock.close();
  }
});
