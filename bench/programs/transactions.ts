/**
 * Our transactions, by the aggregator's own session and settings, as the C program in
 * bench/peers/default-transactions.c writes its own:
 *
 *   transactions.ts BROKERS INPUT OUTPUT GROUP INTERVAL_MS TRANSACTIONS
 *
 * Every INTERVAL_MS totals of 100 products and the consumer's positions go into one transaction.
 * Prints the milliseconds from begin to commit, one a line.
 */

import { TransactionSession } from "../../src/aggregator/transactions/session.ts";
import { type Consumer, RecordBatch } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { encodeTotal } from "../../src/wire/total-record.ts";
import { configOf, quietLog } from "../../tests/support/context.ts";

const PRODUCTS = 100;
const SALES_MAX = 100;
const POLL_WAIT_MS = 10;

const [brokers = "", topic = "", output = "", group = "", interval, count] = process.argv.slice(2);
const kafka = librdkafka({ brokers, properties: {}, log: quietLog });
const consumer = kafka.groupConsumer({ topic, group });
const session = new TransactionSession({
  kafka,
  clock: systemClock,
  log: quietLog,
  config: configOf("--brokers", brokers, "--group", group),
  instance: "bench",
  isRestart: false,
});
const sales = new RecordBatch({ recordsMax: SALES_MAX, bytesMax: 1024 * 1024 });
const totals = totalsOf100();
/** Partition → next offset. */
const positions = new Map<number, number>();

await session.open();
await consume(consumer, 0);
let startedAt = performance.now();
for (let i = 0; i < Number(count); i++) {
  await consume(consumer, i === 0 ? 0 : startedAt + Number(interval));
  startedAt = performance.now();
  const outcome = await session.run({
    records: [{ topic: output, batch: totals }],
    consumer,
    positions: [...positions].map(([partition, offset]) => ({ partition, offset })),
    owned: [],
    isFirst: i === 0,
  });
  if (outcome !== "committed") throw new Error(`The transaction was ${outcome}.`);
  console.log((performance.now() - startedAt).toFixed(3));
}
await session.close();
await consumer.close();

/** At least one sale, then until the time is over. */
async function consume(consumer: Consumer, untilMs: number): Promise<void> {
  do {
    for (const event of await consumer.poll(sales, POLL_WAIT_MS)) {
      if (event.type !== "assigned") continue;
      await consumer.assign(event.partitions.map((partition) => ({ partition, offset: 0 })));
    }
  } while (sales.count === 0);
  for (let i = 0; i < sales.count; i++) {
    positions.set(sales.partitions[i] as number, (sales.offsets[i] as number) + 1);
  }
  await Bun.sleep(Math.max(0, untilMs - performance.now()));
}

function totalsOf100(): RecordBatch {
  const batch = new RecordBatch({ recordsMax: PRODUCTS, bytesMax: PRODUCTS * 1024 });
  for (let i = 0; i < PRODUCTS; i++) {
    const product = `Product ${String(i).padStart(7, "0")}`;
    const total = { product, quantity: 42n, revenue: 20_999_580_000n, sales: 17n, returns: 0n };
    const value = encodeTotal({ ...total, updatedAt: "2026-11-23T17:00:00.123Z" });
    batch.append({ key: new TextEncoder().encode(product), value });
  }
  return batch;
}
