/**
 * Notes every ten seconds where the logs of the owned partitions end. The committed state in memory
 * contains everything below these offsets, so a restore need not read that again. See `kept.ts`.
 */

import { boardTopics } from "../config/config.ts";
import { type Admin, KafkaError } from "../kafka/kafka.ts";
import type { RoleContext } from "../role.ts";
import type { OwnedPartition } from "../state/owned-partition.ts";

const INTERVAL_MS = 10_000;

export class Marks {
  readonly #context: RoleContext;
  readonly #admin: Admin;
  readonly #partitions: ReadonlyMap<number, OwnedPartition>;
  #askedAt = Number.NEGATIVE_INFINITY;
  #isAsking = false;

  constructor(context: RoleContext, admin: Admin, partitions: ReadonlyMap<number, OwnedPartition>) {
    this.#context = context;
    this.#admin = admin;
    this.#partitions = partitions;
  }

  /** Cheap enough for every turn of the loop. */
  tick(): void {
    const now = this.#context.clock.now();
    if (this.#isAsking || now - this.#askedAt < INTERVAL_MS) return;
    this.#askedAt = now;
    void this.#ask();
  }

  async #ask(): Promise<void> {
    const { config } = this.#context;
    const { outputTopic, historyTopic, history } = config;
    const endOf = async (topic: string, partition: number) =>
      (await this.#admin.watermarks(topic, partition)).high;
    this.#isAsking = true;
    try {
      for (const partition of [...this.#partitions.values()]) {
        if (!partition.isSealedSinceNote) continue;
        const output = await endOf(outputTopic, partition.id);
        const dimensions: number[] = [];
        for (const { topic } of boardTopics(config)) {
          dimensions.push(await endOf(topic, partition.id));
        }
        partition.noteEnds({
          output,
          dimensions,
          history: history === "on" ? await endOf(historyTopic, partition.id) : 0,
        });
      }
    } catch (error) {
      // The broker is unreachable. The loop itself finds that out and says so.
      if (!(error instanceof KafkaError)) throw error;
    } finally {
      this.#isAsking = false;
    }
  }
}
