/** Whether totals go on whose group was renamed, or whose group's offsets were moved or lost. */

import type { Config } from "../../config/config.ts";
import type { Admin } from "../../kafka/kafka.ts";
import type { Log } from "../../lib/log.ts";
import type { Bookkeeping } from "../../wire/bookkeeping.ts";
import { startOver } from "./origin.ts";

interface Around {
  config: Config;
  admin: Admin;
  log: Log;
  /** This process has committed the partition before. */
  isOurs: (partition: number) => boolean;
}

/**
 * Totals that are whole go on from where they end, wherever the group's offset was moved to. The
 * returned function logs that, or says why not; it throws a KafkaError when Kafka does not answer.
 */
export function cannotGoOn({ config, admin, log, isOurs }: Around) {
  return async (
    moved: string,
    found: { partition: number; offset: number | null; bookkeeping: Bookkeeping },
  ): Promise<string | undefined> => {
    const { partition, offset, bookkeeping } = found;
    const { inputOffset, inputTopic, group } = bookkeeping;
    // Builds before this one did not note what they counted.
    if (inputTopic === undefined) return `${moved}; ${startOver(config)}`;
    if (group !== config.group && isOurs(partition)) {
      return `${moved}: it has taken them over. Stop the aggregators of one of the two groups`;
    }
    const { low } = await admin.watermarks(config.inputTopic, partition);
    if (low > inputOffset && (offset ?? 0) > inputOffset) {
      const lost = Math.min(low, offset ?? 0) - inputOffset;
      return (
        `${moved}, and ${lost} records that were counted since are in no total, nor in the input ` +
        `any more; ${startOver(config)}`
      );
    }
    const fields = { partition };
    log.warning(`Partition ${partition} goes on at offset ${inputOffset}: ${moved}.`, fields);
    return undefined;
  };
}
