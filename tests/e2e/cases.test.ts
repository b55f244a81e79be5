/**
 * The shapes of sales events that were found in public, through the executable and a real Kafka:
 * each has exactly its totals on the page and in `verify`.
 */

import { afterEach, expect } from "bun:test";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { newTopics, Runs, totalsWhen } from "../support/board.ts";
import { quietLog } from "../support/context.ts";
import { runSalesboard } from "../support/executable.ts";
import { sharedKafka } from "../support/kafka.ts";
import { sendAll } from "../support/records.ts";
import { startRegistry } from "../support/registry.ts";
import { requirement } from "../support/require.ts";
import {
  isText,
  recordsOf,
  type SharedCase,
  schemaOptionsOf,
  sharedCases,
  valuesOf,
} from "../support/shared-cases.ts";
import type { ApiTotal, ApiTotals } from "../support/totals.ts";

const cases = sharedCases().filter(isText);
const test = cases.length > 0 ? requirement("java", "maven") : requirement().skip;
/** Each is a few processes, which mostly wait. */
const AT_ONCE = 6;

const runs = new Runs();
afterEach(() => runs.end());

test("every shape of sales events has exactly its totals, and verify says so", async () => {
  const broker = await sharedKafka();
  const waiting = [...cases];
  const lane = async () => {
    for (let sample = waiting.shift(); sample; sample = waiting.shift()) {
      expect(await outcomeOf(sample, broker)).toEqual(expectedOf(sample));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}, 600_000);

async function outcomeOf(sample: SharedCase, broker: Awaited<ReturnType<typeof sharedKafka>>) {
  const { brokers } = broker;
  const topics = newTopics(sample.name);
  await broker.createTopic(topics.input, 2);
  const rules = ["--map", sample.map.join("; "), "--input-format", sample.format];
  const { schemas, options } = schemaOptionsOf(sample);
  const registry = startRegistry({ schemas });
  if (sample.format === "avro") options.push("--schema-registry", registry.url);
  const shape = [...rules, ...options, "--currency", sample.currency];
  const args = ["--brokers", brokers, ...topics.args, ...shape];
  const run = runs.start([...args, "--port", "0"]);
  await send(sample, brokers, topics.input);
  const isDone = ({ total, filtered, deadLetters, products }: Totals) =>
    total.sales + total.returns >= sample.sales + sample.returns &&
    filtered + deadLetters >= sample.filtered + sample.deadLetters.length &&
    products.length >= sample.products.length;
  const totals = (await totalsWhen(run, isDone as (totals: ApiTotals) => boolean)) as Totals;
  const verified = await runSalesboard(["verify", "--json", ...args]);
  await run.stop();
  await registry.stop();
  const { records, sales, returns, filtered, deadLetters, equal } = JSON.parse(verified.stdout);
  return {
    name: sample.name,
    products: rowsOf(totals.products),
    filtered: totals.filtered,
    deadLetters: totals.deadLetters,
    verified: { status: verified.status, equal, records, sales, returns, filtered, deadLetters },
  };
}

function expectedOf(sample: SharedCase): Awaited<ReturnType<typeof outcomeOf>> {
  const { name, records, sales, returns, filtered } = sample;
  const deadLetters = sample.deadLetters.length;
  return {
    name,
    products: rowsOf(sample.products),
    filtered,
    deadLetters,
    verified: { status: 0, equal: true, records, sales, returns, filtered, deadLetters },
  };
}

type Totals = ApiTotals & { filtered: number };

/** By `produce --input`, but for what no line of a file can be: other bytes, nothing, headers. */
async function send(sample: SharedCase, brokers: string, topic: string): Promise<void> {
  const values = valuesOf(sample);
  const records = recordsOf(sample);
  const isWritten = values.every((value) => typeof value === "string");
  if (isWritten && records.every(({ headers }) => headers?.length === 0)) {
    const args = ["--brokers", brokers, "--input-topic", topic, "--rate", "0"];
    const stdin = values.join("\n");
    const sent = await runSalesboard(["produce", ...args, "--input", "-"], { stdin });
    expect({ name: sample.name, status: sent.status }).toEqual({ name: sample.name, status: 0 });
    return;
  }
  await sendAll(librdkafka({ brokers, properties: {}, log: quietLog }), topic, records);
}

function rowsOf(products: readonly (ApiTotal | SharedCase["products"][number])[]): string[] {
  return products
    .map(({ product, totalQuantity, totalPrice, sales, returns }) => {
      return `${product}: ${totalQuantity} · ${totalPrice}, ${sales} sales, ${returns} returns`;
    })
    .sort();
}
