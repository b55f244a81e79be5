/** The port's clients on the addon. They word and classify errors and retry calls. */

import type { Concerned } from "./explanations.ts";
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
  classedNow,
  classify,
  kafkaError,
  transactionVerdict,
  verdict,
  withRetries,
} from "./librdkafka-errors.ts";
import type { NativeConsumer, NativeConsumerEvent, NativeProducer } from "./native.ts";

/** The longest wait for one answer of a broker. Callers that can wait longer retry. */
export const REQUEST_MS_MAX = 10_000;
/** Tries to read offsets: enough to outlast the transaction of a dead owner. */
const COMMITTED_ATTEMPTS_MAX = 3;
export const CLOSE_MS_MAX = 3_000;
/** After this time librdkafka asks by itself. */
const LOCATE_MS_MAX = 1_000;
/** librdkafka's words for a log that was cut below the position. */
const CUT = /log truncation detected at .*: broker end offset is (\d+)/;
/** Records of one partition do not have the checksum, or the form, that they must have. */
const DAMAGED = "_BAD_MSG";
/** The answer of `committed` for a partition without an offset. */
const OFFSET_INVALID = -1001;

export class LibrdkafkaConsumer implements Consumer {
  readonly native: NativeConsumer;
  readonly topic: string;
  #unsubscribed: boolean;
  /** librdkafka knows the leaders of the topic's partitions. */
  #isLocated: boolean;
  /** Partitions out of range. librdkafka has stopped them and refuses to seek. */
  readonly #stopped = new Set<number>();
  readonly #of: Concerned;

  constructor(
    consumer: NativeConsumer,
    options: { topic: string; group: string; subscribes: boolean },
  ) {
    this.native = consumer;
    this.topic = options.topic;
    this.#of = { topic: options.topic, group: options.group };
    this.#unsubscribed = options.subscribes;
    this.#isLocated = options.subscribes;
  }

  async poll(batch: RecordBatch, waitMs: number, sums?: SaleSums): Promise<ConsumerEvent[]> {
    if (this.#unsubscribed) {
      await classify(this.native.subscribe(this.topic), verdict, this.#of);
      this.#unsubscribed = false;
    }
    const summing = sums?.asArguments() ?? ([] as const);
    const polled = this.native.poll(batch.memory, waitMs, ...summing);
    const events = await classify(polled, verdict, this.#of);
    if (batch.bytesNeeded > 0) batch.grow(batch.bytesNeeded);
    return events.map((event) => this.#noted(consumerEvent(event, this.#of)));
  }

  async assign(positions: readonly Position[]): Promise<void> {
    if (!this.#isLocated) await this.#locate(positions);
    for (const { partition } of positions) this.#stopped.delete(partition);
    await classify(this.native.assign(this.topic, [...positions]), verdict, this.#of);
  }

  /**
   * Makes librdkafka ask for the leaders at once, by a question about one partition. It would
   * wait up to a second for a topic that is new to it. A missing answer does no harm.
   */
  async #locate([first]: readonly Position[]): Promise<void> {
    if (!first) return;
    this.#isLocated = true;
    await this.native.watermarks(this.topic, [first.partition], LOCATE_MS_MAX).catch(() => {});
  }

  get group(): string | undefined {
    return this.#of.group;
  }

  unassign(partitions: readonly number[]): Promise<void> {
    return classify(this.native.unassign(this.topic, [...partitions]), verdict, this.#of);
  }

  async seek(positions: readonly Position[]): Promise<void> {
    const stopped = positions.filter(({ partition }) => this.#stopped.has(partition));
    const others = positions.filter(({ partition }) => !this.#stopped.has(partition));
    if (stopped.length > 0) {
      // Stopped partitions continue only after a new assignment.
      await this.unassign(stopped.map(({ partition }) => partition));
      await this.assign(stopped);
    }
    if (others.length === 0) return;
    const sought = this.native.seek(this.topic, others, REQUEST_MS_MAX);
    await classify(sought, verdict, this.#of);
  }

  rest(restMs: number): void {
    this.native.restFetch(restMs);
  }

  #noted(event: ConsumerEvent): ConsumerEvent {
    if (event.type === "outOfRange") this.#stopped.add(event.partition);
    return event;
  }

  async committed(partitions: readonly number[]) {
    const wanted = [...partitions];
    const ask = () => this.native.committed(this.topic, wanted, REQUEST_MS_MAX);
    const answers = await withRetries(ask, COMMITTED_ATTEMPTS_MAX, this.#of);
    return answers.map(({ partition, offset }) => ({
      partition,
      offset: offset === OFFSET_INVALID ? null : offset,
    }));
  }

  close(): Promise<void> {
    return classify(this.native.close(CLOSE_MS_MAX));
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

  get acknowledged(): number {
    return this.native.acknowledged;
  }

  produce(topic: string, batch: RecordBatch, from = 0): number {
    return classedNow(() => this.native.produce(topic, batch.memory, from));
  }

  takeFailures() {
    return this.native.takeFailures().map((row) => {
      return { ...row, error: kafkaError(row.error, verdict, { topic: row.topic }) };
    });
  }

  flush(timeoutMs: number): Promise<void> {
    return classify(this.native.flush(timeoutMs));
  }

  close(): Promise<void> {
    return classify(this.native.close(CLOSE_MS_MAX));
  }
}

/**
 * librdkafka silently repeats a request when its connection breaks or the answer is late. The first
 * request may still arrive, and would then act on the next transaction of the same epoch. So this
 * producer must not begin another one.
 */
function repeatedRequests(sent: number): KafkaError {
  return new KafkaError(
    `Cannot reuse this producer: it sent TxnOffsetCommit and EndTxn ${sent} times in one ` +
      "transaction, and one of these requests may still be under way.",
    { code: "_TRANSPORT", verdict: "fatal" },
  );
}

export class LibrdkafkaTransactionalProducer
  extends LibrdkafkaProducer
  implements TransactionalProducer
{
  /** Closing requests that this transaction needs without repeats, and those before it. */
  #closing = { requests: 0, before: 0 };
  readonly #of: Concerned;

  constructor(producer: NativeProducer, transactionalId: string) {
    super(producer);
    this.#of = { transactionalId };
  }

  init(): Promise<void> {
    return classify(this.native.initTransactions(REQUEST_MS_MAX), transactionVerdict, this.#of);
  }

  begin(): void {
    classedNow(() => this.native.beginTransaction(), transactionVerdict, this.#of);
    this.#closing = { requests: 1, before: this.native.closingRequests };
  }

  override produce(topic: string, batch: RecordBatch, from = 0): number {
    return classedNow(
      () => this.native.produce(topic, batch.memory, from),
      transactionVerdict,
      this.#of,
    );
  }

  appended(topic: string) {
    return this.native.appended(topic);
  }

  sendOffsets(consumer: Consumer, positions: readonly Position[]): Promise<void> {
    if (!(consumer instanceof LibrdkafkaConsumer)) {
      throw new TypeError("Cannot send offsets: the consumer must come from the same adapter");
    }
    this.#closing.requests = 2;
    const { native, topic } = consumer;
    const sent = this.native.sendOffsets(native, topic, [...positions], REQUEST_MS_MAX);
    const of = { ...this.#of, group: consumer.group };
    return classify(sent, transactionVerdict, of);
  }

  async commit(): Promise<void> {
    await classify(this.native.commitTransaction(REQUEST_MS_MAX), transactionVerdict, this.#of);
    const sent = this.native.closingRequests - this.#closing.before;
    if (sent > this.#closing.requests) throw repeatedRequests(sent);
  }

  abort(): Promise<void> {
    return classify(this.native.abortTransaction(REQUEST_MS_MAX), transactionVerdict, this.#of);
  }
}

function consumerEvent(event: NativeConsumerEvent, of: Concerned): ConsumerEvent {
  if (event.type !== "error") return event;
  const { partition, error } = event;
  if (error.code === "_AUTO_OFFSET_RESET") {
    const cutAt = CUT.exec(error.message)?.[1];
    return { type: "outOfRange", partition, ...(cutAt !== undefined && { cutAt: Number(cutAt) }) };
  }
  const partitions = error.code === DAMAGED && partition >= 0 ? [partition] : undefined;
  return { type: "error", error: kafkaError(error, verdict, of, partitions) };
}
