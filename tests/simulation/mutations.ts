/**
 * Mistakes that somebody could make in the aggregator, each of which would lose or double sales,
 * or stop it. The simulation must find every one of them.
 */

import { dayMutations } from "./day-mutations.ts";
import { dimensionMutations } from "./dimension-mutations.ts";
import { historyMutations } from "./history-mutations.ts";
import { identityMutations } from "./identity-mutations.ts";
import { mappingMutations } from "./mapping-mutations.ts";
import { type Mutation, WITHOUT_THE_LOOK } from "./mutation.ts";
import { undecidedMutations } from "./undecided-mutations.ts";

const AGGREGATOR = "aggregator/aggregator.ts";
const TRANSACTION = "aggregator/transactions/session.ts";
const RECOVERY = "aggregator/recovery.ts";
const LOGS = "aggregator/logs.ts";
const PARTITION = "state/owned-partition.ts";

const SEND_OFFSETS = `
      await this.#untilDefinite(() => producer.sendOffsets(work.consumer, work.positions));`;
const COMMITTED_OFFSETS = `
    const committed = await this.#committed(partitions);`;

export const mutations: readonly Mutation[] = [
  {
    name: "commit the offsets before producing, in a transaction of their own",
    changes: [
      { file: TRANSACTION, from: SEND_OFFSETS, to: "" },
      {
        file: TRANSACTION,
        from: `
      producer.begin();`,
        to: `
      producer.begin();${SEND_OFFSETS}
      await this.#untilDefinite(() => producer.commit());
      producer.begin();`,
      },
    ],
  },
  {
    name: "send no offsets",
    changes: [{ file: TRANSACTION, from: SEND_OFFSETS, to: "" }],
  },
  {
    name: "reuse the producer after an EndTxn or offsets whose answer was lost",
    shownBy: 90,
    changes: [],
    libraryMistake: "resends",
  },
  {
    name: "keep partitions when the group has made the consumer another member",
    shownBy: 1116,
    favours: ["slowRevocation", "sprouts"],
    changes: [],
    libraryMistake: "keepsPartitions",
  },
  {
    name: "reuse the producer after an abort",
    shownBy: 1615,
    favours: ["late", "refusesRecords"],
    changes: [
      {
        file: TRANSACTION,
        from: `
        await this.#replace();
        this.#log`,
        to: `
        this.#log`,
      },
    ],
  },
  {
    name: "take an unknown outcome for a commit",
    shownBy: 40,
    changes: [{ file: TRANSACTION, from: 'return "unknown"', to: 'return "committed"' }],
  },
  {
    name: "go on from memory after a transaction in doubt",
    changes: [
      { file: AGGREGATOR, from: "await this.#restoreAll();", to: "await this.#rewind();" },
      WITHOUT_THE_LOOK,
    ],
  },
  {
    name: "make a new producer in a session that is closed",
    changes: [{ file: TRANSACTION, from: "if (this.#isClosed) throw", to: "if (false) throw" }],
  },
  {
    name: "restore only to the last stable offset",
    shownBy: 104,
    changes: [
      {
        file: "state/totals-log.ts",
        from: "  if (offset < range.end) return isFurther;\n",
        to: "",
      },
    ],
  },
  {
    name: "read the totals first and the offsets second, and trust the first look",
    shownBy: 78,
    changes: [
      { file: LOGS, from: COMMITTED_OFFSETS, to: "" },
      {
        file: LOGS,
        from: `
    return committed.map(`,
        to: `${COMMITTED_OFFSETS}
    return committed.map(`,
      },
      { file: RECOVERY, from: "ATTEMPTS_MAX = 3", to: "ATTEMPTS_MAX = 1" },
    ],
  },
  {
    name: "start at 0 when the answer knows no offset",
    changes: [
      {
        file: RECOVERY,
        from: "const problem =\n          contradiction ??",
        to: "const problem = offset === null ? undefined :\n          contradiction ??",
      },
      {
        file: RECOVERY,
        from: "{ partition, past, totals, dimensions, bookkeeping, end }: FoundPartition",
        to: "{ partition, offset, past, totals, dimensions, bookkeeping, end }: FoundPartition",
      },
      {
        file: RECOVERY,
        from: "const from = bookkeeping ?? (of.lows.get(partition)?.low as number);",
        to: "const from = (offset !== null && bookkeeping) || 0;",
      },
    ],
  },
  {
    name: "refuse a partition at the first contradiction",
    shownBy: 161,
    changes: [{ file: RECOVERY, from: "ATTEMPTS_MAX = 3", to: "ATTEMPTS_MAX = 1" }],
  },
  {
    name: "go on with lost partitions",
    // Else the adapter's own check would see to it.
    libraryMistake: "keepsPartitions",
    changes: [
      {
        file: AGGREGATOR,
        from: "if (!lost) await this.#drain();",
        to: "if (lost) return this.#consumer.unassign([]);\n    await this.#drain();",
      },
    ],
  },
  {
    name: "commit what is folded of a revoked partition after giving it up",
    shownBy: 68,
    changes: [
      {
        file: AGGREGATOR,
        from: "if (!lost) await this.#drain();",
        to: "if (!lost) await this.#assignment.remove(partitions).then(() => this.#drain());",
      },
    ],
  },
  {
    name: "do not read again after an abort",
    changes: [
      {
        file: AGGREGATOR,
        from: "!this.#partitions.has(id)));\n    await this.#seekAll();",
        to: "!this.#partitions.has(id)));",
      },
    ],
  },
  {
    name: "do not roll the totals back on an abort",
    changes: [
      {
        file: PARTITION,
        from: "this.totals.rollback()",
        to: "this.totals.commit()",
      },
    ],
  },
  {
    name: "do not roll the dead letters back on an abort",
    changes: [
      {
        file: "aggregator/dead-letters.ts",
        from: "this.commit(refusals);\n    this.#open = [];",
        to: "this.commit(refusals);",
      },
    ],
  },
  {
    name: "do not answer a rebalance without partitions that can be read",
    changes: [
      {
        file: "aggregator/stops/assignment.ts",
        from: "await this.#consumer.unassign(partitions.filter((id) => this.#assigned.delete(id)));",
        to: "const read = partitions.filter((id) => this.#assigned.delete(id));\n    if (read.length > 1) await this.#consumer.unassign(read);",
      },
    ],
  },
  {
    name: "commit without the records that the producer refused at once",
    shownBy: 1546,
    changes: [
      {
        file: TRANSACTION,
        from: "would commit without it.\n      this.#assertTaken(producer);\n",
        to: "would commit without it.\n",
      },
    ],
  },
  {
    name: "fold what came with a revocation when it is answered",
    changes: [
      { file: AGGREGATOR, from: "this.#fold.apply(this.#batch));\n", to: "0);\n" },
      {
        file: AGGREGATOR,
        from: "await this.#handle(event);\n",
        to: "await this.#handle(event);\n      this.#fold.apply(this.#batch);\n",
      },
    ],
  },
  {
    name: "keep the dead letters when an outcome is unknown",
    changes: [
      // Else the abort that comes after a doubt would see to it.
      { file: TRANSACTION, from: "    this.#mayBePending = true;\n", to: "" },
      {
        file: AGGREGATOR,
        from: "    this.#deadLetters.rollback(this.#refusals, this.#session.failed);\n    const owned",
        to: "    const owned",
      },
    ],
  },
  {
    name: "keep a dead letter where the next poll overwrites it",
    changes: [
      {
        file: "aggregator/dead-letters.ts",
        from: "(value?.slice() ?? null)",
        to: "value",
      },
    ],
  },
  {
    name: "do not count what retention removed",
    changes: [{ file: PARTITION, from: "this.skipped += BigInt(offset - this.position);", to: "" }],
  },
  {
    name: "keep what is folded and not committed of lost partitions",
    favours: ["transactionTimesOut"],
    changes: [{ file: "aggregator/kept.ts", from: "  partition.rollback();\n", to: "" }],
  },
  {
    name: "take what is kept of lost partitions for what is committed by now",
    favours: ["transactionTimesOut", "responseLost", "poison"],
    changes: [
      {
        file: "state/totals-log.ts",
        from: "const first = from?.get(partition) ?? low;",
        to: "const first = from?.has(partition) ? end : low;",
      },
      {
        file: RECOVERY,
        from: "if (contradiction ?? moved ?? pastProblem) continue;",
        to: "if (pastProblem === null) continue;",
      },
    ],
  },
  ...[...historyMutations, ...dayMutations],
  ...mappingMutations,
  ...undecidedMutations,
  ...dimensionMutations,
  ...identityMutations,
];
