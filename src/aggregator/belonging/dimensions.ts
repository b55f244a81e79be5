/** The laws between the totals by product and those by each dimension of the mapping. */

import { boardTopics, type Config } from "../../config/config.ts";
import type { ResetSettings } from "../../config/reset-command.ts";
import { isNothing, linesIn } from "../../domain/sums.ts";
import type { Restored } from "../../state/totals-log.ts";
import { daysContradiction } from "./laws.ts";
import { startOver } from "./origin.ts";

type LawsSettings = Pick<Config, "mapping" | "isEmbedded"> & ResetSettings;

/**
 * Why the totals by a dimension are not of the transactions that the output is of; undefined if
 * they all are. `output` obeys its own laws already.
 */
export function dimensionsContradiction(
  output: Restored,
  dimensions: readonly Restored[],
  config: LawsSettings,
): string | undefined {
  for (const [i, { topic }] of boardTopics(config).entries()) {
    const found = dimensionContradiction(output, dimensions[i] as Restored, { topic, config });
    if (found) return found;
  }
  return undefined;
}

/** The same of one dimension, whose totals stand in `topic`. */
export function dimensionContradiction(
  output: Restored,
  { problem, totals, bookkeeping }: Restored,
  { topic, config }: { topic: string; config: LawsSettings },
): string | undefined {
  if (problem) return `${problem}; ${startOver(config)}`;
  const { outputTopic } = config;
  const must = output.bookkeeping;
  if (!must && !bookkeeping && isNothing(totals)) return undefined;
  if (!must || !bookkeeping) {
    const has = must ? outputTopic : topic;
    const lacks = must ? topic : outputTopic;
    return `${has} holds totals, but ${lacks} holds none; ${startOver(config)}`;
  }
  const { inputOffset, sequence } = must;
  if (bookkeeping.inputOffset !== inputOffset || bookkeeping.sequence !== sequence) {
    return (
      `the totals in ${topic} go up to offset ${bookkeeping.inputOffset}, but those in ` +
      `${outputTopic} go up to ${inputOffset}; ${startOver(config)}`
    );
  }
  if (totals.sales !== must.sales || totals.returns !== must.returns) {
    return (
      `${topic} holds totals of ${linesIn(totals)} sales, but ${linesIn(must)} were counted; ` +
      startOver(config)
    );
  }
  return daysContradiction({ totals, bookkeeping }, { ...config, outputTopic: topic });
}
