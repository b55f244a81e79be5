/**
 * What this process still has in memory of a partition that is to be restored, in the form in which
 * a restore reads it: only what came later must be read from Kafka then.
 *
 * Exact for two reasons. First, what is committed in memory equals the logs up to some offset, and
 * who goes on from there meets each record that was written since, whoever wrote it. Second, the
 * result must obey the same laws as one that was read from the start. They would tell of a
 * transaction that was missed: each makes the group's offset larger, and sales of a product only
 * grow, so that totals one of which is old add up to less than the bookkeeping says.
 */

import { placeOf } from "../history/rings.ts";
import type { RestoredHistory } from "../state/history-log.ts";
import type { OwnedPartition } from "../state/owned-partition.ts";
import type { Restored } from "../state/totals-log.ts";

export interface Kept {
  output: Restored;
  /** Undefined: none is kept. */
  past: RestoredHistory | undefined;
}

/**
 * What is committed of a partition; drops what is not. The totals go on to be those of whoever
 * restores. Undefined: it is not known up to where the logs are in it.
 */
export function keptOf(partition: OwnedPartition, group: string): Kept | undefined {
  const { ends, totals, history, writer, isInLogs } = partition;
  if (!ends) return undefined;
  partition.rollback();
  const books = { ...partition.bookkeeping({ group, writer: "" }), writer };
  const bookkeeping = isInLogs ? books : undefined;
  const output = { problem: undefined, totals, bookkeeping, end: ends.output };
  if (!history) return { output, past: undefined };
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
  return { output, past };
}
