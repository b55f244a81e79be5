/** The program of the fast path that the settings ask for. */

import { timeZone, utc } from "./exact/zone.ts";
import type { JudgeSettings } from "./input-judge.ts";
import { compileProgram } from "./program/program.ts";
import { parseMapping } from "./rules/parse.ts";

/** Closest to what `flatJudge` says; the program is told of the differences. */
const flatRules = "product: product; quantity: quantity; price: price; time: timestamp";

/** Undefined = there is no fast path for these settings: the judge has all records. */
export function inputProgram(settings: JudgeSettings, topic: string): ArrayBuffer | undefined {
  const { mapping, inputFormat, currency } = settings;
  if (mapping && inputFormat !== "json") return undefined;
  const hasUtc = timeZone(settings.timeZone) === utc;
  return compileProgram(mapping ?? parseMapping(flatRules), {
    topic,
    currency,
    hasUtc,
    isFlat: mapping === undefined,
  });
}
