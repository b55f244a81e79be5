/**
 * Reads from Kafka what a restore needs: the group's offsets of some partitions, then their logs of
 * totals, by product and by each dimension, and of history.
 */

import { boardTopics, type Config, pairedTopics } from "../config/config.ts";
import { type Admin, type Consumer, KafkaError } from "../kafka/kafka.ts";
import type { RoleContext } from "../role.ts";
import { HeldUpError, NOT_REACHED } from "../state/held-up.ts";
import { type RestoredHistory, readHistory } from "../state/history-log.ts";
import {
  LOG_CUT,
  type LogPartitions,
  lastWriters,
  type Restored,
  readOutput,
} from "../state/totals-log.ts";
import type { Kept } from "./kept.ts";
import { Undecided, type WrittenPartitions } from "./transactions/undecided.ts";

interface CommittedOffset {
  partition: number;
  offset: number | null;
}

export interface FoundPartition extends Restored, CommittedOffset {
  /** One for each dimension. */
  dimensions: readonly Restored[];
  /** Undefined = no history is kept. */
  past: RestoredHistory | undefined;
}

/**
 * Longer than a dead owner's transaction can stay open. After this time without a record, a
 * partition waits for a transaction that nobody ends, and the others count without it.
 */
const SILENCE_MS_MAX = 30_000;
/**
 * For partitions that are tried again, because the others stand still meanwhile. It doubles after
 * each try in vain: over a slow network, a new reader needs seconds for TLS and login.
 */
const RETRY_SILENCE_MS = { min: 2_000, max: 8_000 } as const;
/** How often a look reports its progress. */
const PROGRESS_INTERVAL_MS = 1_000;

export interface Clients {
  consumer: Consumer;
  admin: Admin;
  /**
   * Ends what these transactional ids left undecided, each found on the partition beside it: of
   * their offsets, and of their records on partitions of our topics.
   */
  release: (writers: ReadonlyMap<string, number>, records?: WrittenPartitions) => Promise<void>;
}

export class Logs {
  readonly #context: RoleContext;
  readonly #config: Config;
  readonly #clients: Clients;
  readonly #onProgress: (percent: number) => void;
  #toldAt = Number.NEGATIVE_INFINITY;
  readonly #undecided: Undecided;
  /** The partitions that are read now were stopped before. */
  isRetry = false;
  #retrySilenceMs: number = RETRY_SILENCE_MS.min;

  /** `onProgress` hears once a second how much of the logs has been read, in percent. */
  constructor(context: RoleContext, clients: Clients, onProgress: (percent: number) => void) {
    this.#context = context;
    this.#config = context.config;
    this.#clients = clients;
    this.#onProgress = onProgress;
    this.#undecided = new Undecided(context.clock);
  }

  /**
   * Reads the offsets and logs of `partitions`. For a partition in `kept`, reads only the records
   * after the kept state.
   * @throws KafkaError when Kafka does not answer within the bounds, or when the role is stopping
   */
  async look(
    partitions: readonly number[],
    kept: ReadonlyMap<number, Kept> = new Map(),
  ): Promise<FoundPartition[]> {
    const places = new Set<string>();
    for (;;) {
      try {
        const found = await this.#look(partitions, kept);
        this.#retrySilenceMs = RETRY_SILENCE_MS.min;
        return found;
      } catch (error) {
        this.#noteSilence(error);
        // Not twice for one place, because all partitions wait here. A later look tries it again.
        const isNews = error instanceof HeldUpError && isAnyNew(error, places);
        if (!isNews || !(await this.#endUndecided(error, partitions))) throw error;
      }
    }
  }

  #noteSilence(error: unknown): void {
    if (!(error instanceof KafkaError) || error instanceof HeldUpError) return;
    if (!this.isRetry || error.code !== NOT_REACHED) return;
    this.#retrySilenceMs = Math.min(2 * this.#retrySilenceMs, RETRY_SILENCE_MS.max);
  }

  async #look(
    partitions: readonly number[],
    kept: ReadonlyMap<number, Kept>,
  ): Promise<FoundPartition[]> {
    // The committed offsets first: Kafka answers once open transactions are decided. The totals
    // that belong to these offsets are then below the high watermark that is asked for next.
    const committed = await this.#committed(partitions);
    const known = new Map([...kept].map(([partition, { output }]) => [partition, output]));
    const output = await readOutput(this.#outputs(partitions), known);
    const past = await this.#readHistory(output, kept);
    const dimensions = await this.#readDimensions(partitions, kept);
    return committed.map(({ partition, offset }) => ({
      ...(output.get(partition) as Restored),
      dimensions: dimensions.map((found) => found.get(partition) as Restored),
      partition,
      offset,
      past: past?.get(partition),
    }));
  }

  async #readHistory(
    output: ReadonlyMap<number, Restored>,
    kept: ReadonlyMap<number, Kept>,
  ): Promise<Map<number, RestoredHistory> | undefined> {
    const { history, historyTopic: topic } = this.#config;
    if (history === "off") return undefined;
    const totals = new Map([...output].map(([partition, { totals }]) => [partition, totals]));
    const known = new Map<number, RestoredHistory>();
    for (const [partition, { past }] of kept) if (past) known.set(partition, past);
    return readHistory({ ...this.#outputs([...output.keys()]), topic }, totals, known);
  }

  /** One for each dimension, by partition. */
  async #readDimensions(
    partitions: readonly number[],
    kept: ReadonlyMap<number, Kept>,
  ): Promise<Map<number, Restored>[]> {
    const found: Map<number, Restored>[] = [];
    for (const [i, { topic }] of boardTopics(this.#config).entries()) {
      const known = new Map<number, Restored>();
      for (const [partition, { dimensions }] of kept) {
        known.set(partition, dimensions[i] as Restored);
      }
      found.push(await readOutput({ ...this.#outputs(partitions), topic }, known));
    }
    return found;
  }

  /** Reads what came after the kept state; empty when a log was cut above its offset. */
  async lookAtRest(kept: ReadonlyMap<number, Kept>): Promise<FoundPartition[]> {
    if (kept.size === 0) return [];
    try {
      return await this.look([...kept.keys()], kept);
    } catch (error) {
      if (error instanceof KafkaError && error.code === LOG_CUT) return [];
      throw error;
    }
  }

  #outputs(partitions: readonly number[]): LogPartitions {
    const { kafka, clock, signal } = this.#context;
    const { admin } = this.#clients;
    const onProgress = (read: number, total: number) => {
      if (clock.now() - this.#toldAt < PROGRESS_INTERVAL_MS) return;
      this.#toldAt = clock.now();
      this.#onProgress(Math.floor((100 * read) / total));
    };
    const topic = this.#config.outputTopic;
    const source = { kafka, clock, admin, signal, topic, partitions, onProgress };
    return { ...source, silenceMsMax: this.isRetry ? this.#retrySilenceMs : SILENCE_MS_MAX };
  }

  /**
   * Kafka 4.3.1 can lose the marker of a transaction that times out while its broker starts. The
   * offsets of that transaction stay pending, and Kafka never answers. The output topic names the
   * producer that sent them, if only in an aborted record, so we end its transaction.
   */
  async #committed(partitions: readonly number[]): Promise<CommittedOffset[]> {
    try {
      return await this.#clients.consumer.committed(partitions);
    } catch (error) {
      if (!(error instanceof KafkaError) || error.code !== "_TIMED_OUT") throw error;
      await this.#release(partitions, {
        message: "Ending pending offsets of earlier transactions.",
        reason: error.message,
      });
      return this.#clients.consumer.committed(partitions);
    }
  }

  /**
   * The same for the records of such a transaction. They can stand in each of our topics, and on
   * each partition, and each would be found only after another silence. False = the transaction is
   * not to be ended here, or now.
   */
  async #endUndecided(error: HeldUpError, partitions: readonly number[]): Promise<boolean> {
    const due = this.#undecided.due(error);
    if (due.length === 0) return false;
    const message = "Ending undecided records of earlier transactions.";
    const records = { topics: pairedTopics(this.#config), partitions };
    await this.#release(due, { message, reason: error.message, records });
    return true;
  }

  async #release(
    partitions: readonly number[],
    of: { message: string; reason: string; records?: WrittenPartitions },
  ): Promise<void> {
    const { message, reason, records } = of;
    const writers = await lastWriters(this.#outputs(partitions));
    const ids = [...writers.keys()].join(",");
    this.#context.log.warning(message, { reason, writers: ids });
    await this.#clients.release(writers, records);
  }
}

/** Notes where readers are held up. False = all of these places were noted before. */
function isAnyNew({ topic, held }: HeldUpError, places: Set<string>): boolean {
  const before = places.size;
  for (const [partition, offset] of held) places.add(`${topic} ${partition} ${offset}`);
  return places.size > before;
}
