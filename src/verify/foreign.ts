/** Refuses to compare totals with an input that they were not counted from. */

import { foreignOrigin } from "../aggregator/belonging/origin.ts";
import type { Config } from "../config/config.ts";
import type { Admin } from "../kafka/kafka.ts";
import { SalesboardError } from "../lib/errors.ts";
import type { ClaimedInput } from "./compare.ts";

/**
 * Totals of another input differ from this one in each number, and none of these says why.
 * @throws SalesboardError that says what the totals were counted from
 */
export async function refuseForeign(
  spans: readonly ClaimedInput[],
  { admin, config }: { admin: Admin; config: Config },
): Promise<void> {
  const { inputTopic } = config;
  const { topicId: inputTopicId, clusterId } = (await admin.identity(inputTopic)) ?? {};
  for (const { partition, restored } of spans) {
    const origin = { inputTopic, inputTopicId, clusterId };
    const reason = restored.bookkeeping && foreignOrigin(restored.bookkeeping, origin, config);
    if (reason === undefined) continue;
    throw new SalesboardError(`Cannot verify partition ${partition}: ${reason}.`, { final: true });
  }
}
