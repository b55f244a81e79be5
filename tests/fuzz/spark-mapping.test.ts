/**
 * What Spark's job makes of a record by a mapping: in Python what the judge says, for the shared
 * shapes and for random mappings and records; and what its expressions for plain records take is
 * judged alike. FUZZ_SEED repeats a run.
 */

import { expect } from "bun:test";
import { fileURLToPath } from "node:url";
import { timeZone } from "../../src/mapping/exact/zone.ts";
import { compileMapping, type InputFormat } from "../../src/mapping/judge.ts";
import type { Judgement } from "../../src/mapping/model/judgement.ts";
import { parseMapping } from "../../src/mapping/rules/parse.ts";
import { bytes } from "../support/cases.ts";
import { requirement } from "../support/require.ts";
import { casesOf } from "../support/seed.ts";
import { isText, recordsOf, sharedCases } from "../support/shared-cases.ts";
import { Random } from "./generate.ts";
import { randomRules } from "./mapping-chance.ts";
import type { InputRecord } from "./mapping-oracle.ts";
import { RecordChance } from "./mapping-records.ts";
import { spelled } from "./mapping-rules.ts";

const test = requirement("python3");
/** All of them are in memory at once. */
const CASES_MAX = 100_000;
const cases = Math.min(CASES_MAX, Math.ceil(casesOf(600_000) / 30));
const seed = Number(Bun.env.FUZZ_SEED ?? 1);
const RECORDS_OF_A_MAPPING = 40;
const NAMES = ["Shop", " ", " - ", '"it\'s"', "日本", "42", "x".repeat(65)];
const timeoutMs = 60_000 + 5 * cases;

const folder = fileURLToPath(new URL("../../spark", import.meta.url));
/** Reads mappings and records, one JSON a line; says the lines, or why there are none. */
const program = `
import base64, json, sys
import plain, rules
from judge import Judge
from sale import NotASale
def decoded(text):
    return None if text is None else base64.b64decode(text)
for line in sys.stdin:
    given = json.loads(line)
    if "rules" in given:
        mapping = rules.parse(given["rules"])
        rules.check_columns(mapping, given["format"])
        judge, plan = Judge(mapping, "USD"), plain.plan_of(mapping, "USD")
        continue
    headers = [(name, decoded(value)) for name, value in given["headers"]]
    value = decoded(given["value"])
    try:
        found = judge.judge(value, decoded(given["key"]), headers, given["topic"])
    except NotASale as problem:
        found = str(problem)
    try:
        text = None if value is None else value.decode()
    except UnicodeDecodeError:
        text = None
    taken = None if plan is None or text is None else plain.judge_plain(plan, text)
    if taken is not None and taken != found:
        found = "PLAIN " + str(taken)
    if isinstance(found, list):
        found = [[name, str(quantity), str(amount), back] for name, quantity, amount, back in found]
    print(json.dumps({"found": found, "isPlain": taken is not None}))
`;

interface Mapped {
  rules: string;
  format: InputFormat;
  records: InputRecord[];
}

test(
  `${cases} cases of seed ${seed}: Python and the judge of a mapping agree`,
  async () => {
    const random = new Random(seed);
    const mapped = [...shared(), ...plainest(random), ...chance(random)];
    const answers = await judged(mapped);
    const seen = { counted: 0, plain: 0, all: 0 };
    for (const { rules, format, records } of mapped) {
      const options = { format, currency: "USD", zone: timeZone("UTC") };
      const judge = compileMapping(parseMapping(rules), options);
      for (const record of records) {
        const { found, isPlain } = answers[seen.all++] ?? {};
        const expected = outcomeOf(judge.judge(record));
        if (isPlain) seen.plain++;
        if (Array.isArray(expected)) seen.counted++;
        const given = typeof found === "string" && !found.startsWith("PLAIN") ? "dead" : found;
        if (Bun.deepEquals(given, expected)) continue;
        const text = record.value && JSON.stringify(new TextDecoder().decode(record.value));
        const context = { rules: rules.split("\n"), text };
        expect({ ...context, found }).toEqual({ ...context, found: expected });
      }
    }
    expect(answers).toHaveLength(seen.all);
    console.log(`${JSON.stringify(seen)}`);
    expect(seen.counted).toBeGreaterThan(cases / 10);
    expect(seen.plain).toBeGreaterThan(cases / 200);
  },
  timeoutMs,
);

function shared(): Mapped[] {
  return sharedCases()
    .filter(isText)
    .map((sample) => ({
      rules: sample.map.join("\n"),
      format: sample.format,
      records: recordsOf(sample).map(({ value, key = null, headers = [] }) => ({
        ...{ topic: "sales", key, value },
        headers: headers.map(({ name, value }) => ({ name, value })),
      })),
    }));
}

/** Mappings whose records can be plain, which random ones seldom are. */
function plainest(random: Random): Mapped[] {
  const place = (key: string) => [{ place: { from: "line" as const, hops: [{ key }] } }];
  const sum = (key: string, divisor: number | undefined) => ({
    summands: [{ sources: source(key), isSubtracted: false, decimal: undefined, divisor }],
    round: undefined,
  });
  const source = (key: string) => {
    const constant = random.pick(["0", "3", "9.50", "0.000001", "1234567890", "+4", "1e3"]);
    return random.below(5) === 0 ? [{ constant }] : place(key);
  };
  return Array.from({ length: cases / 200 }, (): Mapped => {
    const columns = random.below(4) === 0 ? ["a", "it's", "c", "x y", "kind", "f"] : undefined;
    const rules = {
      ...{ columns, lines: undefined, time: undefined, minus: undefined },
      product: [random.below(5) === 0 ? [{ constant: random.pick(NAMES) }] : place("a")],
      quantity: random.below(3) === 0 ? undefined : sum("it's", undefined),
      money: sum("c", random.pick([undefined, 2, 3])),
      isPrice: random.below(2) === 0,
      currency: random.below(3) === 0 ? [place("x y")] : undefined,
      only: [
        {
          place: { from: "line" as const, hops: [{ key: "kind" }] },
          isNegated: random.below(2) === 0,
          words: ["paid", "1"],
        },
      ],
      returns: undefined,
      by: [],
    };
    return made(rules, random);
  });
}

function chance(random: Random): Mapped[] {
  return Array.from({ length: cases / RECORDS_OF_A_MAPPING }, () =>
    // The Spark job adds up by product alone.
    made({ ...randomRules(random), by: [] }, random),
  );
}

function made(rules: Parameters<typeof spelled>[0], random: Random): Mapped {
  const records = new RecordChance(rules, random);
  return {
    rules: spelled(rules, random),
    format: rules.columns ? "csv" : "json",
    records: Array.from({ length: RECORDS_OF_A_MAPPING }, () => records.next()),
  };
}

async function judged(mapped: Mapped[]): Promise<{ found: unknown; isPlain: boolean }[]> {
  const encoded = (part: Uint8Array | null) => part && Buffer.from(part).toString("base64");
  const lines = mapped.flatMap(({ rules, format, records }) => [
    JSON.stringify({ rules, format }),
    ...records.map(({ topic, key, value, headers }) =>
      JSON.stringify({
        topic,
        key: encoded(key),
        value: encoded(value),
        headers: headers.map(({ name, value }) => [name, encoded(value)]),
      }),
    ),
  ]);
  const child = Bun.spawn({
    cmd: ["python3", "-c", program],
    env: { ...Bun.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1" },
    stdin: bytes(`${lines.join("\n")}\n`),
    stdout: "pipe",
    stderr: "inherit",
  });
  const output = await new Response(child.stdout).text();
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

function outcomeOf(judgement: Judgement): unknown {
  if (judgement.kind === "deadLetter") return "dead";
  if (judgement.kind === "filtered") return [];
  if (judgement.kind === "awaiting") throw new Error("JSON waits for no schema");
  return judgement.lines.map(({ product, quantity, amount, isReturn }) => {
    return [product, String(quantity), String(amount), isReturn];
  });
}
