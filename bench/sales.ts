/** Fills topics with sales. */

import { type OutgoingRecord, RecordBatch } from "../src/kafka/kafka.ts";
import { executablePath } from "../tests/support/executable.ts";
import type { Arena } from "./arena.ts";
import { SubjectProcess } from "./subjects/process.ts";

const FLUSH_MS_MAX = 60_000;
const encoder = new TextEncoder();

/** Made up by our own producer as fast as it can, on the core that no subject uses yet. */
export async function fillMadeUp(arena: Arena, topic: string, sales: number): Promise<void> {
  const args = ["--brokers", arena.broker.brokers, "--input-topic", topic];
  const count = ["--rate", "0", "--seed", "1", "--count", String(sales)];
  const run = new SubjectProcess(arena, () => [executablePath, "produce", ...args, ...count]);
  await run.succeeded();
  await checkTopic(arena, topic, sales);
}

/** Made up by our own producer at a steady rate, beside the broker. */
export async function feed(
  arena: Arena,
  topic: string,
  { sales, rate }: { sales: number; rate: number },
): Promise<void> {
  const args = ["--brokers", arena.broker.brokers, "--input-topic", topic, "--seed", "1"];
  const pace = ["--rate", String(rate), "--count", String(sales)];
  const child = Bun.spawn([executablePath, "produce", ...args, ...pace], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const log = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`The producer failed:\n${log}`);
}

/**
 * Sales of `products` different products, all equally popular; each is sold at least once when
 * there are enough sales.
 */
export async function fillProducts(
  arena: Arena,
  topic: string,
  { sales, products }: { sales: number; products: number },
): Promise<void> {
  await fillRecords(arena, topic, { records: sales, recordOf: (at) => saleOf(at, products) });
}

/** Records of text; unless they have keys, these spread them over the partitions. */
export async function fillText(
  arena: Arena,
  topic: string,
  {
    records,
    textOf,
    keyOf = (at) => `key ${at % 1_000}`,
  }: {
    records: number;
    textOf: (at: number) => string | Uint8Array;
    keyOf?: (at: number) => string;
  },
): Promise<void> {
  const recordOf = (at: number) => {
    const value = textOf(at);
    return {
      key: encoder.encode(keyOf(at)),
      value: typeof value === "string" ? encoder.encode(value) : value,
    };
  };
  await fillRecords(arena, topic, { records, recordOf });
}

/** Records 0 to `records` − 1, each made when it is sent. */
export async function fillRecords(
  arena: Arena,
  topic: string,
  { records, recordOf }: { records: number; recordOf: (at: number) => OutgoingRecord },
): Promise<void> {
  const producer = arena.kafka.producer();
  const batch = new RecordBatch({ recordsMax: 10_000, bytesMax: 4 * 1024 * 1024 });
  try {
    for (let at = 0; at < records; ) {
      batch.clear();
      while (at < records && batch.append(recordOf(at))) at++;
      for (let sent = 0; sent < batch.count; ) {
        sent += producer.produce(topic, batch, sent);
        if (sent < batch.count) await Bun.sleep(1);
      }
    }
    await producer.flush(FLUSH_MS_MAX);
    if (producer.takeFailures().length > 0) throw new Error("Sales were not delivered.");
  } finally {
    await producer.close();
  }
  await checkTopic(arena, topic, records);
}

function saleOf(at: number, products: number) {
  // Steps of a large prime visit every product before any again, in no order that caches like.
  const product = `Product ${String((at * 7_368_787) % products).padStart(7, "0")}`;
  const price = `${10 + (at % 90)}.${String(at % 100).padStart(2, "0")}`;
  return {
    key: encoder.encode(product),
    value: encoder.encode(`{"product":"${product}","quantity":${1 + (at % 3)},"price":${price}}`),
  };
}

/** Guards: all of it is there, and nothing was removed, as old timestamps would let happen. */
export async function checkTopic(arena: Arena, topic: string, sales: number): Promise<void> {
  const admin = arena.kafka.admin();
  try {
    const partitions = (await admin.describeTopic(topic))?.partitions ?? 0;
    let records = 0;
    for (let partition = 0; partition < partitions; partition++) {
      const { low, high } = await admin.watermarks(topic, partition);
      if (low > 0) throw new Error(`Partition ${partition} of ${topic} starts at ${low}.`);
      records += high;
    }
    if (records !== sales) throw new Error(`${topic} holds ${records} of ${sales} sales.`);
  } finally {
    await admin.close();
  }
}
