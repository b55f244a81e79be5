/** The partitions that are not counted at the moment, and why: for the log, and for reports. */

import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { RoleContext } from "../../role.ts";
import { type Cause, refusals, Stops, stopSentence } from "./stops.ts";

export class Uncounted {
  readonly #log: Log;
  readonly #report: RoleContext["report"];
  readonly #stops: Stops;
  /** Partition → why its totals cannot be trusted. */
  readonly #refused = new Map<number, string>();
  /** The progress of a restore; undefined = no restore is running. */
  #restoredPercent: number | undefined;

  constructor({ clock, log, report }: { clock: Clock } & Pick<RoleContext, "log" | "report">) {
    this.#stops = new Stops(clock);
    this.#log = log;
    this.#report = report;
  }

  /** Notes that partitions are not counted for now. Logs each new cause once. */
  stop(partitions: Iterable<number>, cause: Cause): void {
    const news = this.#stops.add(partitions, cause);
    if (news.length > 0) {
      this.#log.warning(stopSentence(news, cause.reason), { partitions: news.join(",") });
    }
    this.#tell();
  }

  /** Notes that a partition is counted no more, nor tried again: its totals cannot be trusted. */
  refuse(partition: number, problem: string): void {
    this.#refused.set(partition, problem);
    this.#stops.forget([partition]);
    this.#tell();
    this.#log.error(`Cannot aggregate partition ${partition}: ${problem}.`, { partition });
  }

  /** The partition is refused no more. The end of the restore tells of that: see `progress`. */
  restored(partition: number): void {
    this.#refused.delete(partition);
  }

  /** See `Stops.due`. Also tells of partitions that have not failed again for a while. */
  due(): ReturnType<Stops["due"]> {
    if (this.#stops.calm()) this.#tell();
    return this.#stops.due();
  }

  /** Stopped partitions are read again. */
  resume(partitions: readonly number[]): void {
    this.#stops.resume(partitions);
    this.#tell();
  }

  /** A transaction with the partitions was committed. */
  committed(partitions: readonly number[]): void {
    if (this.#stops.committed(partitions)) this.#tell();
  }

  /** Forgets partitions that belong to others now. */
  forget(partitions: readonly number[]): void {
    for (const partition of partitions) this.#refused.delete(partition);
    this.#stops.forget(partitions);
    this.#tell();
  }

  /** How much of a restore is done, in percent; undefined = no restore is running. */
  progress(percent: number | undefined): void {
    this.#restoredPercent = percent;
    this.#tell();
  }

  #tell(): void {
    this.#report({
      figures: {
        salesboard_aggregator_partitions_refused: this.#refused.size,
        salesboard_aggregator_partitions_stopped: this.#stops.waiting.length,
      },
      counting: {
        refused: refusals(this.#refused),
        stopped: this.#stops.sentences,
        restoredPercent: this.#restoredPercent,
      },
    });
  }
}
