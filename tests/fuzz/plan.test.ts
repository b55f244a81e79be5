/**
 * The fast path against the judge: random mappings, and random records that nearly fit them. What
 * the fast path takes, it counts as the judge does; the rest it leaves to the judge. The same
 * sample each time; `npm run fuzz` does ten million others. FUZZ_SEED repeats a run.
 */

import { expect, test } from "bun:test";
import { type OutgoingRecord, RecordBatch } from "../../src/kafka/kafka.ts";
import { inputJudge, judgedRecord } from "../../src/mapping/input-judge.ts";
import { programOf, settingsOf } from "../support/programs.ts";
import { casesOf } from "../support/seed.ts";
import { Random } from "./generate.ts";
import { randomRules } from "./mapping-chance.ts";
import type { InputRecord } from "./mapping-oracle.ts";
import { RecordChance } from "./mapping-records.ts";
import { spelled } from "./mapping-rules.ts";
import { randomMapping } from "./plan-mappings.ts";
import { randomRecord } from "./plan-records.ts";
import { Scanner, shown, summedUp } from "./scanner.ts";

const cases = casesOf(10_000);
const seed = Number(Bun.env.FUZZ_SEED ?? 1);
const RECORDS_PER_MAPPING = 50;
/** At the rate of a slow machine. */
const timeoutMs = 600_000 + cases;

const batch = new RecordBatch({ recordsMax: 1, bytesMax: 100_000 });

/** A mapping, and records that nearly fit it. */
type Source = (random: Random) => { rules: string; next: () => OutgoingRecord };

const sources: Record<string, Source> = {
  "one field or another": (random) => {
    const mapping = randomMapping(random);
    return { rules: mapping.rules, next: () => randomRecord(random, mapping) };
  },
  // Those that the oracle of mappings judges, so that all three agree.
  "every form of every rule": (random) => {
    let rules = randomRules(random);
    while (rules.columns) rules = randomRules(random);
    const chance = new RecordChance(rules, random);
    return { rules: spelled(rules, random), next: () => outgoing(chance.next()) };
  },
};

for (const [name, source] of Object.entries(sources)) {
  test(
    `${cases} records of seed ${seed}, ${name}: the fast path counts as the judge does`,
    () => {
      const random = new Random(seed);
      const seen = { taken: 0, sure: 0, deadLetters: 0, counted: 0, returns: 0, untimed: 0 };
      for (let i = 0; i < cases; i += RECORDS_PER_MAPPING) {
        const { rules, next } = source(random);
        const settings = settingsOf(rules, random.below(4) === 0 ? "Europe/Berlin" : "UTC");
        const judge = inputJudge(settings);
        const scanner = new Scanner(programOf(settings), settings.mapping?.by.length ?? 0);
        for (let k = 0; k < RECORDS_PER_MAPPING; k++) {
          const record = next();
          batch.clear();
          batch.append(record);
          const verdict = judge.judge(judgedRecord(batch, 0, "sales"));
          const scanned = scanner.scan(batch, verdict);
          if (verdict.kind === "deadLetter") seen.deadLetters++;
          else seen.sure++;
          if (!scanned) continue;
          seen.taken++;
          const expected = summedUp(verdict, record);
          if (!Bun.deepEquals(scanned, expected)) {
            const at = { case: i + k, seed, rules, record: shown(record) };
            expect({ ...at, scanned }).toEqual({ ...at, scanned: expected as never });
          }
          seen.counted += scanned.counted;
          seen.untimed += scanned.untimed;
          for (const { returns } of scanned.rows) seen.returns += returns;
        }
      }
      console.log(`${JSON.stringify(seen)} of ${cases} records`);
      // Records that are all refused, or all slow, would prove little.
      expect(seen.counted).toBeGreaterThan(cases / 20);
      expect(seen.taken).toBeGreaterThan(seen.sure / 2);
      expect(seen.returns).toBeGreaterThan(cases / 1_000);
      expect(seen.untimed).toBeGreaterThan(cases / 1_000);
    },
    timeoutMs,
  );
}

function outgoing({ key, value, headers }: InputRecord): OutgoingRecord {
  return { key, value, headers, partition: 0, timestamp: Date.UTC(2026, 10, 24) };
}
