/**
 * Random mappings and random records: the judge makes of them what the oracle makes of them.
 * The same sample each time; `npm run fuzz` does ten million others. FUZZ_SEED repeats a run.
 */

import { expect, test } from "bun:test";
import { timeZone } from "../../src/mapping/exact/zone.ts";
import { compileMapping } from "../../src/mapping/judge.ts";
import type { Judgement } from "../../src/mapping/model/judgement.ts";
import { parseMapping } from "../../src/mapping/rules/parse.ts";
import { printMapping } from "../../src/mapping/rules/print.ts";
import { casesOf } from "../support/seed.ts";
import { Random } from "./generate.ts";
import { randomRules } from "./mapping-chance.ts";
import { MappingOracle, type Outcome } from "./mapping-oracle.ts";
import { RecordChance } from "./mapping-records.ts";
import { type RuleSet, spelled } from "./mapping-rules.ts";
import { instantsOf } from "./oracle-time.ts";

const cases = casesOf(40_000);
const seed = Number(Bun.env.FUZZ_SEED ?? 1);
const RECORDS_OF_A_MAPPING = 40;
/** At the rate of a slow machine. */
const timeoutMs = 600_000 + cases / 2;
const zones = ["UTC", "UTC", "UTC", "UTC", "America/New_York", "Asia/Kolkata"];
const instants = new Map(zones.map((zone) => [zone, instantsOf(zone)]));

test(
  `${cases} cases of seed ${seed}: the judge of a mapping and the oracle agree`,
  () => {
    const random = new Random(seed);
    const seen = { counted: 0, lines: 0, returns: 0, untimed: 0, filtered: 0, deadLetters: 0 };
    for (let i = 0; i < cases; i += RECORDS_OF_A_MAPPING) {
      const rules = randomRules(random);
      const text = spelled(rules, random);
      const zone = random.pick(zones);
      const { judge, oracle } = judgesOf(rules, { text, zone, seesNormalForm: i % 80 === 0 });
      const chance = new RecordChance(rules, random);
      for (let k = 0; k < RECORDS_OF_A_MAPPING; k++) {
        const record = chance.next();
        const judged = judge.judge(record);
        const expected = oracle.judge(record);
        if (!Bun.deepEquals(outcomeOf(judged), expected)) {
          const { key, value, headers } = record;
          const all = { key: shown(key), value: shown(value), headers: headers.map(shownHeader) };
          const context = { case: i + k, rules: text.split("\n"), zone, ...all };
          expect({ ...context, judged }).toEqual({ ...context, judged: expected as never });
        }
        count(seen, judged);
      }
    }
    console.log(`${JSON.stringify(seen)} of ${cases} cases`);
    // Cases that are nearly all refused would prove little.
    expect(seen.counted).toBeGreaterThan(cases / 8);
    expect(seen.returns).toBeGreaterThan(cases / 100);
    expect(seen.filtered).toBeGreaterThan(cases / 20);
  },
  timeoutMs,
);

/** Every other judge is made of the normal form, which must mean the same. */
function judgesOf(
  rules: RuleSet,
  { text, zone, seesNormalForm }: { text: string; zone: string; seesNormalForm: boolean },
) {
  try {
    const parsed = parseMapping(text);
    const mapping = seesNormalForm ? parseMapping(printMapping(parsed)) : parsed;
    const format = rules.columns ? "csv" : "json";
    const judge = compileMapping(mapping, { format, currency: "USD", zone: timeZone(zone) });
    const oracle = new MappingOracle(rules, "USD", instants.get(zone) ?? ((ms) => ms));
    return { judge, oracle };
  } catch (error) {
    throw new Error(`${error}\nof the rules\n${text}`);
  }
}

function outcomeOf(judged: Judgement): Outcome {
  if (judged.kind === "filtered") return "filtered";
  if (judged.kind === "deadLetter") return "dead letter";
  if (judged.kind === "awaiting") throw new Error("JSON waits for no schema");
  return {
    lines: judged.lines.map((line) => ({ by: undefined, ...line })),
    untimed: judged.untimed,
  };
}

function count(seen: Record<string, number>, judged: Judgement): void {
  const add = (name: string, by: number) => {
    seen[name] = (seen[name] ?? 0) + by;
  };
  if (judged.kind === "filtered") add("filtered", 1);
  else if (judged.kind === "deadLetter") add("deadLetters", 1);
  else if (judged.kind === "counted") {
    add("counted", 1);
    add("lines", judged.lines.length);
    add("returns", judged.lines.filter(({ isReturn }) => isReturn).length);
    add("untimed", judged.untimed);
  }
}

function shown(bytes: Uint8Array | null): string | null {
  return bytes && JSON.stringify(new TextDecoder().decode(bytes));
}

function shownHeader({ name, value }: { name: string; value: Uint8Array | null }): string {
  return `${name}: ${shown(value)}`;
}
