/** Slow, broken, half-closed and silent connections. */

import { expect } from "bun:test";
import type { Random } from "../simulation/random.ts";
import { seededRandom } from "../support/seed.ts";
import type { Arena } from "./arena.ts";
import type { Fault } from "./fault.ts";
import type { Weather } from "./proxy.ts";

const DELAY_MS = 200;
const JITTER_MS = 100;
/**
 * A transaction is five round trips: on a slow network it needs more than the time-outs of these
 * tests, and on a busy machine more than those that are default.
 */
const PATIENT = ["-X", "transaction.timeout.ms=50000", "-X", "session.timeout.ms=60000"];
const PIECES_FROM = 16;
const PIECE_BYTES_MAX = 4_000;
/** So that a strike meets connections at work. */
const PAUSE_MS_MAX = 700;
const STRIKES_EACH = 3;

const slow: Fault = {
  name: "the network is slow",
  injection: `The proxy delays whatever arrives, both ways, by ${DELAY_MS} ms and a jitter of ${JITTER_MS} ms.`,
  expected: "Sales are counted all the while, by the same instance.",
  run: (arena) =>
    endure(arena, (random) => ({ delayMs: () => random.between(DELAY_MS, DELAY_MS + JITTER_MS) })),
};

const pieces: Fault = {
  name: "requests and answers arrive in pieces",
  injection: `The proxy delivers every request and answer in pieces: the first ${PIECES_FROM} bytes one at a time, the rest as chance will have it.`,
  expected: "Sales are counted all the while, by the same instance.",
  run: (arena) =>
    endure(arena, (random) => ({
      pieceBytes: (sent) => (sent < PIECES_FROM ? 1 : 1 + random.below(PIECE_BYTES_MAX)),
    })),
};

async function endure(arena: Arena, weather: (random: Random) => Weather): Promise<void> {
  const { proxy } = arena;
  arena.sell();
  const run = await arena.start(PATIENT, proxy.brokers);
  const before = proxy.struck;
  proxy.weather = weather(seededRandom("FAULTS_SEED"));
  arena.struck();
  await arena.recovered();
  const met = proxy.struck - before;
  expect(met).toBeGreaterThan(0);
  expect(arena.linesOf(run, "Partitions assigned.")).toHaveLength(1);
  arena.saw(`${met} times`);
}

const cut: Fault = {
  name: "connections are cut",
  injection: "The proxy cuts all connections at once, again and again.",
  expected: "The same instance goes on, over new connections.",
  run: (arena) => strike(arena, () => arena.proxy.cut()),
};

const halfClosedHere: Fault = {
  name: "connections are half-closed towards the aggregator",
  injection: "The proxy sends a FIN on all connections to the aggregator, again and again.",
  expected: "The same instance goes on, over new connections.",
  run: (arena) => strike(arena, () => arena.proxy.halfClose("client")),
};

const halfClosedThere: Fault = {
  name: "connections are half-closed towards the broker",
  injection: "The proxy sends a FIN on all connections to the broker, again and again.",
  expected: "The same instance goes on, over new connections.",
  run: (arena) => strike(arena, () => arena.proxy.halfClose("broker")),
};

async function strike(arena: Arena, once: () => void): Promise<void> {
  const { proxy, scale } = arena;
  const random = seededRandom("FAULTS_SEED");
  arena.sell();
  await arena.start([], proxy.brokers);
  const before = proxy.struck;
  const strikes = STRIKES_EACH * scale.rounds;
  for (let i = 0; i < strikes; i++) {
    await Bun.sleep(random.between(0, PAUSE_MS_MAX));
    once();
  }
  arena.over();
  await arena.recovered();
  const struck = proxy.struck - before;
  expect(struck).toBeGreaterThan(strikes);
  arena.saw(`${struck} connections in ${strikes} strikes`);
}

const frozen: Fault = {
  name: "everything arrives late",
  injection:
    "The proxy holds back whatever is sent, both ways, for longer than the session lasts, and then delivers all of it.",
  expected: "The instance loses its partitions, and takes them again.",
  async run(arena) {
    const { proxy } = arena;
    const thaw = Promise.withResolvers<void>();
    await silence(arena, () => {
      proxy.weather = { thaw: thaw.promise };
      return () => {
        thaw.resolve();
        proxy.calm();
      };
    });
  },
};

const forgotten: Fault = {
  name: "connections are forgotten",
  injection:
    "The proxy swallows whatever is sent, both ways, for longer than the session lasts, and keeps the connections open; afterwards new ones work, those never again.",
  expected: "The instance loses its partitions, and takes them again over new connections.",
  run: (arena) =>
    silence(arena, () => {
      arena.proxy.swallow();
      return () => arena.proxy.calm();
    }),
};

async function silence(arena: Arena, begin: () => () => void): Promise<void> {
  const { proxy, scale } = arena;
  arena.sell();
  const run = await arena.start([], proxy.brokers);
  const before = proxy.struck;
  const end = begin();
  await Bun.sleep(1.5 * scale.sessionMs);
  end();
  arena.over();
  await arena.recovered();
  expect(proxy.struck).toBeGreaterThan(before);
  expect(arena.linesOf(run, "Partitions lost.")).not.toBeEmpty();
  arena.saw(`silent for ${1.5 * scale.sessionMs} ms`);
}

export const connectionFaults: readonly Fault[] = [
  slow,
  pieces,
  cut,
  halfClosedHere,
  halfClosedThere,
  frozen,
  forgotten,
];
