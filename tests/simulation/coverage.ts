/** What the schedules of one run must have met, or they would prove less than they say. */

import { APIS, type Api, DISASTERS, FATES, OTHER_FAULTS, SENT_ONCE } from "./faults.ts";

/** Requests of a transaction, each of which a fenced producer must hear a no to. */
const OF_A_TRANSACTION: readonly Api[] = [
  "AddPartitionsToTxn",
  "Produce",
  "AddOffsetsToTxn",
  "TxnOffsetCommit",
  "EndTxn",
];

export const EXPECTED: readonly string[] = [
  // From a poll to the first request of a transaction all is memory: to crash there is to crash
  // before AddPartitionsToTxn.
  ...DISASTERS.flatMap((kind) =>
    APIS.flatMap((api) => [`${kind} before ${api}`, `${kind} after ${api}`]),
  ),
  ...FATES.flatMap((fate) => APIS.filter((api) => can(fate, api)).map((api) => `${fate} ${api}`)),
  // A later request of the same process was served first.
  ...APIS.map((api) => `${api} overtaken`),
  // What its sender has given up happens all the same.
  ...OF_A_TRANSACTION.map((api) => `late ${api} in effect`),
  ...["init", "sendOffsets", "commit", "abort"].map((call) => `${call} timed out`),
  ...OF_A_TRANSACTION.map((api) => `${api} refused INVALID_PRODUCER_EPOCH`),
  "TxnOffsetCommit refused ILLEGAL_GENERATION",
  "TxnOffsetCommit refused UNKNOWN_MEMBER_ID",
  "InitProducerId refused CONCURRENT_TRANSACTIONS",
  "AddPartitionsToTxn refused CONCURRENT_TRANSACTIONS",
  "OffsetFetch refused UNSTABLE_OFFSET_COMMIT",
  "committed",
  "aborted by its producer",
  "aborted by a successor",
  "aborted by its time-out",
  "a lost marker made good",
  "a lost marker of records made good",
  "InitProducerId for another instance",
  "partitions assigned",
  "partitions revoked",
  "partitions lost",
  "another member",
  ...OTHER_FAULTS,
  "forgetsOffsets",
  "input skipped",
  "totals of another input",
  "Totals in memory go on",
  "Totals in memory are out of date",
  ...["1 s", "60 s", "3600 s"].map((slots) => `history by ${slots}`),
  "history older",
  "totals by a dimension",
];

function can(fate: (typeof FATES)[number], api: Api): boolean {
  return fate !== "duplicated" || !SENT_ONCE.has(api);
}
