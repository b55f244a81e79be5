/** What must hold between a group's offset and what the output topic says of a partition. */

import type { Config } from "../config/config.ts";
import { isNothing } from "../domain/sums.ts";
import { mappingFingerprint } from "../mapping/input-judge.ts";
import type { Restored } from "../state/totals-log.ts";
import { lawBroken } from "../wire/bookkeeping.ts";

/** Why the group's offset and what the output topic holds cannot both be right. */
export function contradictionOf(
  offset: number | null,
  restored: Restored,
  config: Pick<Config, "group" | "outputTopic" | "mapping">,
): string | undefined {
  const { totals, bookkeeping, problem } = restored;
  if (problem) return problem;
  const { group, outputTopic } = config;
  const held = totals.sales;
  if (!bookkeeping) {
    if (!isNothing(totals)) {
      return `${outputTopic} holds totals of ${held} sales that no aggregator noted`;
    }
    if (offset === null) return undefined;
    return `group ${group} has read up to offset ${offset}, but ${outputTopic} holds no totals`;
  }
  if (bookkeeping.group !== group) {
    return `the totals in ${outputTopic} belong to group ${bookkeeping.group}, not to ${group}`;
  }
  const mapping = mappingFingerprint(config);
  if (bookkeeping.mapping !== mapping) {
    return (
      `the totals in ${outputTopic} were counted with the mapping ${bookkeeping.mapping}, and ` +
      `the present mapping is ${mapping}: totals of two mappings do not add up. Run with ` +
      "the former mapping, or with another --output-topic and another --group"
    );
  }
  if (offset !== bookkeeping.inputOffset) {
    const stands = offset === null ? "has no offset" : `stands at offset ${offset}`;
    return `group ${group} ${stands}, but the totals go up to ${bookkeeping.inputOffset}`;
  }
  if (held !== bookkeeping.sales) {
    return `${outputTopic} holds totals of ${held} sales, but ${bookkeeping.sales} were counted`;
  }
  if (totals.returns !== bookkeeping.returns) {
    return (
      `${outputTopic} holds totals of ${totals.returns} returns, but ${bookkeeping.returns} ` +
      "were counted"
    );
  }
  return lawBroken(bookkeeping);
}
