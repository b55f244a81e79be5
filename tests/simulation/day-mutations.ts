/** Mistakes that somebody could make with days: they would hold other sales than the totals do. */

import type { Mutation } from "./mutation.ts";

const DAYS = "domain/days.ts";
const FOLD = "aggregator/fold.ts";

export const dayMutations: readonly Mutation[] = [
  {
    name: "count a late sale as one of the latest day",
    changes: [
      {
        file: DAYS,
        from: "if (day === this.#openDay) return;",
        to: "if (day <= (this.#openDay ?? OUTSIDE)) return;",
      },
    ],
  },
  {
    name: "put a late sale aside although its day is kept",
    changes: [
      {
        file: DAYS,
        from: "this.#end(id, before ? { day: sold.day, ...addExact(before, sold) } : sold);",
        to: "this.#setAside(sold);",
      },
    ],
  },
  {
    name: "let a late sale replace what was sold on its day",
    changes: [
      {
        file: DAYS,
        from: "before ? { day: sold.day, ...addExact(before, sold) } : sold",
        to: "sold",
      },
    ],
  },
  {
    name: "do not roll the days back on an abort",
    changes: [
      { file: DAYS, from: "    for (const undo of this.#undo.reverse()) undo();\n", to: "" },
    ],
  },
  {
    name: "roll the days back in the order of their changes",
    changes: [{ file: DAYS, from: "this.#undo.reverse()", to: "this.#undo" }],
  },
  {
    name: "keep what is known of the days on an abort",
    changes: [{ file: DAYS, from: "    this.#state = this.#committed;\n", to: "" }],
  },
  {
    name: "keep open sales of other days on an abort",
    changes: [
      {
        file: DAYS,
        from: "    this.#state = this.#committed;\n    this.#clearOpen();\n",
        to: "    this.#state = this.#committed;\n",
      },
    ],
  },
  {
    name: "write no day that has ended",
    changes: [
      {
        file: "aggregator/output-records.ts",
        from: "for (const day of days) yield",
        to: "for (const day of []) yield",
      },
    ],
  },
  {
    name: "lose a product's latest day when it sells on a later one",
    changes: [
      {
        file: DAYS,
        from: "if (last && isDayKept(last.day, latest)) this.#end(id, last);",
        to: "",
      },
    ],
  },
  {
    name: "move a product's latest day back to that of a late sale",
    changes: [
      {
        file: DAYS,
        from: "if (!last || sold.day > last.day) {",
        to: "if (sold.day !== last?.day) {",
      },
    ],
  },
  {
    name: "move the latest day of a partition back",
    changes: [
      {
        file: DAYS,
        from: "Math.max(state?.latest ?? NO_DAY, ...open)",
        to: "Math.max(NO_DAY, ...open)",
      },
    ],
  },
  {
    name: "forget the sales of days that are no longer kept",
    changes: [{ file: DAYS, from: "if (last) this.#leave", to: "if (false) this.#leave" }],
  },
  {
    name: "count the silent days of totals no longer when they leave",
    shownBy: 47,
    changes: [
      {
        file: DAYS,
        from: "    for (const entry of this.#last) if (entry && isLeaving(entry.day)) this.#setAside(entry);\n",
        to: "",
      },
    ],
  },
  {
    name: "restore no ended days",
    changes: [
      {
        file: "state/totals-log.ts",
        from: "else days.restoreEnded(id, decodeDay(key, value));",
        to: "",
      },
    ],
  },
  {
    name: "restore no latest day of a product",
    changes: [
      {
        file: "state/totals-log.ts",
        from: "    restored.totals.days.restoreLast(id, last);\n",
        to: "",
      },
    ],
  },
  {
    name: "let a sale that is ahead of the clock have a day",
    changes: [
      {
        file: FOLD,
        from: "if (second < 0 || second > secondMax) return OUTSIDE;",
        to: "if (second < 0) return OUTSIDE;",
      },
    ],
  },
  {
    name: "cut the days by UTC",
    changes: [{ file: FOLD, from: "new LocalDays(config.timeZone)", to: 'new LocalDays("UTC")' }],
  },
];
