/**
 * Offsets and records that nobody decides, on Kafka itself, and left by a process that is dead. A
 * broker that does not verify transactions takes what arrives behind the end of its transaction; no
 * marker will ever follow, as none follows when Kafka 4.3.1 has lost it.
 */

import { afterEach, expect } from "bun:test";
import { connect } from "node:net";
import { API, errorIn, type Frame, FrameSplitter, isAnswer, isRequest } from "../faults/frames.ts";
import { GroupProgress } from "../faults/progress.ts";
import { KafkaProxy } from "../faults/proxy.ts";
import { logged, newTopics, Runs } from "../support/board.ts";
import { runSalesboard } from "../support/executable.ts";
import { startKafka } from "../support/kafka.ts";
import { produceValues } from "../support/read.ts";
import { requirement } from "../support/require.ts";
import { outputTotals, salesIn } from "../support/totals.ts";
import { waitFor } from "../support/wait.ts";

const SIGKILLED = 137;
/** The question for offsets is given up after half a minute, and then asked again. */
const RELEASE_MS_MAX = 400_000;
/** Where the fields of a record batch stand: https://kafka.apache.org/documentation/#recordbatch */
const BATCH = { length: 8, magic: 16, crc: 17, sequence: 53, count: 57 } as const;
/** Bytes of a request behind its only batch. */
const TAGS_MAX = 8;
const test = requirement("java", "maven", "kcat");

const runs = new Runs();
afterEach(() => runs.end());

interface Left {
  /** Of the dead process: the last offsets of its group, and the last records in its output. */
  readonly offsets: Frame;
  readonly records: Frame;
  /** Past the proxy. */
  readonly port: number;
}

/** A process counts a sale and dies; `leave` acts late in its name; another one goes on. */
async function succession(
  name: string,
  { leave, message }: { leave: (left: Left) => Promise<void>; message: string },
): Promise<void> {
  const proxy = await KafkaProxy.listen();
  const broker = await startKafka({
    proxiedBy: proxy.port,
    settings: { "transaction.partition.verification.enable": "false" },
  });
  proxy.target = broker.proxiedPort;
  try {
    const { brokers } = broker;
    const topics = newTopics(name);
    // One topic, so that a request of records has one batch.
    const args = [...topics.args, "--history", "off"];
    await broker.createTopic(topics.input, 1);
    const sell = () =>
      produceValues({
        brokers,
        topic: topics.input,
        values: ['{"product":"Tea","quantity":1,"price":1}'],
      });
    const first = runs.start(["aggregate", "--brokers", proxy.brokers, ...args]);
    await logged(first, "Partitions assigned.");
    const records = proxy.next({ fits: isRequest(API.produce) });
    const offsets = proxy.next({ fits: isRequest(API.txnOffsetCommit) });
    const committed = proxy.next({
      fits: isAnswer(API.endTxn),
      after: () => process.kill(first.pid, "SIGKILL"),
    });
    await sell();
    await Promise.all([records, offsets, committed]);
    expect(await first.exited).toBe(SIGKILLED);
    await untilMarked(brokers, topics);
    await leave({ offsets: await offsets, records: await records, port: broker.proxiedPort });

    const second = runs.start(["aggregate", "--brokers", brokers, ...args]);
    await sell();
    await logged(second, message, RELEASE_MS_MAX);
    const isCounted = async () => salesIn(await outputTotals(brokers, topics.output)) === 2n;
    await waitFor(isCounted, { what: "2 sales" });
    expect(await second.stop()).toBe(0);
    const verified = await runSalesboard(["verify", "--brokers", brokers, ...args]);
    expect(verified.stdout).toContain("Equal: every total");
  } finally {
    proxy.close();
    await broker.stop();
  }
}

/** EndTxn is answered before its markers are written, which would end what comes late too. */
async function untilMarked(
  brokers: string,
  { input, output }: { input: string; output: string },
): Promise<void> {
  const progress = new GroupProgress({ brokers, topic: input, group: input });
  try {
    const isMarked = () => progress.hasReached(new Map([[0, 1]]));
    await waitFor(isMarked, { what: "the marker behind the offsets" });
  } finally {
    await progress.close();
  }
  const isCounted = async () => salesIn(await outputTotals(brokers, output)) === 1n;
  await waitFor(isCounted, { what: "the marker behind the records" });
}

test("a new instance releases the offsets that a dead one left undecided", async () => {
  const leave = async ({ offsets, port }: Left) => {
    const answer = await asked(port, offsets.bytes);
    expect(errorIn({ ...offsets, direction: "answer", bytes: answer })).toBe(0);
  };
  await succession("release", {
    leave,
    message: "Ending pending offsets of earlier transactions.",
  });
}, 900_000);

// A lone broker was killed, and its partitions could not be read again by anybody.
test("a new instance ends the records that a dead one left undecided", async () => {
  const leave = async ({ records, port }: Left) => {
    await asked(port, followUp(records.bytes));
  };
  await succession("records", {
    leave,
    message: "Ending undecided records of earlier transactions.",
  });
}, 900_000);

/** The request for the batch of records that would come next, with the same records. */
function followUp(request: Buffer): Buffer {
  const bytes = Buffer.from(request);
  const start = bytes.findIndex((_, i) => {
    const length = i + BATCH.length + 4 <= bytes.length ? bytes.readInt32BE(i + BATCH.length) : 0;
    const end = i + BATCH.length + 4 + length;
    return bytes[i + BATCH.magic] === 2 && end > bytes.length - TAGS_MAX && end <= bytes.length;
  });
  const batch = bytes.subarray(start);
  const count = batch.readInt32BE(BATCH.count);
  batch.writeInt32BE(batch.readInt32BE(BATCH.sequence) + count, BATCH.sequence);
  const end = BATCH.length + 4 + batch.readInt32BE(BATCH.length);
  batch.writeUInt32BE(crc32c(batch.subarray(BATCH.crc + 4, end)), BATCH.crc);
  return bytes;
}

/** Castagnoli's, which Kafka uses. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f6_3b78 : 0);
  }
  return ~crc >>> 0;
}

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
