/** Mistakes in ending what Kafka, or a dead process, has left undecided. */

import type { Mutation } from "./mutation.ts";

const LOGS = "aggregator/logs.ts";
const TRANSACTION = "aggregator/transactions/session.ts";

export const undecidedMutations: readonly Mutation[] = [
  {
    name: "do not release offsets that nobody decides",
    shownBy: 140,
    changes: [{ file: LOGS, from: "await this.#clients.release(writers, records);", to: "" }],
  },
  {
    name: "do not end records that nobody decides",
    shownBy: 1229,
    favours: ["transactionTimesOut"],
    changes: [
      {
        file: "aggregator/transactions/undecided.ts",
        from: "records ? nothingFor(records) : []",
        to: "[]",
      },
    ],
  },
  {
    name: "do not end dead letters that nobody decides",
    shownBy: 771,
    favours: ["losesMarker", "poison", "requestLost", "responseLost"],
    changes: [{ file: TRANSACTION, from: "(this.#lettersMayHang && hasLetters)", to: "false" }],
  },
  {
    name: "release only what this process left",
    shownBy: 140,
    changes: [
      {
        file: TRANSACTION,
        from: "{ consumer, writers, records }",
        to: `{
          ...{ consumer, records },
          writers: new Map([...writers].filter(([id]) => id === this.transactionalId)),
        }`,
      },
    ],
  },
  {
    name: "look for those who left offsets undecided among what is committed",
    shownBy: 140,
    changes: [{ file: "state/totals-log.ts", from: "isUndecidedToo: true", to: "" }],
  },
  {
    name: "send offsets before it stands in the output who sends them",
    shownBy: 262,
    changes: [{ file: TRANSACTION, from: "if (work.isFirst)", to: "if (false)" }],
  },
];
