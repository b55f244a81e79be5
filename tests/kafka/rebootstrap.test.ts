/** A client finds the brokers again, whatever they said when it lost them. */

import { expect, onTestFinished, test } from "bun:test";
import { verdict } from "../../src/kafka/librdkafka-errors.ts";
import { native } from "../../src/kafka/native.ts";
import { LoneBroker } from "../support/lone-broker.ts";
import { ANSWER_MS_MAX, failureOf } from "../support/native.ts";
import { waitFor } from "../support/wait.ts";

const TRY_MS_MAX = 1_000;
/** Without the mend, one of the first few is the last. */
const TIMES = 20;

// The only broker of a cluster ends in order, and says that no broker is there. librdkafka forgot
// all brokers, and then cancelled the start from the bootstrap servers: the client asked nobody
// ever again. An aggregator kept its partitions, logged nothing and counted nothing.
test("a client finds the only broker again, which said that no broker is there", async () => {
  const broker = await LoneBroker.listen();
  onTestFinished(() => broker.close());
  const admin = new native.Admin({ "bootstrap.servers": broker.brokers }, () => undefined);
  onTestFinished(() => admin.close(ANSWER_MS_MAX));
  const brokers = () => admin.metadata(null, TRY_MS_MAX).then((told) => told.brokers.length);
  const untilTold = (count: number) => {
    const isTold = async () => (await brokers().catch(() => undefined)) === count;
    return waitFor(isTold, { what: `metadata with ${count} brokers` });
  };
  for (let times = 0; times < TIMES; times++) {
    await untilTold(1);
    broker.isLeaving = true;
    await untilTold(0);
    broker.isLeaving = false;
  }
  await untilTold(1);
  expect(await brokers()).toBe(1);
}, 600_000);

// Such an answer once ended the process: librdkafka took it for one that it had read.
test("an answer without brokers and topics is a passing failure", async () => {
  const broker = await LoneBroker.listen();
  onTestFinished(() => broker.close());
  const admin = new native.Admin({ "bootstrap.servers": broker.brokers }, () => undefined);
  onTestFinished(() => admin.close(ANSWER_MS_MAX));
  await admin.metadata(null, ANSWER_MS_MAX);
  Object.assign(broker, { isLeaving: true, isEmpty: true });
  const failure = await failureOf(admin.metadata("sales", ANSWER_MS_MAX));
  expect(failure.code).toBe("_PARTIAL");
  expect(verdict(failure)).toBe("retry");
});
