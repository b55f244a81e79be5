/**
 * Requests under way for longer than anybody waits: they arrive when their transaction is history,
 * and must not act on another one (confluentinc/librdkafka#5423).
 */

import { expect } from "bun:test";
import { logged } from "../support/board.ts";
import type { Arena } from "./arena.ts";
import type { Fault } from "./fault.ts";
import { API, errorIn, type Frame, isAnswer, isRequest } from "./frames.ts";
import { within } from "./within.ts";

/** Shorter than the transaction time-out, so that a repeated EndTxn finds its transaction open. */
const IMPATIENT = ["-X", "socket.timeout.ms=1000"];
/** What the broker answers an old epoch: INVALID_PRODUCER_EPOCH, PRODUCER_FENCED. */
const FENCED = [47, 90];
const IN_DOUBT = "Transaction in doubt";
const REFUSED =
  "The aggregator has replaced its producer, and the broker refuses the late request.";

/** A request, and behind which one of a later transaction it would do the most harm. */
interface Late {
  api: number;
  behind: number;
  args?: readonly string[];
  isHungUp?: boolean;
}
const END: Late = { api: API.endTxn, behind: API.produce };
const OFFSETS: Late = { api: API.txnOffsetCommit, behind: API.txnOffsetCommit };

const timedOut: Fault = {
  name: "an EndTxn that timed out arrives in a later transaction",
  injection:
    "The proxy holds an EndTxn request back until librdkafka has repeated it, and delivers it behind a Produce request of a later transaction.",
  expected: REFUSED,
  run: (arena) => deliverLate(arena, { ...END, args: IMPATIENT }),
};

const hungUp: Fault = {
  name: "an EndTxn whose connection broke arrives in a later transaction",
  injection:
    "The proxy holds an EndTxn request back, hangs up on the aggregator, and delivers it behind a Produce request of a later transaction.",
  expected: REFUSED,
  run: (arena) => deliverLate(arena, { ...END, isHungUp: true }),
};

const offsets: Fault = {
  name: "a TxnOffsetCommit whose connection broke arrives in a later transaction",
  injection:
    "The proxy holds a TxnOffsetCommit request back, hangs up on the aggregator, and delivers it behind the TxnOffsetCommit of a later transaction.",
  expected: REFUSED,
  run: (arena) => deliverLate(arena, { ...OFFSETS, isHungUp: true }),
};

/** Holds one request back until later sales are counted, and lets go amidst a transaction. */
async function deliverLate(
  arena: Arena,
  { api, behind, args = [], isHungUp = false }: Late,
): Promise<void> {
  const { proxy } = arena;
  arena.sell();
  const run = await arena.start(args, proxy.brokers);
  const letGo = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<Frame>();
  const arrived = proxy.next({
    fits: isRequest(api),
    before: (frame) => {
      arena.struck();
      stopped.resolve(frame);
      if (isHungUp) proxy.hangUp(frame.connection);
      return letGo.promise;
    },
  });
  const late = await within(stopped.promise, "the request");
  await arena.recovered();
  const answered = proxy.next({
    fits: (frame) =>
      isAnswer(api)(frame) &&
      frame.connection === late.connection &&
      frame.correlationId === late.correlationId,
  });
  const amidst = proxy.next({
    fits: isAnswer(behind),
    before: async () => {
      letGo.resolve();
      await answered;
    },
  });
  await within(Promise.all([amidst, arrived]), "the answer to the late request");
  const code = errorIn(await answered);
  expect(FENCED).toContain(code);
  expect(arena.linesOf(run, IN_DOUBT)).not.toBeEmpty();
  arena.saw(`the late request was answered with error ${code}`);
  arena.struck();
  await arena.recovered();
}

const heldBack: Fault = {
  name: "requests for EndTxn are held back past the transaction time-out",
  injection:
    "The proxy holds every EndTxn request back for twice the transaction time-out, and then delivers them all.",
  expected: "The aggregator says that the transaction is in doubt, and restores from Kafka.",
  run: (arena) => holdBack(arena, isRequest(API.endTxn)),
};

const unanswered: Fault = {
  name: "answers to EndTxn are held back past the transaction time-out",
  injection:
    "The proxy holds every answer to EndTxn back for twice the transaction time-out, and then delivers them all.",
  expected: "The aggregator says that the transaction is in doubt, and restores from Kafka.",
  run: (arena) => holdBack(arena, isAnswer(API.endTxn)),
};

async function holdBack(arena: Arena, fits: (frame: Frame) => boolean): Promise<void> {
  const { proxy, scale } = arena;
  arena.sell();
  const run = await arena.start([], proxy.brokers);
  const letGo = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  let count = 0;
  const end = proxy.intercept({
    fits,
    before: () => {
      count++;
      stopped.resolve();
      return letGo.promise;
    },
  });
  await within(stopped.promise, "an EndTxn");
  await Bun.sleep(2 * scale.transactionMs);
  end();
  arena.over();
  letGo.resolve();
  await logged(run, IN_DOUBT);
  await arena.recovered();
  arena.saw(`${count} held back`);
}

export const lateEndTxnFaults: readonly Fault[] = [timedOut, hungUp, offsets, heldBack, unanswered];
