/** Mistakes that somebody could make with dimensions: they would not add up to the totals. */

import type { Mutation } from "./mutation.ts";

const FOLD = "aggregator/fold.ts";
const JUDGE = "mapping/judge.ts";
const LAWS = "aggregator/belonging/dimensions.ts";
const PARTITION = "state/owned-partition.ts";
const OUTPUT = "aggregator/output-records.ts";

export const dimensionMutations: readonly Mutation[] = [
  {
    name: "drop the row of a dimension at a batch's end",
    changes: [
      {
        file: FOLD,
        from: "      if (!partition || this.held.has(partition.id)) continue;\n      // A row of a dimension",
        to:
          "      if (!partition || (this.#sums.dimensionOf(i) > 0 && i === rows - 1)) continue;\n" +
          "      // A row of a dimension",
      },
    ],
  },
  {
    // The law between dimensions and totals notices it at the next restore, which reads everything.
    name: "do not roll a dimension back on an abort, and restore it without its law",
    changes: [
      {
        file: PARTITION,
        from: "    for (const totals of this.dimensions) totals.rollback();\n",
        to: "    for (const totals of this.dimensions) totals.commit();\n",
      },
      {
        file: LAWS,
        from: "totals.sales !== must.sales || totals.returns !== must.returns",
        to: "false",
      },
      {
        file: LAWS,
        from: "return daysContradiction({ totals, bookkeeping }, { ...config, outputTopic: topic });",
        to: "return undefined;",
      },
    ],
  },
  {
    name: "take the values of the first line for all lines of a record",
    changes: [
      {
        file: JUDGE,
        from: "      lines.push(read);\n",
        to: "      lines.push({ ...read, by: lines[0]?.by ?? read.by });\n",
      },
    ],
  },
  {
    name: "count a line without a value in no value",
    changes: [
      {
        file: FOLD,
        from: "    values.applyLarge(value, sums);\n",
        to: "    if (line.by?.[i] === NO_VALUE) continue;\n    values.applyLarge(value, sums);\n",
      },
    ],
  },
  {
    name: "write the first dimension to the topics of all dimensions",
    changes: [
      { file: OUTPUT, from: "dimensions[i] as SealedTotals", to: "dimensions[0] as SealedTotals" },
    ],
  },
  {
    name: "count the rows of all dimensions in the first one",
    changes: [
      {
        file: FOLD,
        from: "partition.dimensions[dimension - 1]",
        to: "partition.dimensions[0]",
      },
    ],
  },
  {
    name: "go on in memory with a dimension that is not of the totals' transaction",
    shownBy: 614,
    changes: [
      {
        file: "aggregator/kept.ts",
        from: "restored(totals, ends.dimensions[i] as number)",
        to: "restored(totals, ends.output + 0 * i)",
      },
      {
        file: LAWS,
        from: "bookkeeping.inputOffset !== inputOffset || bookkeeping.sequence !== sequence",
        to: "false",
      },
      {
        file: LAWS,
        from: "totals.sales !== must.sales || totals.returns !== must.returns",
        to: "false",
      },
      {
        file: LAWS,
        from: "return daysContradiction({ totals, bookkeeping }, { ...config, outputTopic: topic });",
        to: "return undefined;",
      },
    ],
  },
];
