/** The table is a proof only if the campaign that wrote it was the full one. */

import { describe, expect, test } from "bun:test";
import type { Observation } from "./arena.ts";
import type { Fault } from "./fault.ts";
import {
  clusterSection,
  clusterSectionOf,
  describedIn,
  problemsOf,
  table,
  withClusterSection,
  withManySection,
} from "./report.ts";
import { type Scale, scaleOf } from "./scale.ts";

const told = { name: "it rains", injection: "Water is poured.", expected: "It is wet." };
const fault: Fault = { ...told, run: async () => {} };
const full = scaleOf({ FAULTS_WRITE: "1" });

function written(scale: Scale, sales = 1_234): string {
  const seen: Observation = { sales, recoveriesMs: [100], details: ["2 × wet"] };
  return table(new Map([[fault, seen]]), scale);
}

describe("scaleOf", () => {
  test("is full for what is written, and small for what is not", () => {
    expect(full).toMatchObject({ rounds: 5, rate: 5_000, sessionMs: 10_000 });
    expect(scaleOf({ FAULTS_WRITE: "1", FAULTS_ROUNDS: "7" })).toEqual({ ...full, rounds: 7 });
    expect(scaleOf({ FAULTS_ROUNDS: "1" })).toEqual({ ...full, rounds: 1 });
    expect(scaleOf({}).rate).toBeLessThan(full.rate);
  });

  test.each([
    [{ FAULTS_ROUNDS: "2", FAULTS_WRITE: "1" }, "from 5 on, received 2."],
    [{ FAULTS_ROUNDS: "0" }, "from 1 on, received 0."],
    [{ FAULTS_ROUNDS: "many" }, "from 1 on, received many."],
  ])("refuses %p", (env, end) => {
    expect(() => scaleOf(env)).toThrow(`FAULTS_ROUNDS must be an integer ${end}`);
  });
});

describe("problemsOf", () => {
  test("finds none in what a full campaign wrote, of any size", () => {
    expect(describedIn(written(full))).toEqual([{ ...told, sales: 1_234 }]);
    expect(problemsOf(written(full))).toEqual([]);
    expect(problemsOf(written({ ...full, rounds: 20 }))).toEqual([]);
  });

  // A table of two rounds, with short time-outs and a third of the sales, stood there for a day.
  test.each([
    ["a short campaign", written(scaleOf({}))],
    ["few rounds", written({ ...full, rounds: 2 })],
    ["a lower rate", written({ ...full, rate: 2_000 })],
    ["other time-outs", written({ ...full, sessionMs: 4_000 })],
    ["sales that are not the sum of the rows", written(full).replace("sent: 1,234", "sent: 9,999")],
    ["another number of faults", written(full).replace("1 faults", "30 faults")],
    ["no introduction", written(full).slice(written(full).indexOf("\n|"))],
    ["a fault that was not observed", written(full).replace(/1,234 sales verified.*\|/, "|")],
    ["a fault without sales", written(full, 0)],
  ])("finds %s", (_what, markdown) => {
    expect(problemsOf(markdown)).not.toEqual([]);
  });
});

// The campaign on a single broker writes the whole file, and dropped what the other one had seen.
test("what three brokers have shown stands behind the table, and stays there", () => {
  const seen: Observation = { sales: 7, recoveriesMs: [], details: [] };
  const section = clusterSection(new Map([[told, seen]]));
  const whole = withClusterSection(written(full), section);
  expect(describedIn(whole).map(({ name }) => name)).toEqual([told.name]);
  expect(problemsOf(whole)).toEqual(problemsOf(written(full)));
  const kept = clusterSectionOf(whole);
  expect(kept).toContain("- **it rains**: Water is poured. It is wet. _7 sales verified._");
  expect(withClusterSection(written(full), kept)).toBe(whole);
  expect(withClusterSection(whole, section)).toBe(whole);
});

test("what many partitions have shown stands at the end, until it is written anew", () => {
  const section = clusterSection(new Map([[told, { sales: 7, recoveriesMs: [], details: [] }]]));
  const file = withClusterSection(written(full), section);
  const whole = withManySection(file, told, ["8 sales verified", "ready after 2.0 s"]);
  const line = "- **it rains**: Water is poured. It is wet. _8 sales verified; ready after 2.0 s._";
  expect(whole).toStartWith(file);
  expect(whole.trimEnd()).toEndWith(line);
  expect(withManySection(whole, told, ["8 sales verified", "ready after 2.0 s"])).toBe(whole);
  // The campaign on a single broker keeps it, with all that stands behind the table.
  expect(withClusterSection(written(full), clusterSectionOf(whole))).toBe(whole);
});
