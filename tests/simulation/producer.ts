/**
 * The port's transactional producer on the simulated cluster, with librdkafka's ways to fail
 * (rdkafka_txnmgr.c): a call that times out goes on and is to be made again; a refusal is to be
 * answered by an abort or by a new producer.
 *
 * librdkafka sends an EndTxn again when its connection breaks, and the first one, late, can end the
 * next transaction (confluentinc/librdkafka#5423). The adapter notices and gives the producer up.
 * This one gives itself up as soon as no answer comes: see `SENT_ONCE`.
 */

import type {
  Consumer,
  KafkaError,
  OutgoingRecord,
  Position,
  RecordBatch,
  TransactionalProducer,
} from "../../src/kafka/kafka.ts";
import type { SimulatedProcess } from "./clock.ts";
import type { SimulatedCluster } from "./cluster.ts";
import type { SimulatedConsumer } from "./consumer.ts";
import { type Api, SENT_ONCE } from "./faults.ts";
import type { PartitionLog } from "./log.ts";
import { BrokerError, LostError } from "./network.ts";
import type { Identity } from "./transactions.ts";

/** How long one call waits before it says that it is to be made again. */
const CALL_MS_MAX = 1_000;

type Step = "init" | "sendOffsets" | "commit" | "abort";

export class SimulatedProducer implements TransactionalProducer {
  inFlight = 0;
  acknowledged = 0;
  readonly #process: SimulatedProcess;
  readonly #cluster: SimulatedCluster;
  readonly #transactionalId: string;
  #identity: Identity = { id: -1, epoch: -1 };
  /** Of each partition in this transaction: its records, one request after the other. */
  #sending = new Map<PartitionLog, Promise<void>>();
  readonly #sequences = new Map<PartitionLog, number>();
  #appended = new Map<PartitionLog, { first: number; last: number }>();
  #failures: ReturnType<TransactionalProducer["takeFailures"]> = [];
  #purged = false;
  /** The broker has heard of this transaction. */
  #isKnown = false;
  /** Why this transaction cannot be committed, or no other one either. */
  #failed: KafkaError | undefined;
  /** The call under way, which goes on when it times out: the same call again waits for it. */
  #current: { step: Step; done: Promise<void> } | undefined;
  readonly #closing = Promise.withResolvers<never>();
  #isClosed = false;

  constructor(process: SimulatedProcess, cluster: SimulatedCluster, transactionalId: string) {
    this.#process = process;
    this.#cluster = cluster;
    this.#transactionalId = transactionalId;
    this.#closing.promise.catch(() => {});
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  init(): Promise<void> {
    if (!this.#transactionalId.endsWith(`-${this.#process.name}`)) {
      this.#cluster.world.met.add("InitProducerId for another instance");
    }
    return this.#run("init", async () => {
      const serve = () => this.#cluster.transactions.init(this.#transactionalId);
      this.#identity = await this.#ask("InitProducerId", serve);
    });
  }

  begin(): void {
    if (this.#isClosed) throw this.#cluster.closed("begin");
    if (this.#failed) throw this.#failed;
    this.#sending = new Map();
    this.#appended = new Map();
    this.#purged = false;
    this.#isKnown = false;
  }

  produce(topic: string, batch: RecordBatch, from = 0): number {
    if (this.#isClosed) throw this.#cluster.closed("produce");
    if (this.#failed?.verdict === "fatal") throw this.#failed;
    const { random, faults } = this.#cluster.world;
    const left = batch.count - from;
    const taken = faults.happens("queueFull") ? random.below(left + 1) : left;
    const byLog = new Map<PartitionLog, OutgoingRecord[]>();
    for (let i = from; i < from + taken; i++) {
      const wanted = batch.partitions[i] as number;
      const partition = wanted < 0 ? random.below(this.#cluster.topic(topic).length) : wanted;
      const log = this.#cluster.log(topic, partition);
      const records = byLog.get(log) ?? [];
      byLog.set(log, records);
      records.push({
        key: batch.key(i)?.slice() ?? null,
        value: batch.value(i)?.slice() ?? null,
        headers: batch.headers(i),
      });
    }
    for (const [log, records] of byLog) {
      if (faults.happens("dropsRecords")) {
        this.#drop(log, records.length);
        continue;
      }
      const before = this.#sending.get(log) ?? this.#register(log);
      const sent = before.then(() => this.#send(log, records));
      sent.catch(() => {});
      this.#sending.set(log, sent);
    }
    return taken;
  }

  /**
   * Refuses records at once, which counts as taking them: librdkafka commits the transaction
   * without them if nobody looks at the failures first.
   */
  #drop(log: PartitionLog, count: number): void {
    const { topic, partition } = log;
    const code = this.#cluster.world.random.pick(["MSG_SIZE_TOO_LARGE", "_UNKNOWN_PARTITION"]);
    const error = this.#cluster.error(`Refused: ${code}`, { code, verdict: "abort" });
    this.#failures.push({ topic, partition, error, count });
  }

  takeFailures() {
    return this.#failures.splice(0);
  }

  appended(topic: string) {
    return [...this.#appended]
      .filter(([log]) => log.topic === topic)
      .map(([{ partition }, span]) => ({ partition, ...span }));
  }

  flush(): Promise<void> {
    return this.#settled();
  }

  sendOffsets(consumer: Consumer, positions: readonly Position[]): Promise<void> {
    return this.#run("sendOffsets", async () => {
      const { transactions } = this.#cluster;
      const identity = this.#identity;
      const { group } = consumer as SimulatedConsumer;
      const member = { ...(consumer as SimulatedConsumer).metadata(), group };
      await this.#ask("AddOffsetsToTxn", () => transactions.addOffsets(identity));
      this.#isKnown = true;
      const serve = () => transactions.commitOffsets(identity, member, positions);
      await this.#askInTime("TxnOffsetCommit", serve);
    });
  }

  commit(): Promise<void> {
    return this.#run("commit", async () => {
      await this.#settled();
      if (this.#failed) throw this.#failed;
      await this.#end(true);
    });
  }

  abort(): Promise<void> {
    return this.#run("abort", async () => {
      this.#purged = true;
      await this.#settled();
      if (this.#failed?.verdict === "fatal") throw this.#failed;
      await this.#end(false);
      this.#failed = undefined;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#purged = true;
    this.#closing.reject(this.#cluster.closed("go on"));
  }

  async #end(commit: boolean): Promise<void> {
    if (this.#isClosed) throw this.#cluster.closed("go on");
    const { transactions } = this.#cluster;
    const identity = this.#identity;
    const serve = () => transactions.end(identity, commit);
    if (commit) await this.#askInTime("EndTxn", serve);
    // An abort of what the broker never heard of needs no request.
    else if (this.#isKnown) await this.#ask("EndTxn", serve);
  }

  async #register(log: PartitionLog): Promise<void> {
    const { transactions } = this.#cluster;
    const identity = this.#identity;
    await this.#ask("AddPartitionsToTxn", () => transactions.addPartition(identity, log));
    this.#isKnown = true;
  }

  async #send(log: PartitionLog, records: readonly OutgoingRecord[]): Promise<void> {
    if (this.#purged || this.#failed) return;
    const { transactions, world } = this.#cluster;
    const identity = this.#identity;
    if (world.faults.happens("refusesRecords")) {
      const error = this.#fail("MSG_SIZE_TOO_LARGE", "abort");
      const { topic, partition } = log;
      this.#failures.push({ topic, partition, error, count: records.length });
      return;
    }
    const sequence = this.#sequences.get(log) ?? 0;
    this.#sequences.set(log, sequence + records.length);
    this.inFlight += records.length;
    const serve = () => transactions.produce(identity, log, { records, sequence });
    const first = await this.#ask("Produce", serve);
    const last = first < 0 ? -1 : first + records.length - 1;
    this.#appended.set(log, { first: this.#appended.get(log)?.first ?? first, last });
    this.inFlight -= records.length;
    this.acknowledged += records.length;
  }

  async #settled(): Promise<void> {
    await Promise.allSettled(this.#sending.values());
  }

  /** A request that librdkafka repeats by itself, with a broker's refusal made a verdict. */
  async #ask<T>(api: Api, serve: () => T): Promise<T> {
    if (this.#isClosed) throw this.#cluster.closed("go on");
    try {
      const isSentOnce = SENT_ONCE.has(api) && !this.#cluster.world.faults.resends;
      const until = (error: unknown) =>
        this.#isClosed || (isSentOnce && error instanceof LostError);
      return await this.#cluster.network.insist(this.#process, { api, serve, until });
    } catch (error) {
      if (error instanceof LostError) throw this.#fail("_TRANSPORT", "fatal");
      if (!(error instanceof BrokerError)) throw error;
      const isGroups = ["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION"].includes(error.code);
      throw this.#fail(error.code, isGroups ? "abort" : "fatal");
    }
  }

  /** Now and then the transaction times out in the client while the request is under way. */
  async #askInTime(api: Api, serve: () => void): Promise<void> {
    const { world, network } = this.#cluster;
    if (!world.faults.happens("transactionTimesOut")) return this.#ask(api, serve);
    network.call(this.#process, api, serve).catch(() => {});
    throw this.#fail("_TIMED_OUT", "abort");
  }

  #fail(code: string, verdict: "abort" | "fatal"): KafkaError {
    const error = this.#cluster.error(`The transaction failed: ${code}`, { code, verdict });
    if (this.#failed?.verdict !== "fatal") this.#failed = error;
    return error;
  }

  /** Makes a call, or waits on for the same one that timed out before. */
  async #run(step: Step, start: () => Promise<void>): Promise<void> {
    if (this.#isClosed) throw this.#cluster.closed(step);
    if (this.#failed && (this.#failed.verdict === "fatal" || step !== "abort")) throw this.#failed;
    if (this.#current?.step !== step) {
      const done = start();
      done.catch(() => {});
      this.#current = { step, done };
    }
    const current = this.#current;
    const { world } = this.#cluster;
    const { faults, random } = world;
    const waitMs = faults.happens("callTimesOut") ? random.between(1, 30) : CALL_MS_MAX;
    const timeOut = Promise.withResolvers<never>();
    timeOut.promise.catch(() => {});
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    current.done.then(done, done);
    this.#process.later(waitMs, () => {
      if (isDone) return;
      world.met.add(`${step} timed out`);
      const message = `Timed out: ${step}`;
      timeOut.reject(this.#cluster.error(message, { code: "_TIMED_OUT", verdict: "retry" }));
    });
    try {
      await Promise.race([current.done, timeOut.promise, this.#closing.promise]);
    } finally {
      if (isDone || this.#isClosed) this.#current = undefined;
    }
  }
}
