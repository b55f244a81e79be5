/**
 * What `verify` says of a partition beside its differences: what keeps it from comparing, and where
 * the group stands. In the words of the aggregator, which would say the same.
 */

import { contradictionOf, movedGroup } from "../aggregator/belonging/laws.ts";
import { cutProblem, startOver } from "../aggregator/belonging/origin.ts";
import type { Config } from "../config/config.ts";
import { isNothing } from "../domain/sums.ts";
import { upperFirst } from "../lib/text.ts";
import { type Bookkeeping, removedSentences } from "../wire/bookkeeping.ts";
import { type ClaimedInput, isWithoutInput } from "./compare.ts";

/** Why the totals of a partition cannot be right, whatever the input says; undefined if not. */
export function problemOf(span: ClaimedInput, config: Config): string | undefined {
  const { partition, restored, committed, high, to } = span;
  const { inputTopic, outputTopic } = config;
  const { bookkeeping, totals } = restored;
  const begin = `Partition ${partition}`;
  if (isWithoutInput(span)) {
    if (isNothing(totals)) return undefined;
    const why = "the input was made anew with fewer partitions, or another program wrote there";
    return (
      `${begin} of ${outputTopic} holds totals, and ${inputTopic} has no such partition: ${why}; ` +
      `${startOver(config)}.`
    );
  }
  const isUnclear = !bookkeeping || restored.problem !== undefined;
  const broken = isUnclear
    ? contradictionOf(committed, restored, config, { inputTopic })
    : cutProblem({ id: partition, position: to }, { cutAt: undefined, high }, config);
  if (broken) return `${begin} cannot be verified: ${broken}.`;
  const moved = bookkeeping && movedBack(span, bookkeeping, config);
  // Builds before this one did not note what they counted.
  if (!moved || bookkeeping.inputTopic !== undefined) return undefined;
  return `${begin}: ${moved}; ${startOver(config)}.`;
}

/** What leaves the totals right and is worth a sentence. */
export function notesOf(spans: readonly ClaimedInput[], config: Config): string[] {
  const moved = spans.flatMap((span) => {
    const { partition, restored } = span;
    const { bookkeeping } = restored;
    const text = bookkeeping && movedBack(span, bookkeeping, config);
    if (!text || bookkeeping.inputTopic === undefined) return [];
    return (
      `Partition ${partition}: ${text}. No total is wrong by that: the next aggregator goes on ` +
      "where the totals end, and counts nothing twice."
    );
  });
  const skipped = spans.flatMap(({ partition, restored: { bookkeeping } }) => {
    return bookkeeping && bookkeeping.skipped > 0n ? [[partition, bookkeeping] as const] : [];
  });
  return [...moved, ...removedSentences(skipped), ...spans.flatMap((span) => gapOf(span, config))];
}

/** The offset of the group is that of a running aggregator when it is further than the totals. */
function movedBack(
  span: ClaimedInput,
  bookkeeping: Bookkeeping,
  config: Config,
): string | undefined {
  const { committed, to } = span;
  const isBehind = !isWithoutInput(span) && (committed ?? 0) < to;
  const isOther = bookkeeping.group !== config.group;
  return isBehind || isOther ? movedGroup(committed, bookkeeping, config) : undefined;
}

/** Input that is gone and that no aggregator has come to yet. */
function gapOf({ partition, low, to, restored }: ClaimedInput, config: Config): string[] {
  const lost = low - to;
  if (!restored.bookkeeping || lost <= 0) return [];
  const what = lost === 1 ? "1 record" : `${lost} records`;
  return [
    upperFirst(
      `retention removed ${what} of ${config.inputTopic}, partition ${partition}, before ` +
        `${lost === 1 ? "it was" : "they were"} counted: those from offset ${to} to ${low - 1}. ` +
        "No total will contain them.",
    ),
  ];
}
