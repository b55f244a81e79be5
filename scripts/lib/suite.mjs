/** One run of `bun test`, counted. */

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, say } from "./command.mjs";

/** Starting a broker or a browser takes longer than Bun's default of 5 s on a busy machine. */
const testTimeoutMs = 60_000;

/** @typedef {{ passed: number, failed: number, skipped: number, failures: string[] }} Counts */

/**
 * Shows the output of `bun test` and counts its tests. A run that crashes, hangs or cannot load a
 * file counts as a failure too.
 * @param {string} bun
 * @param {readonly string[]} args
 * @param {{ name: string, minutes: number, cwd?: string, env?: NodeJS.ProcessEnv }} suite
 * @returns {Promise<Counts>}
 */
export async function runSuite(bun, args, { name, minutes, cwd = root, env = process.env }) {
  const folder = join(root, ".cache/reports");
  mkdirSync(folder, { recursive: true });
  const report = join(folder, `${name}.xml`);
  rmSync(report, { force: true });
  const reporting = ["--reporter=junit", `--reporter-outfile=${report}`];
  const command = ["test", `--timeout=${testTimeoutMs}`, ...reporting, ...args];
  const child = spawn(bun, command, { cwd, env, stdio: "inherit" });
  const timer = setTimeout(() => {
    say(`Stopped: the ${name} tests took longer than ${minutes} minutes.`);
    child.kill("SIGKILL");
  }, minutes * 60_000);
  const status = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code));
  });
  clearTimeout(timer);
  const counts = existsSync(report) ? count(readFileSync(report, "utf8")) : nothing();
  if (status !== 0 && counts.failed === 0) {
    counts.failed = 1;
    counts.failures.push(`${name}: the run ended with status ${status}`);
  }
  return counts;
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
 * The failed tests, each as `file: name`.
 * @param {string} junit
 */
function failuresOf(junit) {
  const failed = /<testcase ([^>]*[^/])>\s*<failure/g;
  return Array.from(junit.matchAll(failed), ([, attributes = ""]) => {
    const value = (/** @type {string} */ name) =>
      new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "?";
    return `${value("file")}: ${value("name")}`;
  });
}

/** @returns {Counts} */
export function nothing() {
  return { passed: 0, failed: 0, skipped: 0, failures: [] };
}
