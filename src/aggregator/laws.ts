/** The laws between a group's offset and the output topic. */

import type { Config } from "../config/config.ts";
import { type ResetSettings, resetCommand } from "../config/reset-command.ts";
import { isNothing } from "../domain/sums.ts";
import { mappingFingerprint } from "../mapping/input-judge.ts";
import type { Restored } from "../state/totals-log.ts";
import { lawBroken } from "../wire/bookkeeping.ts";

/** Why the group's offset and the output topic contradict each other; undefined if not. */
export function contradictionOf(
  offset: number | null,
  restored: Restored,
  config: Pick<Config, "mapping"> & ResetSettings,
): string | undefined {
  const { totals, bookkeeping, problem } = restored;
  if (problem) return problem;
  const { group, outputTopic } = config;
  const held = totals.sales;
  if (!bookkeeping) {
    if (!isNothing(totals)) {
      return `${outputTopic} holds totals of ${held} sales without bookkeeping`;
    }
    if (offset === null) return undefined;
    return (
      `group ${group} has read up to offset ${offset}, but ${outputTopic} holds no totals; ` +
      startOver(config)
    );
  }
  if (bookkeeping.group !== group) {
    return `the totals in ${outputTopic} belong to group ${bookkeeping.group}, not to ${group}`;
  }
  const mapping = mappingFingerprint(config);
  if (bookkeeping.mapping !== mapping) {
    return (
      `the totals in ${outputTopic} were counted with the mapping ${bookkeeping.mapping}, and ` +
      `the present mapping is ${mapping}: totals of two mappings do not add up; ` +
      `${startOver(config)}, or run with the former mapping, or with another --output-topic and ` +
      "another --group"
    );
  }
  if (offset !== bookkeeping.inputOffset) {
    const stands = offset === null ? "has no offset" : `is at offset ${offset}`;
    return (
      `group ${group} ${stands}, but the totals go up to ${bookkeeping.inputOffset}; ` +
      startOver(config)
    );
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

/** What to do about totals that cannot go on, for the end of a sentence. */
export function startOver(config: ResetSettings): string {
  return `to count anew, stop all aggregators and type \`${resetCommand(config)}\``;
}
