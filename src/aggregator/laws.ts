/** What must hold between a group's offset and what the output topic says of a partition. */

import type { Restored } from "../state/totals-log.ts";
import { recordsCounted } from "../wire/bookkeeping.ts";

/** Why the group's offset and what the output topic holds cannot both be right. */
export function contradictionOf(
  offset: number | null,
  restored: Restored,
  { group, outputTopic }: { group: string; outputTopic: string },
): string | undefined {
  const { totals, bookkeeping, problem } = restored;
  if (problem) return problem;
  const held = totals.sales;
  if (!bookkeeping) {
    if (held > 0n) return `${outputTopic} holds totals of ${held} sales that no aggregator noted`;
    if (offset === null) return undefined;
    return `group ${group} has read up to offset ${offset}, but ${outputTopic} holds no totals`;
  }
  if (bookkeeping.group !== group) {
    return `the totals in ${outputTopic} belong to group ${bookkeeping.group}, not to ${group}`;
  }
  if (offset !== bookkeeping.inputOffset) {
    const stands = offset === null ? "has no offset" : `stands at offset ${offset}`;
    return `group ${group} ${stands}, but the totals go up to ${bookkeeping.inputOffset}`;
  }
  if (held !== bookkeeping.sales) {
    return `${outputTopic} holds totals of ${held} sales, but ${bookkeeping.sales} were counted`;
  }
  const counted = recordsCounted(bookkeeping);
  if (counted > bookkeeping.inputOffset) {
    return `${counted} records were counted, but there are ${offset} before offset ${offset}`;
  }
  return undefined;
}
