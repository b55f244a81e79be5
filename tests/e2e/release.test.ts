/**
 * Offsets that nobody decides, on Kafka itself, and left by a process that is dead. A broker that
 * does not verify transactions takes offsets that arrive behind the end of theirs; no marker will
 * ever follow them, as none follows when Kafka 4.3.1 has lost it.
 */

import { afterEach, expect } from "bun:test";
import { connect } from "node:net";
import { API, errorIn, type Frame, FrameSplitter, isAnswer, isRequest } from "../faults/frames.ts";
import { KafkaProxy } from "../faults/proxy.ts";
import { logged, newTopics, Runs } from "../support/board.ts";
import { runSalesboard } from "../support/executable.ts";
import { startKafka } from "../support/kafka.ts";
import { produceValues } from "../support/read.ts";
import { requirement } from "../support/require.ts";
import { outputTotals, salesIn } from "../support/totals.ts";
import { waitFor } from "../support/wait.ts";

const SIGKILLED = 137;
const ANSWER_MS_MAX = 10_000;
const MARKER_MS_MAX = 2_000;
/** The question for offsets is given up after half a minute, and then asked again. */
const RELEASE_MS_MAX = 120_000;
const test = requirement("java", "maven", "kcat");

const runs = new Runs();
afterEach(() => runs.end());

test("a new instance releases the offsets that a dead one left undecided", async () => {
  const proxy = await KafkaProxy.listen();
  const broker = await startKafka({
    proxiedBy: proxy.port,
    settings: { "transaction.partition.verification.enable": "false" },
  });
  proxy.target = broker.proxiedPort;
  try {
    const { brokers } = broker;
    const topics = newTopics("release");
    await broker.createTopic(topics.input, 1);
    const sell = () =>
      produceValues({
        brokers,
        topic: topics.input,
        values: ['{"product":"Tea","quantity":1,"price":1}'],
      });
    const counted = (sales: bigint, timeoutMs: number) =>
      waitFor(async () => salesIn(await outputTotals(brokers, topics.output)) === sales, {
        what: `${sales} sales`,
        timeoutMs,
      });
    const first = runs.start(["aggregate", "--brokers", proxy.brokers, ...topics.args]);
    await logged(first, "Partitions assigned.", ANSWER_MS_MAX);
    const offsets = proxy.next({ fits: isRequest(API.txnOffsetCommit) });
    const committed = proxy.next({
      fits: isAnswer(API.endTxn),
      after: () => process.kill(first.pid, "SIGKILL"),
    });
    await sell();
    await Promise.all([offsets, committed]);
    expect(await first.exited).toBe(SIGKILLED);
    // EndTxn is answered before the marker is written, which would end them too.
    await Bun.sleep(MARKER_MS_MAX);
    const answer = await asked(broker.proxiedPort, (await offsets).bytes);
    expect(errorIn({ ...(await offsets), direction: "answer", bytes: answer })).toBe(0);

    const second = runs.start(["aggregate", "--brokers", brokers, ...topics.args]);
    await sell();
    await logged(second, "Ending pending offsets of earlier transactions.", RELEASE_MS_MAX);
    await counted(2n, RELEASE_MS_MAX);
    expect(await second.stop()).toBe(0);
    const verified = await runSalesboard(["verify", "--brokers", brokers, ...topics.args]);
    expect(verified.stdout).toContain("Equal: every total");
  } finally {
    proxy.close();
    await broker.stop();
  }
}, 240_000);

/** Sends a request on a connection of its own. */
async function asked(port: number, request: Frame["bytes"]): Promise<Buffer> {
  const socket = connect({ port, host: "127.0.0.1" });
  const splitter = new FrameSplitter();
  const answer = Promise.withResolvers<Buffer>();
  socket.on("error", answer.reject);
  socket.on("close", () => answer.reject(new Error("The broker hung up.")));
  socket.on("data", (chunk) => {
    for (const frame of splitter.push(chunk as Buffer)) answer.resolve(frame);
  });
  socket.write(request);
  try {
    return await answer.promise;
  } finally {
    socket.destroy();
  }
}
