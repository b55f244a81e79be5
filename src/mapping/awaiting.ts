/** For commands that look at records one behind the other: they wait for schemas, not for ever. */

import { SalesboardError } from "../lib/errors.ts";
import type { AwaitedSchema } from "./model/awaited.ts";
import type { FinalJudgement, Judge, JudgedRecord } from "./model/judgement.ts";

/**
 * The verdict once the record's schema is here. `onWait` waits, or throws to give up.
 * @throws the schema's failure
 */
export async function judgeWhenReady(
  judge: Judge,
  record: JudgedRecord,
  onWait: (schema: AwaitedSchema) => Promise<void>,
): Promise<FinalJudgement> {
  while (true) {
    const judgement = judge.judge(record);
    if (judgement.kind !== "awaiting") return judgement;
    await onWait(judgement.schema);
    if (judgement.schema.failure) throw judgement.schema.failure;
  }
}

/** @throws SalesboardError with exit status 69 when the schema does not come within `ms` */
export async function arrivalWithin(schema: AwaitedSchema, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), ms);
  });
  const first = await Promise.race([schema.arrival, late]);
  clearTimeout(timer);
  if (first !== "late") return;
  const reason = schema.problem ?? "the registry has not answered";
  const within = `within ${ms / 1_000} s (--startup-timeout)`;
  throw new SalesboardError(`Cannot read ${schema.name} ${within}: ${reason}.`, { exitStatus: 69 });
}
