/**
 * What Spark's job takes for a sale, and why not: in Python what the judge of flat sales says, for
 * any bytes.
 * FUZZ_SEED repeats a run.
 */

import { expect } from "bun:test";
import { fileURLToPath } from "node:url";
import { MICROS_PER_UNIT } from "../../src/domain/money.ts";
import { timeZone } from "../../src/mapping/exact/zone.ts";
import { flatJudge } from "../../src/mapping/flat.ts";
import { broken, bytes, counted, rawValue, sale } from "../support/cases.ts";
import { requirement } from "../support/require.ts";
import { casesOf } from "../support/seed.ts";
import { nearlySale, Random } from "./generate.ts";

const test = requirement("python3");
/** Some thirty times slower than ours. */
const cases = Math.ceil(casesOf(600_000) / 30);
const seed = Number(Bun.env.FUZZ_SEED ?? 1);
const timeoutMs = 600_000 + cases;

const folder = fileURLToPath(new URL("../../spark", import.meta.url));
const judge = `
import base64, json, sys
from sale import NotASale, read_sale
for line in sys.stdin:
    try:
        product, quantity, price = read_sale(None if line == "\\n" else base64.b64decode(line[1:]))
        print(json.dumps([product, quantity, str(price)]))
    except NotASale as reason:
        print(json.dumps(str(reason)))
`;

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const chosen = [
  ...Object.values(counted),
  ...Object.values(broken),
  ...["5", '"a"', "true", "null", "{}", " ", nested(20_000), `${nested(20_000)}]`],
  sale('"deeper"', "1", "1", `,"x":${nested(400_000)}`),
  sale('"deep"', "1", "1", `,"x":{"a":{"b":${nested(9_000)},"price":9},"c":[1,"]"]},"price":2`),
  sale('"deep and wrong"', "1", "1", `,"x":${nested(9_000)},`),
  sale('"deep and wrong"', "1", "1", `,"x":${nested(9_000)} "y":1`),
  sale('"a"', "1", `1e${"9".repeat(9_000)}`),
  sale('"a"', "1", `1e-${"0".repeat(9_000)}`),
  sale('"a"', "1", "1".repeat(9_000)),
  sale('"\\ud83d\\ude00"', `"${"a".repeat(39)}😀b"`, '"\\ud800\\u0001\\u2028\\u007f\\"\\\\\\/\\b"'),
  ...[
    '"2024-02-29T10:00"',
    '"2023-02-29"',
    '"2024-01-01T10:00:00.123456+23:59"',
    '"2024-01-01\\n"',
    '"0000-01-01"',
    '"2024-01-01T10:00Z"',
    '"٢024-01-01"',
    "-8640000000000000",
    "{}",
  ].map((time) => sale('"a"', "1", "1", `,"timestamp":${time}`)),
].map(rawValue);

test(
  `${cases} cases of seed ${seed}: Python and the judge of flat sales agree`,
  async () => {
    const random = new Random(seed);
    const values = [...chosen, ...Array.from({ length: cases }, () => nearlySale(random))];
    const found = await judged(values);
    let sales = 0;
    for (const [i, value] of values.entries()) {
      const expected = verdict(value);
      if (typeof expected !== "string") sales++;
      if (Bun.deepEquals(found[i], expected)) continue;
      const text = value && JSON.stringify(new TextDecoder().decode(value)).slice(0, 1_000);
      expect({ case: i, text, judged: found[i] }).toEqual({ case: i, text, judged: expected });
    }
    expect(found.length).toBe(values.length);
    expect(sales).toBeGreaterThan(cases / 10);
  },
  timeoutMs,
);

async function judged(values: readonly (Uint8Array | null)[]): Promise<unknown[]> {
  const lines = values.map((value) => value && `=${Buffer.from(value).toString("base64")}`);
  const child = Bun.spawn({
    cmd: ["python3", "-c", judge],
    env: { ...Bun.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1" },
    stdin: bytes(`${lines.map((line) => line ?? "").join("\n")}\n`),
    stdout: "pipe",
    stderr: "inherit",
  });
  const output = await new Response(child.stdout).text();
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const ours = flatJudge({ zone: timeZone("UTC") });

function verdict(value: Uint8Array | null): unknown {
  const judgement = ours.judge({ topic: "sales", key: null, value, headers: [] });
  if (judgement.kind === "counted") {
    const [line] = judgement.lines;
    const units = Number((line?.quantity ?? 0n) / MICROS_PER_UNIT);
    return [line?.product, units, String((line?.amount ?? 0n) / BigInt(units))];
  }
  // As a header holds it: UTF-8 has no lone surrogates.
  const reason = judgement.kind === "deadLetter" ? judgement.reason : judgement.kind;
  return new TextDecoder().decode(bytes(reason));
}
