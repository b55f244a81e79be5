/** One run of `bun test`, counted. */

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, say } from "./command.mjs";
import { failuresOf, shortened } from "./failures.mjs";

/**
 * A guard against a test that hangs, and no bound of what a test may take: on a busy machine a test
 * of seconds takes minutes. It is longer than any wait in a test, whose error says more.
 */
const testTimeoutMs = 600_000;
/**
 * A run that says nothing for so long hangs. Its whole time proves nothing: each test has a limit
 * of its own and says a line when it ends, and a busy machine may take any time for all of them.
 */
const silenceMinutesMax = 20;
/** How `bun test` ends when no test of its files has the name that `-t` asks for. */
const nothingNamed = /\bmatched 0 tests\b/;
/** What a run that crashed said last. */
const LAST_LINES = 12;
/** Of all failed tests together: often no more than the last hundred lines are shown. */
const FAILURE_LINES_MAX = 80;

/** @typedef {{ passed: number, failed: number, skipped: number, failures: string[] }} Counts */

/**
 * What is run, and how it is shown: `live` as it comes, or whole in the end, beside the counts.
 * @typedef {{
 *   name: string, live: boolean, processes?: number, cwd?: string, env?: NodeJS.ProcessEnv
 * }} Suite
 */

/**
 * Runs `bun test` and counts its tests. A run that crashes, hangs or cannot load a file counts as
 * a failure too.
 * @param {string} bun
 * @param {readonly string[]} args files and options of `bun test`
 * @param {Suite} suite with `processes` above 1, so many files run at a time
 * @returns {Promise<Counts & { output: string }>} the output that was not shown yet
 */
export async function runSuite(bun, args, { name, processes = 1, ...running }) {
  const folder = join(root, ".cache/reports");
  mkdirSync(folder, { recursive: true });
  const report = join(folder, `${name}.xml`);
  rmSync(report, { force: true });
  const options = [
    `--timeout=${testTimeoutMs}`,
    "--reporter=junit",
    `--reporter-outfile=${report}`,
  ];
  if (processes > 1) {
    // Files that a process runs share what it has started, such as a broker.
    options.push(`--parallel=${processes}`, "--parallel-delay=0", "--no-isolate");
    // The files that took longest the last time come first.
    options.push(`--timings=${join(folder, `${name}.timings.json`)}`, "--update-timings");
  }
  const { status, output } = await watched([bun, "test", ...options, ...args], running);
  const counts = existsSync(report) ? count(readFileSync(report, "utf8")) : nothing();
  // Another suite may have it: `scripts/test.mjs` fails when none has.
  if (status !== 0 && counts.failed === 0 && !nothingNamed.test(output)) {
    counts.failed = 1;
    const last = shortened(output.split("\n").slice(-LAST_LINES)).map((line) => `    ${line}`);
    counts.failures.push([`${name}: the run ended with status ${status}`, ...last].join("\n"));
  }
  return { ...counts, output };
}

/**
 * Runs a program without input and ends it when it has been silent for too long.
 * @param {readonly [string, ...string[]]} command
 * @param {{ live: boolean, cwd?: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ status: number | string, output: string }>} the output unless it was shown
 */
export function watched([program, ...args], { live, cwd = root, env = process.env }) {
  const colours = process.stderr.isTTY ? { FORCE_COLOR: "1" } : {};
  const child = spawn(program, args, {
    cwd,
    env: { ...colours, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let heardAt = performance.now();
  /** @param {string} text */
  const hear = (text) => {
    heardAt = performance.now();
    if (live) process.stderr.write(text);
    else output += text;
  };
  child.stdout.setEncoding("utf8").on("data", hear);
  child.stderr.setEncoding("utf8").on("data", hear);
  const timer = setInterval(() => {
    if (performance.now() - heardAt < silenceMinutesMax * 60_000) return;
    hear(`\nStopped: silent for ${silenceMinutesMax} minutes.\n`);
    child.kill("SIGKILL");
  }, 1_000);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ status: code ?? signal ?? "unknown", output }));
  }).finally(() => clearInterval(timer));
}

/**
 * @param {string} junit
 * @returns {Counts}
 */
function count(junit) {
  const [head = ""] = /<testsuites [^>]*>/.exec(junit) ?? [];
  const number = (/** @type {string} */ name) =>
    Number(new RegExp(` ${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
  const [failed, skipped] = [number("failures"), number("skipped")];
  const passed = number("tests") - failed - skipped;
  return { passed, failed, skipped, failures: failuresOf(junit) };
}

/**
 * Ends the output of a script that ran tests, and gives it its status.
 * @param {Counts} counts
 */
export function sumUp({ passed, failed, skipped, failures }) {
  if (failed > 0) process.exitCode = 1;
  // Again at the end, with the errors: a long run is read from there.
  const linesMax = Math.max(1, Math.floor(FAILURE_LINES_MAX / failures.length));
  for (const failure of failures) {
    say(`\nfailed: ${failure.split("\n").slice(0, linesMax).join("\n")}`);
  }
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
}

/** @returns {Counts} */
export function nothing() {
  return { passed: 0, failed: 0, skipped: 0, failures: [] };
}
