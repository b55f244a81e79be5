/**
 * The committed state of a partition that this process still has in memory, in the form of a
 * restore. The restore then reads only later records from Kafka.
 *
 * This is exact for two reasons. First, the committed state in memory equals the logs up to a known
 * offset. A restore that goes on from that offset meets every later record, whoever wrote it.
 * Second, the result must obey the same laws as a restore from the start. The laws would reveal a
 * missed transaction: each transaction raises the group's offset, and sales of a product only grow,
 * so totals with an old entry add up to less than the bookkeeping says.
 */

import type { Config } from "../config/config.ts";
import type { Totals } from "../domain/totals.ts";
import { placeOf } from "../history/rings.ts";
import { mappingFingerprint } from "../mapping/input-judge.ts";
import type { RestoredHistory } from "../state/history-log.ts";
import type { OwnedPartition } from "../state/owned-partition.ts";
import type { Restored } from "../state/totals-log.ts";

export interface Kept {
  output: Restored;
  /** One for each dimension. */
  dimensions: readonly Restored[];
  /** Undefined = no history is kept. */
  past: RestoredHistory | undefined;
}

/**
 * Rolls the partition back to its last commit and returns its state. The restore takes over the
 * totals. Undefined = nobody knows up to which offsets the state contains the logs.
 */
export function keptOf(
  partition: OwnedPartition,
  config: Pick<Config, "group" | "mapping">,
): Kept | undefined {
  const { ends, totals, history, isInLogs } = partition;
  if (!ends) return undefined;
  const { group } = config;
  const mapping = mappingFingerprint(config);
  partition.rollback();
  const restored = (totals: Totals, end: number): Restored => {
    const books = partition.bookkeeping({ group, mapping, writer: "" }, totals);
    const bookkeeping = isInLogs ? { ...books, writer: partition.writer } : undefined;
    return { problem: undefined, totals, bookkeeping, end };
  };
  const output = restored(totals, ends.output);
  const dimensions = partition.dimensions.map((totals, i) =>
    restored(totals, ends.dimensions[i] as number),
  );
  if (!history) return { output, dimensions, past: undefined };
  const slots = new Map(
    history.slots.map((slot) => [`${slot.ring}/${placeOf(slot.ring, slot.index)}`, slot]),
  );
  const past = {
    problem: undefined,
    bookkeeping: isInLogs ? partition.historyBookkeeping(history, group) : undefined,
    slots,
    productsKnown: totals.products.count,
    end: ends.history,
  };
  return { output, dimensions, past };
}
