/**
 * A stack in the log of the executable must lead to the source. It was built with `--minify` and
 * without a source map once: "at M$ (/$bunfs/root/salesboard:64:3834)" was all that a report of a
 * fault contained.
 */

import { afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { logged, Runs } from "../support/board.ts";

const fault = fileURLToPath(new URL("../fixtures/failing-request.ts", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
const runs = new Runs();
afterEach(() => runs.end());

test("a logged stack names functions, files of src and their lines", async () => {
  const env = { BUN_OPTIONS: `--preload=${fault}` };
  const run = runs.start(["--port", "0"], { env });
  const response = await fetch(`${await run.url()}/?q=made-up-fault`);
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("src/");

  const { properties } = await logged(run, "A request failed.");
  const stack = String(properties.stack);
  const [, file = "", line = ""] =
    /at parseLook \((src\/[\w/-]+\.ts):(\d+):\d+\)/.exec(stack) ?? [];
  expect(file, stack).toBe("src/dashboard/look/look.ts");
  expect(sourceLine(file, Number(line))).toContain("search.getAll(name)");
  expect(stack).toMatch(/src\/dashboard\/http\/routes\.ts:\d+/);
});

function sourceLine(file: string, line: number): string {
  return readFileSync(`${root}/${file}`, "utf8").split("\n")[line - 1] ?? "";
}
