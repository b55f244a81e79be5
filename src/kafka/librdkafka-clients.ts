/** The port's clients on the addon: they name, class and retry; the work is librdkafka's. */

import {
  type Consumer,
  type ConsumerEvent,
  KafkaError,
  type Position,
  type Producer,
  type RecordBatch,
  type SaleSums,
  type TransactionalProducer,
} from "./kafka.ts";
import {
  classed,
  classedNow,
  kafkaError,
  retried,
  transactionVerdict,
} from "./librdkafka-errors.ts";
import type { NativeConsumer, NativeConsumerEvent, NativeProducer } from "./native.ts";

/** Longest wait for one answer of a broker; retried by those who can wait longer. */
export const REQUEST_MS_MAX = 10_000;
/** Of the question for offsets: longer than a dead owner's transaction can hold the answer up. */
const COMMITTED_ATTEMPTS_MAX = 3;
export const CLOSE_MS_MAX = 3_000;
/** Longer than that, and librdkafka has asked by itself. */
const LOCATE_MS_MAX = 1_000;
/** Answer of `committed` for a partition without an offset. */
const OFFSET_INVALID = -1001;

export class LibrdkafkaConsumer implements Consumer {
  readonly native: NativeConsumer;
  readonly topic: string;
  #unsubscribed: boolean;
  /** librdkafka knows the leaders of the topic's partitions. */
  #isLocated: boolean;
  /** Reported out of range: librdkafka has stopped them, and refuses to seek. */
  readonly #stopped = new Set<number>();

  constructor(consumer: NativeConsumer, options: { topic: string; subscribes: boolean }) {
    this.native = consumer;
    this.topic = options.topic;
    this.#unsubscribed = options.subscribes;
    this.#isLocated = options.subscribes;
  }

  async poll(batch: RecordBatch, waitMs: number, sums?: SaleSums): Promise<ConsumerEvent[]> {
    if (this.#unsubscribed) {
      await classed(this.native.subscribe(this.topic));
      this.#unsubscribed = false;
    }
    const summing = sums?.asArguments() ?? ([] as const);
    const events = await classed(this.native.poll(batch.memory, waitMs, ...summing));
    if (batch.bytesNeeded > 0) batch.grow(batch.bytesNeeded);
    return events.map((event) => this.#noted(consumerEvent(event)));
  }

  async assign(positions: readonly Position[]): Promise<void> {
    if (!this.#isLocated) await this.#locate(positions);
    for (const { partition } of positions) this.#stopped.delete(partition);
    await classed(this.native.assign(this.topic, [...positions]));
  }

  /**
   * For a topic that it first meets in an assignment librdkafka asks for leaders up to a second
   * later; a question about one partition makes it ask at once. Without an answer nothing is lost.
   */
  async #locate([first]: readonly Position[]): Promise<void> {
    if (!first) return;
    this.#isLocated = true;
    await this.native.watermarks(this.topic, [first.partition], LOCATE_MS_MAX).catch(() => {});
  }

  unassign(partitions: readonly number[]): Promise<void> {
    return classed(this.native.unassign(this.topic, [...partitions]));
  }

  async seek(positions: readonly Position[]): Promise<void> {
    const stopped = positions.filter(({ partition }) => this.#stopped.has(partition));
    const others = positions.filter(({ partition }) => !this.#stopped.has(partition));
    if (stopped.length > 0) {
      // Only assigned anew do they go on.
      await this.unassign(stopped.map(({ partition }) => partition));
      await this.assign(stopped);
    }
    if (others.length > 0) await classed(this.native.seek(this.topic, others, REQUEST_MS_MAX));
  }

  #noted(event: ConsumerEvent): ConsumerEvent {
    if (event.type === "outOfRange") this.#stopped.add(event.partition);
    return event;
  }

  async committed(partitions: readonly number[]) {
    const wanted = [...partitions];
    const ask = () => this.native.committed(this.topic, wanted, REQUEST_MS_MAX);
    const answers = await retried(ask, COMMITTED_ATTEMPTS_MAX);
    return answers.map(({ partition, offset }) => ({
      partition,
      offset: offset === OFFSET_INVALID ? null : offset,
    }));
  }

  close(): Promise<void> {
    return classed(this.native.close(CLOSE_MS_MAX));
  }
}

export class LibrdkafkaProducer implements Producer {
  protected readonly native: NativeProducer;

  constructor(producer: NativeProducer) {
    this.native = producer;
  }

  get inFlight(): number {
    return this.native.inFlight;
  }

  produce(topic: string, batch: RecordBatch, from = 0): number {
    return classedNow(() => this.native.produce(topic, batch.memory, from));
  }

  takeFailures() {
    return this.native.takeFailures().map((row) => ({ ...row, error: kafkaError(row.error) }));
  }

  flush(timeoutMs: number): Promise<void> {
    return classed(this.native.flush(timeoutMs));
  }

  close(): Promise<void> {
    return classed(this.native.close(CLOSE_MS_MAX));
  }
}

/**
 * librdkafka repeats a request when its connection breaks or no answer comes in time, and says
 * nothing. The first one may be under way all the same: it would act on the next transaction of the
 * same epoch, so there must be none.
 */
function repeatedRequests(sent: number): KafkaError {
  return new KafkaError(
    `Cannot go on with this producer: it sent TxnOffsetCommit and EndTxn ${sent} times in one ` +
      "transaction, and one of them may still be under way.",
    { code: "_TRANSPORT", verdict: "fatal" },
  );
}

export class LibrdkafkaTransactionalProducer
  extends LibrdkafkaProducer
  implements TransactionalProducer
{
  /** What this transaction takes when nothing is repeated, and how many there were before it. */
  #closing = { requests: 0, before: 0 };

  init(): Promise<void> {
    return classed(this.native.initTransactions(REQUEST_MS_MAX), transactionVerdict);
  }

  begin(): void {
    classedNow(() => this.native.beginTransaction(), transactionVerdict);
    this.#closing = { requests: 1, before: this.native.closingRequests };
  }

  override produce(topic: string, batch: RecordBatch, from = 0): number {
    return classedNow(() => this.native.produce(topic, batch.memory, from), transactionVerdict);
  }

  sendOffsets(consumer: Consumer, positions: readonly Position[]): Promise<void> {
    if (!(consumer instanceof LibrdkafkaConsumer)) {
      throw new TypeError("Cannot send offsets: the consumer must be of the same adapter");
    }
    this.#closing.requests = 2;
    const { native, topic } = consumer;
    const sent = this.native.sendOffsets(native, topic, [...positions], REQUEST_MS_MAX);
    return classed(sent, transactionVerdict);
  }

  async commit(): Promise<void> {
    await classed(this.native.commitTransaction(REQUEST_MS_MAX), transactionVerdict);
    const sent = this.native.closingRequests - this.#closing.before;
    if (sent > this.#closing.requests) throw repeatedRequests(sent);
  }

  abort(): Promise<void> {
    return classed(this.native.abortTransaction(REQUEST_MS_MAX), transactionVerdict);
  }
}

function consumerEvent(event: NativeConsumerEvent): ConsumerEvent {
  if (event.type !== "error") return event;
  const { partition, error } = event;
  if (error.code === "_AUTO_OFFSET_RESET") return { type: "outOfRange", partition };
  return { type: "error", error: kafkaError(error) };
}
