/** Mistakes that somebody could make in history: it would hold other sales than the totals do. */

import type { Mutation } from "./mutation.ts";

const HISTORY = "history/history.ts";

export const historyMutations: readonly Mutation[] = [
  {
    name: "do not roll the history back on an abort",
    shownBy: 121,
    changes: [
      {
        file: "state/owned-partition.ts",
        from: "this.history?.rollback()",
        to: "this.history?.commit()",
      },
    ],
  },
  {
    name: "write slots of history that are not sealed, while the fold goes on",
    changes: [{ file: HISTORY, from: "      slot.seal();\n", to: "" }],
  },
  {
    name: "move the boundaries of history without what leaves its ring",
    changes: [
      { file: HISTORY, from: "if (slot?.index === index) this.#move", to: "if (false) this.#move" },
    ],
  },
  {
    name: "let a slot of history take a place before the old one has left it",
    shownBy: 2789,
    changes: [
      {
        file: HISTORY,
        from: '["hour", "minute", "second"] as const',
        to: '["second", "minute", "hour"] as const',
      },
    ],
  },
  {
    name: "let a sale that is ahead of the clock move the rings of history",
    changes: [
      {
        file: "aggregator/fold.ts",
        from: "      history?.apply(row, secondMax);",
        to: "      history?.apply(row, row.second);",
      },
    ],
  },
  {
    name: "note the head of what is folded, not of what is sealed",
    changes: [{ file: HISTORY, from: "return this.#sealed;", to: "return this.#now;" }],
  },
  {
    name: "restore slots of history that have left their rings",
    changes: [
      {
        file: "state/history-log.ts",
        from: "return slot.index >= first && slot.index < end;",
        to: "return slot.index >= first || slot.index < end;",
      },
    ],
  },
];
