/** Programs of the fast path, for tests. */

import type { JudgeSettings } from "../../src/mapping/input-judge.ts";
import { inputProgram } from "../../src/mapping/input-program.ts";
import { parseMapping } from "../../src/mapping/rules/parse.ts";

/** Undefined rules = the flat sale. */
export function settingsOf(rules?: string, timeZone = "UTC"): JudgeSettings {
  const mapping = rules === undefined ? undefined : parseMapping(rules, { hasComments: true });
  return { mapping, inputFormat: "json", timeZone, currency: "USD" };
}

/** @throws Error when the fast path cannot follow these settings */
export function programOf(settings: JudgeSettings, topic = "sales"): ArrayBuffer {
  const program = inputProgram(settings, { topic, now: new Date(Date.UTC(2026, 10, 24)) });
  if (!program) throw new Error("The fast path cannot follow this mapping.");
  return program;
}

export const flatProgram = programOf(settingsOf());
