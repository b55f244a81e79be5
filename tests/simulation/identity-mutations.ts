/** Mistakes about what totals belong to: one input, one log, one writer. */

import type { Mutation } from "./mutation.ts";

const RECOVERY = "aggregator/recovery.ts";
const ORIGIN = "aggregator/belonging/origin.ts";
const OWNED = "state/owned-partition.ts";

export const identityMutations: readonly Mutation[] = [
  {
    name: "do not look where the records of a transaction stand",
    shownBy: 63,
    changes: [
      {
        file: "aggregator/belonging/succession.ts",
        from: "if (spans.get(id)?.first === tail) continue;",
        to: "if (spans.has(id) || tail >= 0) continue;",
      },
    ],
  },
  {
    name: "go on with totals of another input topic",
    changes: [{ file: ORIGIN, from: "inputTopic !== undefined && inputTopic !==", to: '"" === ' }],
  },
  {
    name: "go on with totals of a topic that was made anew",
    breach: "anew",
    changes: [
      {
        file: ORIGIN,
        from: "if (!isOther(before.inputTopicId, origin.inputTopicId)) return undefined;",
        to: 'if (before.inputTopicId !== "") return undefined;',
      },
    ],
  },
  {
    name: "read on without the epoch of the record before",
    breach: "cut",
    changes: [{ file: OWNED, from: "epoch: this.epoch };", to: "};" }],
  },
  {
    name: "do not note the epoch of the last record",
    breach: "cut",
    changes: [
      { file: OWNED, from: "place = { inputOffset, inputEpoch }", to: "place = { inputOffset }" },
    ],
  },
  {
    name: "take a log that was cut for one that retention has shortened",
    breach: "cut",
    changes: [{ file: ORIGIN, from: "const end = cutAt ?? high;", to: "const end = high;" }],
  },
  {
    name: "stop totals that are whole because the group's offset was moved",
    breach: "offsets",
    changes: [
      {
        file: RECOVERY,
        from: "? await this.#whyNot(moved, { partition, offset, bookkeeping })",
        to: "? moved",
      },
    ],
  },
];
