/**
 * Somebody sets the machine's clock while Salesboard runs. Silence, age and rate were differences
 * of times of day: a clock set back by an hour let the page call a dead Kafka live for an hour, one
 * set forward called a healthy one late. And librdkafka's waits ended at a time of day, so that an
 * idle topic was not polled for an hour.
 */

import { afterEach, beforeEach, describe, expect } from "bun:test";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { type NativeMockCluster, native } from "../../src/kafka/native.ts";
import { StreamClient } from "../dashboard/stream.ts";
import { Runs, totalsWhen } from "../support/board.ts";
import { quietLog } from "../support/context.ts";
import type { Salesboard } from "../support/executable.ts";
import { sendAll } from "../support/records.ts";
import { requirement } from "../support/require.ts";
import { SteppedClock } from "../support/stepped-clock.ts";
import { waitFor } from "../support/wait.ts";

const test = requirement("cc");
const HOUR_MS = 3_600_000;
/** Longer than Kafka may be silent. */
const LOOK_MS = 9_000;
/** Older numbers are called late. */
const AGE_MS_MAX = 5_000;

const STEPS = 12;
const STEP_INTERVAL_MS = 370;
/** One comes each second. */
const IDLE_BEATS = 3;

interface Beat {
  t: number;
  state: string;
  asOf: number;
}

const runs = new Runs();
let clock: SteppedClock;
let cluster: NativeMockCluster;

beforeEach(() => {
  clock = new SteppedClock();
  cluster = new native.MockCluster(1);
  for (const topic of ["in", "in.dlq", "out", "out.history"]) cluster.createTopic(topic, 2);
});
afterEach(async () => {
  await runs.end();
  cluster.close();
  clock.close();
});

/** Nobody sells anything: what librdkafka waits for comes by itself, or not at all. */
async function start() {
  const brokers = cluster.bootstrapServers;
  const args = ["--brokers", brokers, "--input-topic", "in", "--output-topic", "out"];
  const run = runs.start([...args, "--port", "0"], { env: clock.env });
  await waitFor(() => isReady(run), { what: "readiness" });
  const { body } = await fetch(`${await run.url()}/events`);
  const stream = new StreamClient(body as ReadableStream<Uint8Array>);
  // All that a start brings has arrived by then: it would wake a wait that lasts too long.
  let beats = 0;
  await beatsUntil(stream, () => ++beats > IDLE_BEATS);
  return { run, stream, brokers };
}

async function isReady(run: Salesboard): Promise<boolean> {
  return (await fetch(`${await run.url()}/readyz`)).status === 200;
}

/** What the page is told each second, up to the first that `isLast` accepts. */
async function beatsUntil(stream: StreamClient, isLast: (beat: Beat) => boolean): Promise<Beat[]> {
  const isBeat = ({ event }: { event: string | undefined }) => event === "hb";
  const messages = await stream.readUntil((message) => {
    return isBeat(message) && isLast(JSON.parse(message.data));
  });
  expect(stream.ended).toBe(false);
  return messages.filter(isBeat).map(({ data }) => JSON.parse(data));
}

describe("a clock that is set back by an hour", () => {
  test("lets no dead Kafka pass for a live one", async () => {
    const { run, stream } = await start();
    clock.step(-HOUR_MS);
    cluster.setBrokerDown(1);
    await beatsUntil(stream, ({ state }) => state === "stale");
    // That a topic is not read any more can be known a moment before that nobody answers at all.
    const isSaid = async () => {
      const answer = await fetch(`${await run.url()}/readyz`);
      expect(answer.status).toBe(503);
      return (await answer.text()).includes("Kafka has not answered since");
    };
    await waitFor(isSaid, { what: "the reason" });
  }, 600_000);

  test("makes nothing late, and sales are counted on", async () => {
    const { run, stream, brokers } = await start();
    clock.step(-HOUR_MS);
    const until = clock.nowMs + LOOK_MS;
    const isLast = ({ asOf }: Beat) => asOf >= until && asOf < until + HOUR_MS / 2;
    const beats = await beatsUntil(stream, isLast);
    expect(beats.filter(isLate)).toEqual([]);
    const kafka = librdkafka({ brokers, properties: {}, log: quietLog });
    const value = new TextEncoder().encode('{"product":"Laptop","quantity":1,"price":1}');
    await sendAll(kafka, "in", [{ value, partition: 0 }]);
    await totalsWhen(run, ({ total }) => total.sales === 1);
  }, 600_000);
});

test("a clock that is set forward by hours drops no stream and makes nothing late", async () => {
  const { run, stream } = await start();
  // Again and again, so that it falls between a question to Kafka and what is told of its answer.
  for (let steps = 0; steps < STEPS; steps++) {
    clock.step(HOUR_MS);
    await Bun.sleep(STEP_INTERVAL_MS);
  }
  const until = clock.nowMs;
  const beats = await beatsUntil(stream, ({ asOf }) => asOf >= until);
  expect(beats.filter(isLate)).toEqual([]);
  expect(await isReady(run)).toBe(true);
}, 600_000);

function isLate({ t, state, asOf }: Beat): boolean {
  return state !== "live" || t - asOf > AGE_MS_MAX;
}
