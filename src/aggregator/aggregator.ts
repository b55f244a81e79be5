/**
 * THE loop: poll → fold → one transaction of totals, dead letters and offsets → again.
 *
 * The fold continues while a commit is in flight. After any failure the loop returns to the
 * committed state: an abort drops the open work and reads its records again; an unknown outcome
 * restores the totals from Kafka.
 */

import type { Config } from "../config/config.ts";
import type { Admin, Consumer, ConsumerEvent, RecordBatch } from "../kafka/kafka.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { RoleContext } from "../role.ts";
import type { OwnedPartition } from "../state/owned-partition.ts";
import { unlessStopped } from "../state/totals-log.ts";
import { DeadLetters } from "./dead-letters.ts";
import { Fold } from "./fold.ts";
import { HeldPartitions } from "./held.ts";
import { Output } from "./output-records.ts";
import { pollBatch } from "./poll-batch.ts";
import { Recovery } from "./recovery.ts";
import { Reporter } from "./reporter.ts";
import { type Outcome, TransactionSession } from "./transaction.ts";

/** The longest wait for a sale, and so the time to notice a stop. */
const POLL_WAIT_MS_MAX = 100;
/** How often the loop checks whether an overdue commit has ended. */
const COMMIT_POLL_WAIT_MS = 2;
/** A slower flow fits into the consumer's queue while the loop waits. */
const TRICKLE_OFFSETS_PER_MS = 200;

/**
 * Runs until `context.signal` is aborted, then finishes the open transaction and leaves the group.
 * @throws KafkaError when a transaction or a restore cannot complete within its time-outs
 */
export async function runAggregator(context: RoleContext): Promise<void> {
  const { config, kafka } = context;
  const consumer = kafka.groupConsumer({ topic: config.inputTopic, group: config.group });
  const admin = kafka.admin();
  const session = new TransactionSession(context);
  try {
    await session.open();
    context.ready();
    await new Aggregator(context, { consumer, admin, session }).run();
  } finally {
    await Promise.allSettled([consumer.close(), session.close(), admin.close()]);
  }
}

class Aggregator {
  readonly #config: Config;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #signal: AbortSignal;
  readonly #consumer: Consumer;
  readonly #session: TransactionSession;
  readonly #recovery: Recovery;
  readonly #reporter: Reporter;
  readonly #partitions = new Map<number, OwnedPartition>();
  readonly #deadLetters: DeadLetters;
  readonly #fold: Fold;
  readonly #output: Output;
  readonly #held: HeldPartitions;
  readonly #batch: RecordBatch;
  /** Partitions that the consumer reads: owned, and neither refused nor held. */
  readonly #assigned = new Set<number>();
  /** The transaction in flight. Only #settle settles it. */
  #commit: { outcome: Promise<Outcome>; ended: boolean } | undefined;
  #commitStartedAt = Number.NEGATIVE_INFINITY;
  #gatheredAt = 0;

  constructor(
    context: RoleContext,
    clients: { consumer: Consumer; admin: Admin; session: TransactionSession },
  ) {
    this.#config = context.config;
    this.#clock = context.clock;
    this.#log = context.log;
    this.#signal = context.signal;
    this.#consumer = clients.consumer;
    this.#session = clients.session;
    this.#deadLetters = new DeadLetters(context.config.inputTopic);
    this.#fold = new Fold(this.#partitions, this.#deadLetters, context);
    const [partitions, assigned] = [this.#partitions, this.#assigned];
    const { held } = this.#fold;
    this.#held = new HeldPartitions(context, { ...clients, partitions, assigned, held });
    this.#batch = pollBatch(context.config);
    this.#output = new Output(context.config);
    this.#recovery = new Recovery(context, { ...clients, release: (ids) => this.#release(ids) });
    this.#reporter = new Reporter(context, clients.admin, this.#partitions);
  }

  async run(): Promise<void> {
    await unlessStopped(() => this.#loop());
    await unlessStopped(() => this.#drain());
  }

  async #loop(): Promise<void> {
    while (!this.#signal.aborted) {
      const events = await this.#consumer.poll(this.#batch, this.#pollWaitMs(), this.#fold.sums());
      const offsets = this.#fold.apply(this.#batch);
      for (const event of events) await this.#handle(event);
      await this.#held.tick();
      if (this.#commit?.ended) await this.#settle();
      if (this.#commit && this.#deadLetters.full) await this.#settle();
      if (!this.#commit && this.#due()) this.#begin();
      this.#reporter.tick();
      await this.#gather(offsets);
    }
  }

  /**
   * Lets a trickle of sales gather until the next commit. Nobody sees the sales before, and a poll
   * for each fetch would cost more than all the rest.
   */
  async #gather(offsets: number): Promise<void> {
    const elapsedMs = Math.max(this.#clock.now() - this.#gatheredAt, 1);
    const isSlow = offsets < TRICKLE_OFFSETS_PER_MS * elapsedMs;
    const isTrickle = isSlow && this.#fold.hasCaughtUp(this.#batch);
    if (isTrickle && this.#dirty() && !this.#deadLetters.full) {
      const wait = Math.min(this.#untilDueMs(), POLL_WAIT_MS_MAX);
      if (wait > 0) await this.#clock.sleep(wait);
    }
    this.#gatheredAt = this.#clock.now();
  }

  /** Ends the commit in flight, then commits what was folded during it. */
  async #drain(): Promise<void> {
    if (this.#commit) await this.#settle();
    if (this.#dirty()) {
      this.#begin();
      await this.#settle();
    }
  }

  async #handle(event: ConsumerEvent): Promise<void> {
    switch (event.type) {
      case "assigned":
        return this.#own(event.partitions);
      case "revoked":
        return this.#disown(event.partitions, event.lost);
      case "outOfRange":
        return this.#skip(event.partition);
      case "error":
        this.#log.warning(event.error.message, { code: event.error.code });
        if (event.error.verdict === "fatal") throw event.error;
    }
  }

  async #own(partitions: readonly number[]): Promise<void> {
    const restored = await this.#recovery.restore(partitions);
    for (const partition of restored) this.#partitions.set(partition.id, partition);
    // Even an empty list, because the group waits for the answer.
    await this.#consumer.assign(restored.map(({ next }) => next));
    for (const { id } of restored) this.#assigned.add(id);
    this.#log.info("Partitions assigned.", {
      partitions: partitions.join(","),
      products: restored.reduce((sum, { totals }) => sum + totals.products.count, 0),
    });
  }

  /** Ends undecided transactions of these transactional ids. One of them can be our own. */
  async #release(writers: ReadonlyMap<string, number>): Promise<void> {
    if (this.#commit) await this.#settle();
    await this.#session.release(this.#consumer, writers);
  }

  /** Given up: commits what is folded first. Lost: drops it, because others may own it. */
  async #disown(partitions: readonly number[], lost: boolean): Promise<void> {
    if (!lost) await this.#drain();
    const dropped = partitions.flatMap((id) => this.#partitions.get(id) ?? []);
    for (const id of partitions) this.#partitions.delete(id);
    this.#recovery.forget(partitions);
    if (lost) {
      // After the deletion: a restore of partitions that others own would find contradictions.
      if (this.#commit) await this.#settle();
      await this.#rewind();
      // Lost partitions often come back before anybody else has owned them.
      this.#recovery.keep(dropped);
    }
    await this.#unassign(partitions);
    this.#log.info(lost ? "Partitions lost." : "Partitions revoked.", {
      partitions: partitions.join(","),
    });
  }

  /** Call even when none of them is read, because the group waits for the answer. */
  async #unassign(partitions: readonly number[]): Promise<void> {
    await this.#consumer.unassign(partitions.filter((id) => this.#assigned.delete(id)));
  }

  async #skip(id: number): Promise<void> {
    await this.#drain();
    const partition = this.#partitions.get(id);
    if (!partition) return;
    if (await this.#recovery.skipRemoved(partition)) {
      await this.#consumer.seek([{ partition: id, offset: partition.position }]);
    } else {
      this.#partitions.delete(id);
      await this.#unassign([id]);
    }
  }

  #dirty(): boolean {
    for (const partition of this.#partitions.values()) if (partition.moved) return true;
    return false;
  }

  /** A transaction is due once the interval since the last one is over; at once after idleness. */
  #due(): boolean {
    if (!this.#dirty()) return false;
    return this.#untilDueMs() <= 0 || this.#deadLetters.full;
  }

  #untilDueMs(): number {
    return this.#commitStartedAt + this.#config.commitIntervalMs - this.#clock.now();
  }

  #pollWaitMs(): number {
    if (!this.#dirty()) return POLL_WAIT_MS_MAX;
    if (this.#deadLetters.full) return 0;
    const atLeast = this.#commit ? COMMIT_POLL_WAIT_MS : 0;
    return Math.round(Math.min(Math.max(this.#untilDueMs(), atLeast), POLL_WAIT_MS_MAX));
  }

  #begin(): void {
    const moved = [...this.#partitions.values()].filter((partition) => partition.moved);
    const records = this.#output.records({
      partitions: moved.map((one) => one.seal({ refreshes: this.#config.isEmbedded })),
      deadLetters: this.#deadLetters.seal(),
      writer: this.#session.transactionalId,
      at: this.#clock.date(),
    });
    const outcome = this.#session.run({
      records,
      consumer: this.#consumer,
      positions: moved.map(({ next }) => next),
      isFirst: moved.some(({ writer }) => writer !== this.#session.transactionalId),
    });
    const startedAt = this.#clock.now();
    const commit = { outcome, ended: false };
    const end = (outcome?: Outcome) => {
      commit.ended = true;
      this.#reporter.transactionEnded(outcome, this.#clock.now() - startedAt);
    };
    outcome.then(end, () => end());
    this.#commit = commit;
    this.#commitStartedAt = startedAt;
  }

  /** Waits for the transaction in flight, then commits, rewinds or restores the totals. */
  async #settle(): Promise<void> {
    const commit = this.#commit;
    this.#commit = undefined;
    const outcome = await commit?.outcome;
    if (outcome === "committed") {
      for (const partition of this.#partitions.values()) {
        partition.commit(this.#session.transactionalId);
      }
      this.#deadLetters.commit(this.#refusals);
    } else if (outcome === "aborted") {
      await this.#rewind();
    } else if (outcome === "unknown") {
      await this.#restoreAll();
    }
  }

  /** How often the dead-letter topic has refused a size. */
  get #refusals(): number {
    return this.#session.refusalsOf(this.#config.deadLetterTopic);
  }

  /** Returns to the committed totals and positions. The sales since then are read again. */
  async #rewind(): Promise<void> {
    this.#deadLetters.rollback(this.#refusals);
    for (const partition of this.#partitions.values()) partition.rollback();
    await this.#seekAll();
  }

  /** Restores from Kafka, because memory cannot know whether the last transaction committed. */
  async #restoreAll(): Promise<void> {
    this.#deadLetters.rollback(this.#refusals);
    const owned = [...this.#partitions.keys()];
    this.#recovery.keep(this.#partitions.values());
    this.#partitions.clear();
    for (const partition of await this.#recovery.restore(owned)) {
      this.#partitions.set(partition.id, partition);
    }
    const refused = owned.filter((id) => !this.#partitions.has(id));
    if (refused.length > 0) await this.#unassign(refused);
    await this.#seekAll();
  }

  async #seekAll(): Promise<void> {
    const read = [...this.#partitions.values()].filter(({ id }) => this.#assigned.has(id));
    const positions = read.map(({ next }) => next);
    if (positions.length > 0) await this.#consumer.seek(positions);
  }
}
