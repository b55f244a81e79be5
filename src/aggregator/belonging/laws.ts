/** The laws between a group's offset and the output topic. */

import type { Config } from "../../config/config.ts";
import type { ResetSettings } from "../../config/reset-command.ts";
import { isNothing } from "../../domain/sums.ts";
import { mappingFingerprint } from "../../mapping/input-judge.ts";
import { daysBroken, lacksDays } from "../../state/days-note.ts";
import type { InputOrigin } from "../../state/owned-partition.ts";
import type { Restored } from "../../state/totals-log.ts";
import { type Bookkeeping, lawBroken } from "../../wire/bookkeeping.ts";
import { foreignOrigin, startOver } from "./origin.ts";

/**
 * Why the totals of a partition contradict their bookkeeping, or belong to something else than what
 * is counted now; undefined if not. See `movedGroup` for the group.
 */
export function contradictionOf(
  offset: number | null,
  restored: Restored,
  config: Pick<Config, "mapping" | "isEmbedded"> & ResetSettings,
  origin: InputOrigin,
): string | undefined {
  const { totals, bookkeeping, problem } = restored;
  if (problem) return `${problem}; ${startOver(config)}`;
  const { group, outputTopic } = config;
  const held = totals.sales;
  if (!bookkeeping) {
    if (!isNothing(totals)) {
      return (
        `${outputTopic} holds totals of ${held} sales, but not the record that says how far the ` +
        "input was counted: it was deleted, or another program wrote these totals; " +
        startOver(config)
      );
    }
    if (offset === null) return undefined;
    return (
      `group ${group} has read up to offset ${offset}, but ${outputTopic} holds no totals; ` +
      startOver(config)
    );
  }
  const foreign = foreignOrigin(bookkeeping, origin, config);
  if (foreign) return foreign;
  const other = otherMapping(bookkeeping, config);
  if (other) return other;
  const broken = countsBroken(restored, bookkeeping, config);
  return broken === undefined ? undefined : `${broken}; ${startOver(config)}`;
}

/** Why totals do not hold what their bookkeeping counts; undefined if they do. */
function countsBroken(
  restored: Restored,
  bookkeeping: Bookkeeping,
  config: Pick<Config, "outputTopic" | "isEmbedded">,
): string | undefined {
  const { totals } = restored;
  const { outputTopic } = config;
  const counts = [
    [totals.sales, bookkeeping.sales, "sales"],
    [totals.returns, bookkeeping.returns, "returns"],
  ] as const;
  for (const [held, noted, what] of counts) {
    if (held === noted) continue;
    return (
      `${outputTopic} holds totals of ${held} ${what}, but ${noted} were counted: records of it ` +
      "are gone, or another program has written some"
    );
  }
  const broken = lawBroken(bookkeeping);
  if (broken) return `the bookkeeping in ${outputTopic} contradicts itself: ${broken}`;
  return daysContradiction(restored, config);
}

/** Why totals of this bookkeeping were counted with another mapping; undefined if not. */
export function otherMapping(
  bookkeeping: Bookkeeping,
  config: Pick<Config, "mapping"> & ResetSettings,
): string | undefined {
  const mapping = mappingFingerprint(config);
  if (bookkeeping.mapping === mapping) return undefined;
  return (
    `the totals in ${config.outputTopic} were counted with the mapping ${bookkeeping.mapping}, ` +
    `and the present mapping is ${mapping}: totals of two mappings do not add up; ` +
    `${startOver(config)}, or run with the former mapping, or with another --output-topic and ` +
    "another --group"
  );
}

/** The embedded broker keeps the end of a log only, and may have lost days that nobody rewrote. */
export function daysContradiction(
  { totals, bookkeeping }: Pick<Restored, "totals" | "bookkeeping">,
  { outputTopic, isEmbedded }: Pick<Config, "outputTopic" | "isEmbedded">,
): string | undefined {
  const note = bookkeeping?.days;
  const broken = daysBroken(note, totals);
  if (!note || !broken || (isEmbedded && lacksDays(note, totals))) return undefined;
  return `${outputTopic} ${broken}`;
}

/**
 * Why the group's offset is not where the totals end; undefined if it is. Such totals are whole, so
 * that the partition can go on from its bookkeeping.
 */
export function movedGroup(
  offset: number | null,
  bookkeeping: Bookkeeping,
  { group, outputTopic }: Pick<Config, "group" | "outputTopic">,
): string | undefined {
  if (bookkeeping.group !== group) {
    return `the totals in ${outputTopic} belong to group ${bookkeeping.group}, not to ${group}`;
  }
  if (offset === bookkeeping.inputOffset) return undefined;
  const stands = offset === null ? "has no offset" : `is at offset ${offset}`;
  return `group ${group} ${stands}, but the totals go up to ${bookkeeping.inputOffset}`;
}
