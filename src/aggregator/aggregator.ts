/**
 * THE loop: poll → fold → one transaction of totals, dead letters and offsets → again.
 *
 * The fold continues during a commit. After any failure the loop goes on from what is committed.
 */

import type { Config } from "../config/config.ts";
import type { Admin, Consumer, ConsumerEvent, RecordBatch } from "../kafka/kafka.ts";
import type { RoleContext } from "../role.ts";
import type { OwnedPartition } from "../state/owned-partition.ts";
import { unlessStopped } from "../state/totals-log.ts";
import { Commit } from "./commit.ts";
import { DeadLetters } from "./dead-letters.ts";
import { Fold } from "./fold.ts";
import type { Clients } from "./logs.ts";
import { Output } from "./output-records.ts";
import { Pace } from "./pace.ts";
import { pollBatch } from "./poll-batch.ts";
import { Recovery } from "./recovery.ts";
import { Reporter } from "./reporter.ts";
import { Assignment, awaitsAnswer } from "./stops/assignment.ts";
import { Blame } from "./stops/blame.ts";
import { explainedWhenLate } from "./stops/coordinators.ts";
import { HeldPartitions } from "./stops/held.ts";
import { yieldingToNamesake } from "./stops/namesake.ts";
import type { Cause } from "./stops/stops.ts";
import { namingStrangers } from "./stops/strangers.ts";
import { reportTrouble } from "./stops/trouble.ts";
import { Uncounted } from "./stops/uncounted.ts";
import { TransactionSession } from "./transactions/session.ts";

/**
 * Runs until `context.signal` is aborted, then finishes the open transaction and leaves the group.
 * @throws KafkaError when a transaction or a restore cannot complete within its time-outs
 */
export async function runAggregator(context: RoleContext): Promise<void> {
  const { config, kafka } = context;
  const consumer = kafka.groupConsumer({ topic: config.inputTopic, group: config.group });
  const admin = kafka.admin();
  const session = new TransactionSession(context);
  void reportTrouble(context, admin);
  try {
    await explainedWhenLate("transactions", session.open(), { context, admin });
    context.ready();
    const counting = new Aggregator(context, { consumer, admin, session }).run();
    await yieldingToNamesake(namingStrangers(counting, { config, admin }), { context, admin });
  } finally {
    await Promise.allSettled([consumer.close(), session.close(), admin.close()]);
  }
}

class Aggregator {
  readonly #config: Config;
  readonly #clock: RoleContext["clock"];
  readonly #log: RoleContext["log"];
  readonly #signal: AbortSignal;
  readonly #consumer: Consumer;
  readonly #session: TransactionSession;
  readonly #recovery: Recovery;
  readonly #uncounted: Uncounted;
  readonly #reporter: Reporter;
  readonly #partitions = new Map<number, OwnedPartition>();
  readonly #deadLetters: DeadLetters;
  readonly #fold: Fold;
  readonly #pace: Pace;
  readonly #blame: Blame;
  readonly #output: Output;
  readonly #held: HeldPartitions;
  readonly #batch: RecordBatch;
  readonly #assignment: Assignment;
  /** The transaction in flight. Only #settle settles it. */
  #commit: Commit | undefined;

  constructor(
    context: RoleContext,
    clients: { consumer: Consumer; admin: Admin; session: TransactionSession },
  ) {
    this.#config = context.config;
    this.#clock = context.clock;
    this.#log = context.log;
    this.#signal = context.signal;
    this.#consumer = clients.consumer;
    this.#assignment = new Assignment(clients.consumer);
    void explainedWhenLate("group", this.#assignment.first, { context, admin: clients.admin });
    this.#session = clients.session;
    this.#deadLetters = new DeadLetters(context.config, context.clock);
    this.#fold = new Fold(this.#partitions, this.#deadLetters, context);
    this.#batch = pollBatch(context.config);
    this.#output = new Output(context.config);
    const [partitions, deadLetters, fold] = [this.#partitions, this.#deadLetters, this.#fold];
    const [assignment, { held }] = [this.#assignment, fold];
    this.#held = new HeldPartitions(context, { partitions, assignment, held });
    this.#pace = new Pace(context, { partitions, deadLetters, fold, ...clients });
    this.#blame = new Blame(context, clients.admin);
    this.#uncounted = new Uncounted(context);
    const release = this.#release;
    this.#recovery = new Recovery(context, { ...clients, release }, this.#uncounted);
    this.#reporter = new Reporter(context, clients.admin, this.#partitions);
  }

  async run(): Promise<void> {
    await unlessStopped(() => this.#loop());
    await unlessStopped(() => this.#drain());
  }

  async #loop(): Promise<void> {
    while (!this.#signal.aborted) {
      const waitMs = this.#pace.pollWaitMs({ isCommitting: this.#commit !== undefined });
      const events = await this.#consumer.poll(this.#batch, waitMs, this.#fold.sums());
      const offsets = this.#pace.counted(this.#fold.apply(this.#batch));
      for (const event of events) await this.#handle(event);
      if (!events.some(awaitsAnswer)) {
        await this.#assignment.quiet(this.#partitions);
        await this.#retryStopped();
      }
      await this.#held.tick();
      if (this.#commit && (this.#commit.ended || this.#deadLetters.full)) await this.#settle();
      if (!this.#commit && this.#pace.isDue) this.#begin();
      for (const id of this.#recovery.anew(this.#partitions)) await this.#skip(id);
      this.#reporter.tick();
      await this.#pace.gather(offsets, this.#batch);
    }
  }

  /** Ends the commit in flight, then commits what was folded during it. */
  async #drain(): Promise<void> {
    if (this.#commit) await this.#settle();
    if (this.#pace.isDirty) {
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
        return this.#skip(event.partition, event.cutAt);
      case "error": {
        const { code, message: reason, partitions, verdict } = event.error;
        this.#log.warning(reason, { code });
        if (partitions) return this.#drain().then(() => this.#stop(partitions, { reason }));
        if (verdict === "fatal") throw event.error;
      }
    }
  }

  async #own(partitions: readonly number[]): Promise<void> {
    const restored = await this.#restore(partitions);
    // Even an empty list, because the group waits for the answer.
    await this.#assignment.add(restored);
    this.#log.info("Partitions assigned.", {
      partitions: partitions.join(","),
      products: restored.reduce((sum, { totals }) => sum + totals.products.count, 0),
    });
  }

  async #restore(ids: readonly number[], retry: { isRetry?: boolean } = {}) {
    const restored = await this.#recovery.restore(ids, retry);
    // A restore can replace the producer, and a role without one must start again.
    this.#session.assertOpen();
    for (const partition of restored) this.#partitions.set(partition.id, partition);
    return restored;
  }

  /** Tries stopped partitions again, each when its pause is over and it may work again. */
  async #retryStopped(): Promise<void> {
    const ready = await this.#blame.readyOf(this.#uncounted);
    if (ready.length === 0) return;
    const restored = await this.#restore(ready, { isRetry: true });
    const ids = restored.map(({ id }) => id);
    this.#assignment.addSoon(ids);
    this.#uncounted.resume(ids);
  }

  /** Stops partitions alone, after their transaction has ended. Their open work is dropped. */
  #stop(ids: readonly number[], cause: Cause): void {
    const owned = ids.filter((id) => this.#partitions.delete(id));
    this.#uncounted.stop(owned, cause);
    this.#assignment.removeSoon(owned);
  }

  /** Stops the partitions on which the last transaction failed, if the others can do without. */
  async #stopBlamed(): Promise<void> {
    const { failed } = this.#session;
    if (!failed) return;
    const of = { owned: [...this.#partitions.keys()], letters: this.#deadLetters.sources };
    for (const { partitions, ...cause } of await this.#blame.find(failed, of)) {
      this.#stop(partitions, cause);
    }
  }

  /** Ends undecided transactions of these transactional ids. One of them can be our own. */
  readonly #release: Clients["release"] = async (writers, records) => {
    if (this.#commit) await this.#settle();
    await this.#session.release(this.#consumer, writers, records);
  };

  /** Given up: commits what is folded first. Lost: drops it, because others may own it. */
  async #disown(partitions: readonly number[], lost: boolean): Promise<void> {
    if (!lost) await this.#drain();
    const dropped = partitions.flatMap((id) => this.#partitions.get(id) ?? []);
    for (const id of partitions) this.#partitions.delete(id);
    this.#uncounted.forget(partitions);
    if (lost) {
      // After the deletion: a restore of partitions that others own would find contradictions.
      if (this.#commit) await this.#settle();
      await this.#rewind();
      // Lost partitions often come back before anybody else has owned them.
      this.#recovery.keep(dropped);
    }
    await this.#assignment.remove(partitions);
    this.#log.info(lost ? "Partitions lost." : "Partitions revoked.", {
      partitions: partitions.join(","),
    });
  }

  async #skip(id: number, cutAt?: number): Promise<void> {
    await this.#drain();
    const partition = this.#partitions.get(id);
    if (!partition) return;
    if (await this.#recovery.skipRemoved(partition, cutAt)) {
      return this.#consumer.seek([partition.next]);
    }
    this.#partitions.delete(id);
    this.#assignment.removeSoon([id]);
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
      owned: moved,
      isFirst: moved.some(({ writer }) => writer !== this.#session.transactionalId),
    });
    const startedAt = this.#clock.now();
    this.#commit = new Commit(moved, outcome, (outcome) => {
      this.#reporter.transactionEnded(outcome, this.#clock.now() - startedAt);
    });
    this.#pace.commitStarted();
  }

  /** Waits for the transaction in flight, then commits or restores the totals. */
  async #settle(): Promise<void> {
    const commit = this.#commit;
    this.#commit = undefined;
    const outcome = await commit?.outcome;
    if (outcome === "committed") {
      for (const partition of this.#partitions.values()) {
        partition.commit(this.#session.transactionalId);
      }
      this.#blame.committed();
      this.#uncounted.committed(commit?.partitions ?? []);
      this.#deadLetters.commit(this.#refusals);
    } else if (outcome) {
      await this.#stopBlamed();
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

  /** Reads what Kafka holds after a doubt or an abort, and where the next records must stand. */
  async #restoreAll(): Promise<void> {
    this.#deadLetters.rollback(this.#refusals, this.#session.failed);
    const owned = [...this.#partitions.keys()];
    this.#recovery.keep(this.#partitions.values(), this.#session.failed);
    this.#partitions.clear();
    await this.#restore(owned);
    this.#assignment.removeSoon(owned.filter((id) => !this.#partitions.has(id)));
    await this.#seekAll();
  }

  async #seekAll(): Promise<void> {
    const read = [...this.#partitions.values()].filter(({ id }) => this.#assignment.hasAny([id]));
    const positions = read.map(({ next }) => next);
    if (positions.length > 0) await this.#consumer.seek(positions);
  }
}
