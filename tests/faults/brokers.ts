/** Faults of the broker: it is killed, frozen and restarted. A single node, so its data stays. */

import { expect } from "bun:test";
import { KafkaError } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { timeoutsMs } from "../../src/lib/timeouts.ts";
import { quietLog } from "../support/context.ts";
import type { KafkaBroker } from "../support/kafka.ts";
import { seededRandom } from "../support/seed.ts";
import type { Arena } from "./arena.ts";
import type { Fault } from "./fault.ts";

const UP_MS_MAX = 1_500;
const SILENCE_MS = 1_000;
/**
 * Longer than every time-out of a request and of a transaction; with the default time-outs also
 * longer than a step of a transaction is tried again.
 */
const FREEZE_MS_IN_SESSIONS = 4;
/**
 * As by default, also in the short form: a broker that starts has other work than transactions that
 * run out of time.
 */
const PATIENT = Object.entries(timeoutsMs).flatMap(([name, ms]) => ["-X", `${name}=${ms}`]);

export const brokerFaults: readonly Fault[] = [
  {
    name: "the broker is killed",
    injection: "SIGKILL of the only broker while sales flow, and a new start on the same data.",
    expected: "Producer and instances find it again and stay the same processes.",
    run: (arena) => outages(arena, arena.scale.rounds, (broker) => broker.kill()),
  },
  {
    name: "the broker is restarted in order",
    injection: "SIGTERM of the only broker while sales flow, and a new start.",
    expected: "Producer and instances find it again and stay the same processes.",
    run: (arena) =>
      outages(arena, Math.ceil(arena.scale.rounds / 2), (broker) => broker.shutDown()),
  },
  {
    name: "the broker is frozen",
    injection:
      "SIGSTOP of the broker, past the time-outs of requests, transactions and sessions; then " +
      "SIGCONT.",
    expected: "No request is answered meanwhile; the same processes go on afterwards.",
    run: freeze,
  },
];

async function outages(
  arena: Arena,
  times: number,
  end: (broker: KafkaBroker) => Promise<void>,
): Promise<void> {
  const random = seededRandom("FAULTS_SEED");
  const { broker } = arena;
  const runs = [await arena.start(PATIENT), await arena.start(PATIENT)];
  arena.sell();
  try {
    for (let outage = 0; outage < times; outage++) {
      await Bun.sleep(random.between(0, UP_MS_MAX));
      const { pid } = broker;
      await end(broker);
      expect(await answers(broker)).toBe(false);
      await broker.start();
      expect(broker.pid).not.toBe(pid);
      arena.over();
      await arena.recovered();
    }
  } finally {
    // The next fault needs it, also when this one has failed.
    if (!broker.isRunning) await broker.start();
  }
  for (const run of runs) expect(arena.linesOf(run, "Stopping on")).toEqual([]);
  arena.saw(`${times} × down`);
}

async function freeze(arena: Arena): Promise<void> {
  const { broker, scale } = arena;
  const freezeMs = FREEZE_MS_IN_SESSIONS * scale.sessionMs;
  await arena.start(PATIENT);
  await arena.start(PATIENT);
  arena.sell();
  arena.struck();
  await arena.recovered();
  broker.pause();
  try {
    expect(await answers(broker)).toBe(false);
    await Bun.sleep(freezeMs - SILENCE_MS);
    expect(await answers(broker)).toBe(false);
  } finally {
    broker.resume();
  }
  arena.over();
  await arena.recovered();
  arena.saw(`frozen for ${freezeMs / 1000} s`);
}

async function answers(broker: KafkaBroker): Promise<boolean> {
  const { brokers } = broker;
  const admin = librdkafka({ brokers, properties: {}, log: quietLog }).admin();
  try {
    await admin.ping(SILENCE_MS);
    return true;
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    return false;
  } finally {
    await admin.close();
  }
}
