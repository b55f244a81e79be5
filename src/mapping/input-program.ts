/** The program of the fast path that the settings ask for. */

import { timeZone } from "./exact/zone.ts";
import { FLAT_RULES } from "./flat.ts";
import type { JudgeSettings } from "./input-judge.ts";
import { daySpans } from "./program/days.ts";
import { compileProgram } from "./program/program.ts";
import { parseMapping } from "./rules/parse.ts";

const DAY_MS = 86_400_000;

/**
 * `now`: about when the records are. Undefined = there is no fast path for these settings: the
 * judge has all records.
 */
export function inputProgram(
  settings: JudgeSettings,
  { topic, now }: { topic: string; now: Date },
): ArrayBuffer | undefined {
  const { mapping, inputFormat, currency } = settings;
  // Where records wait for schemas, nothing may be added up before the judge has seen it.
  if (inputFormat !== "json") return undefined;
  const today = Math.floor(now.getTime() / DAY_MS);
  return compileProgram(mapping ?? parseMapping(FLAT_RULES), {
    topic,
    currency,
    zone: daySpans(timeZone(settings.timeZone), today),
    isFlat: mapping === undefined,
  });
}
