/** Records by the fast path and by the judge. */

import { ProductIndex } from "../../../src/domain/products.ts";
import { type OutgoingRecord, RecordBatch, SaleSums } from "../../../src/kafka/kafka.ts";
import { native } from "../../../src/kafka/native.ts";
import {
  inputJudge,
  inputSchemas,
  type JudgeSettings,
  judgedRecord,
} from "../../../src/mapping/input-judge.ts";
import { programOf } from "../../support/programs.ts";

const encoder = new TextEncoder();

/**
 * What the fast path makes of records whose products it knows, and what the judge does. `known`:
 * products of records that the judge refuses.
 */
export function outcomesOf(
  settings: JudgeSettings,
  records: readonly OutgoingRecord[],
  { schemas = inputSchemas(settings), known = [] as readonly string[] } = {},
) {
  const judge = inputJudge(settings, schemas);
  const products = new ProductIndex();
  for (const product of known) products.findOrAdd(encoder.encode(product));
  const sums = new SaleSums(100, { program: programOf(settings, { schemas }), isBySecond: true });
  const batch = new RecordBatch({ recordsMax: 1, bytesMax: 10_000 });
  return records.map((record) => {
    batch.clear();
    batch.append({ ...record, partition: 0, timestamp: Date.UTC(2027, 0) });
    const verdict = judge.judge(judgedRecord(batch, 0, "sales"));
    const lines = verdict.kind === "counted" ? verdict.lines : [];
    for (const { product } of lines) products.findOrAdd(encoder.encode(product));
    sums.known = new Map([[0, [products.memory]]]);
    native.sumUp(batch.memory, ...sums.asArguments());
    const total = (column: ArrayLike<number>) =>
      Array.from(column).reduce((sum, value, i) => (i < sums.count ? sum + value : sum), 0);
    const scanned = {
      outcome: sums.counted[0] ? "counted" : sums.filtered[0] ? "filtered" : "deadLetter",
      quantity: BigInt(total(sums.quantities)),
      amount: BigInt(total(sums.amounts)),
      sales: total(sums.sales),
      returns: total(sums.returns),
      untimed: sums.untimed[0] as number,
    };
    const judged = {
      outcome: verdict.kind,
      quantity: lines.reduce((sum, { quantity }) => sum + quantity, 0n),
      amount: lines.reduce((sum, { amount }) => sum + amount, 0n),
      sales: lines.filter(({ isReturn }) => !isReturn).length,
      returns: lines.filter(({ isReturn }) => isReturn).length,
      untimed: verdict.kind === "counted" ? verdict.untimed : 0,
    };
    return { scanned, judged };
  });
}
