/** The bench still works, in its short mode: that it measures, not what. */

import { expect } from "bun:test";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import type { FigureGoal } from "../../bench/report.ts";
import { figures, type Section } from "../../bench/section.ts";
import { requirement } from "../support/require.ts";

/** Longest time without a word of it: then it hangs. How long all of it takes proves nothing. */
const SILENCE_MS_MAX = 1_080_000;
/** Bun's own limit of a test, which must not come first. */
const TEST_MS_MAX = 2 ** 31 - 1;
/** Peers on flat sales: `--short` shows that they work in other sections. */
const inFullOnly: readonly string[] = ["F4"];
const root = fileURLToPath(new URL("../..", import.meta.url));

requirement("java", "maven", "kcat")(
  "bench --short measures every section with finite figures",
  async () => {
    const file = `${tmpdir()}/salesboard-bench-${process.pid}.json`;
    const names = (await bench("--list", "--short")).trim().split("\n");
    const text = await bench("--short", "--json", file);
    const { machine, figures: goals, sections } = JSON.parse(readFileSync(file, "utf8"));
    rmSync(file);
    expect(text).toContain(machine.date);
    expect(Object.keys(sections)).toEqual(names);
    for (const [name, { title, columns, rows, goals, data, skipped }] of entries(sections)) {
      expect(text).toContain(title);
      // What is skipped says why; in CI nothing may be.
      if (skipped.length > 0 && !Bun.env.SALESBOARD_REQUIRE) continue;
      expect([name, ...skipped]).toEqual([name]);
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect(row.length).toBe(columns.length);
      // JSON has no NaN and no Infinity: both become null.
      expect(JSON.stringify(data)).not.toContain("null");
      expect(JSON.stringify([rows, goals])).not.toMatch(/NaN|Infinity|undefined/);
    }
    // Each of the goals that docs/performance.md begins with, in the last table.
    if (entries(sections).some(([, { skipped }]) => skipped.length > 0)) return;
    const found = new Set(goals.map(({ figure }: FigureGoal) => figure));
    expect([...found]).toEqual(figures.filter((figure) => !inFullOnly.includes(figure)));
    for (const figure of found) expect(text).toContain(`\n| ${figure} | `);
  },
  TEST_MS_MAX,
);

function entries(sections: Record<string, Section>): [string, Section][] {
  return Object.entries(sections);
}

async function bench(...args: string[]): Promise<string> {
  const child = Bun.spawn(["node", "scripts/bench.mjs", ...args], {
    cwd: root,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let progress = "";
  let heardAt = performance.now();
  const timer = setInterval(() => {
    if (performance.now() - heardAt > SILENCE_MS_MAX) child.kill("SIGKILL");
  }, 1_000);
  const listen = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) {
      heardAt = performance.now();
      const text = decoder.decode(chunk, { stream: true });
      progress += text;
      // So that whoever watches the tests hears it too.
      process.stderr.write(text);
    }
  };
  const [stdout, status] = await Promise.all([
    new Response(child.stdout).text(),
    child.exited,
    listen(),
  ]).finally(() => clearInterval(timer));
  if (status !== 0) {
    const silentSeconds = Math.round((performance.now() - heardAt) / 1_000);
    throw new Error(
      `The bench ended with ${status}, ${silentSeconds} s after its last word:\n${progress}`,
    );
  }
  return stdout;
}
