/** Reports the aggregator's figures for /metrics, and notes where the logs end. */

import { linesIn } from "../domain/sums.ts";
import { type Admin, KafkaError } from "../kafka/kafka.ts";
import type { RoleContext } from "../role.ts";
import type { OwnedPartition } from "../state/owned-partition.ts";
import { Marks } from "./marks.ts";
import type { Outcome } from "./transactions/session.ts";

const REPORT_INTERVAL_MS = 1_000;
const LAG_INTERVAL_MS = 5_000;

export class Reporter {
  readonly #context: RoleContext;
  readonly #admin: Admin;
  readonly #partitions: ReadonlyMap<number, OwnedPartition>;
  readonly #marks: Marks;
  readonly #ended: Record<Outcome, number> = { committed: 0, aborted: 0, unknown: 0 };
  #commitSeconds = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #lagAt = Number.NEGATIVE_INFINITY;
  #isAsking = false;

  constructor(context: RoleContext, admin: Admin, partitions: ReadonlyMap<number, OwnedPartition>) {
    this.#context = context;
    this.#admin = admin;
    this.#partitions = partitions;
    this.#marks = new Marks(context, admin, partitions);
  }

  transactionEnded(outcome: Outcome | undefined, tookMs: number): void {
    if (!outcome) return;
    this.#ended[outcome]++;
    this.#commitSeconds += tookMs / 1000;
  }

  /** Call on every turn of the loop; cheap. */
  tick(): void {
    this.#marks.tick();
    const now = this.#context.clock.now();
    if (now - this.#reportedAt >= REPORT_INTERVAL_MS) {
      this.#reportedAt = now;
      this.#report();
    }
    // One request at a time, because each takes long to fail while brokers are away.
    if (now - this.#lagAt >= LAG_INTERVAL_MS && !this.#isAsking) {
      this.#lagAt = now;
      void this.#reportLag();
    }
  }

  #report(): void {
    const owned = [...this.#partitions.values()];
    const figures = {
      salesboard_aggregator_partitions: owned.length,
      salesboard_aggregator_products: sum(owned, ({ totals }) => totals.products.count),
      salesboard_aggregator_sales: sum(owned, ({ totals }) => Number(totals.sales)),
      salesboard_aggregator_returns: sum(owned, ({ totals }) => Number(totals.returns)),
      salesboard_aggregator_filtered: sum(owned, ({ filtered }) => Number(filtered)),
      salesboard_aggregator_untimed: sum(owned, ({ untimed }) => Number(untimed)),
      salesboard_aggregator_dead_letters: sum(owned, ({ deadLetters }) => Number(deadLetters)),
      salesboard_aggregator_skipped_records: sum(owned, ({ skipped }) => Number(skipped)),
      ...(this.#context.config.history === "on" && historyFigures(owned)),
      salesboard_aggregator_transactions_committed_total: this.#ended.committed,
      salesboard_aggregator_transactions_aborted_total: this.#ended.aborted,
      salesboard_aggregator_transactions_unknown_total: this.#ended.unknown,
      salesboard_aggregator_transaction_seconds_total: this.#commitSeconds,
    };
    this.#context.report({ figures });
  }

  /** Reports the records between the folded positions and the ends of the input. */
  async #reportLag(): Promise<void> {
    const { report, config } = this.#context;
    this.#isAsking = true;
    try {
      let lag = 0;
      const all = await this.#admin.allWatermarks(config.inputTopic, [...this.#partitions.keys()]);
      for (const [id, { high }] of all) {
        // A partition that was given up during the request has no lag.
        lag += Math.max(0, high - (this.#partitions.get(id)?.position ?? high));
      }
      report({ figures: { salesboard_aggregator_lag_records: lag } });
    } catch (error) {
      // The broker is away; the loop itself reports that.
      if (!(error instanceof KafkaError)) throw error;
    } finally {
      this.#isAsking = false;
    }
  }
}

function historyFigures(owned: readonly OwnedPartition[]) {
  const histories = owned.flatMap(({ history }) => history ?? []);
  return {
    salesboard_aggregator_history_bytes: sum(histories, ({ bytes }) => bytes),
    salesboard_aggregator_history_older: sum(histories, ({ state }) =>
      Number(linesIn(state.older)),
    ),
    salesboard_aggregator_history_late: sum(histories, ({ state }) => state.late),
    salesboard_aggregator_history_untimed: sum(histories, ({ state }) => state.untimed),
    salesboard_aggregator_history_ahead: sum(histories, ({ state }) => state.ahead),
    salesboard_aggregator_history_unrecorded: sum(histories, ({ state }) => state.unrecorded),
  };
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
