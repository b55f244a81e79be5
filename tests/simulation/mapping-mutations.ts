/** Mistakes that somebody could make with records of many lines, filters and returns. */

import type { Mutation } from "./mutation.ts";

const FOLD = "aggregator/fold.ts";
const JUDGE = "mapping/judge.ts";
const TOTALS = "domain/totals.ts";

export const mappingMutations: readonly Mutation[] = [
  {
    name: "drop the last line of the record at a batch's end",
    changes: [
      {
        file: FOLD,
        from: "for (const line of judgement.lines) {",
        to:
          "const cut = i === batch.count - 1 && judgement.lines.length > 1 ? -1 : undefined;\n" +
          "      for (const line of judgement.lines.slice(0, cut)) {",
      },
    ],
  },
  {
    name: "count the lines of a record before the one that cannot be read",
    changes: [
      {
        file: JUDGE,
        from: "      const read = this.#line.read(line);\n",
        to:
          "      let read: SaleLine;\n      try {\n        read = this.#line.read(line);\n" +
          "      } catch (error) {\n        if (lines.length > 0) break;\n        throw error;\n      }\n",
      },
    ],
  },
  {
    name: "apply a filter of the line to the record",
    changes: [
      {
        file: JUDGE,
        from: "!allHold(this.#onLine, line)) continue;",
        to: "!allHold(this.#onLine, line)) return filtered;",
      },
    ],
  },
  {
    name: "turn the sign of a return once instead of twice",
    changes: [
      {
        file: JUDGE,
        from: "quantity: isReturn ? -sizeOf(quantity) : quantity,",
        to: "quantity,",
      },
    ],
  },
  {
    name: "forget the records that the fast path filtered",
    changes: [
      {
        file: FOLD,
        from: "      partition.filtered += BigInt(filtered[i] as number);\n",
        to: "",
      },
    ],
  },
  {
    name: "count lines of the fast path as records",
    changes: [
      {
        file: FOLD,
        from: "partition.counted += BigInt(counted[i] as number);",
        to: "partition.counted += BigInt(this.#sums.sales[i] ?? 0);",
      },
    ],
  },
  {
    name: "count returns of the fast path as sales",
    changes: [
      {
        file: FOLD,
        from: "sales: BigInt(sold), returns: BigInt(returned)",
        to: "sales: BigInt(sold + returned), returns: 0n",
      },
    ],
  },
  {
    name: "touch a product of returns alone with each of its lines",
    changes: [{ file: TOTALS, from: "before === 0 && !this.#carried.has(id)", to: "before === 0" }],
  },
  {
    name: "merge slots of history without their returns",
    changes: [
      {
        file: "history/slot.ts",
        from: "if (carried) this.#carry(this.#entries[at] as number, carried);",
        to: "if (carried) this.#carry(this.#entries[at] as number, { ...carried, returns: 0n });",
      },
    ],
  },
];
