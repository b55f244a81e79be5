/** Refuses to compare totals with an input or a mapping that they were not counted from. */

import { otherMapping } from "../aggregator/belonging/laws.ts";
import { foreignOrigin } from "../aggregator/belonging/origin.ts";
import type { Config } from "../config/config.ts";
import type { Admin } from "../kafka/kafka.ts";
import { SalesboardError } from "../lib/errors.ts";
import type { ClaimedInput } from "./compare.ts";

/**
 * Such totals differ from this input in each number, and none of these says why.
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
    const { bookkeeping } = restored;
    if (!bookkeeping) continue;
    const reason = foreignOrigin(bookkeeping, origin, config) ?? otherMapping(bookkeeping, config);
    if (reason === undefined) continue;
    throw new SalesboardError(`Cannot verify partition ${partition}: ${reason}.`, { final: true });
  }
}
