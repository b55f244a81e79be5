/** The orders of the demo, as the judge of their mapping reads them. */

import { DEMO_ORDERS_RULES } from "../../src/config/demo-options.ts";
import { inputJudge } from "../../src/mapping/input-judge.ts";
import type { Judge, JudgedRecord } from "../../src/mapping/model/judgement.ts";
import { parseMapping } from "../../src/mapping/rules/parse.ts";

export function orderJudge({ currency = "USD" } = {}): Judge {
  const mapping = parseMapping(DEMO_ORDERS_RULES);
  return inputJudge({ mapping, inputFormat: "json", timeZone: "UTC", currency });
}

export function judgedOrders(records: readonly { readonly text: string }[]): JudgedRecord[] {
  return records.map(({ text }) => ({
    topic: "orders",
    key: null,
    value: new TextEncoder().encode(text),
    headers: [],
  }));
}
