/**
 * `npm test`: builds everything, then checks and tests everything. The last line sums up.
 * Words after `--` choose the test files whose path contains one of them; options go to `bun test`.
 */

import { relative } from "node:path";
import { staticChecks } from "./lib/checks.mjs";
import { main, root, say, show, Unmet } from "./lib/command.mjs";
import { bun } from "./lib/dependencies.mjs";
import { buildExecutable } from "./lib/executable.mjs";
import { filesBelow } from "./lib/fingerprint.mjs";
import { runSanitized } from "./lib/sanitized.mjs";
import { fetchSpark, hasVenv } from "./lib/spark.mjs";
import { nothing, runSuite } from "./lib/suite.mjs";
import { installPackages, which } from "./lib/system.mjs";

/** Folder of tests/ → the longest its tests may take: a bound for a run that hangs. */
const suites = { unit: 5, simulation: 5, kafka: 5, browser: 12, e2e: 12, faults: 9, bench: 6 };

/** Program → Debian package: without one of these, some tests cannot run. */
const testTools = {
  java: "default-jdk-headless",
  mvn: "maven",
  kcat: "kcat",
  chromium: "chromium",
  "firefox-esr": "firefox-esr",
  nginx: "nginx",
  caddy: "caddy",
  openssl: "openssl",
  python3: "python3",
};

await main(async () => {
  const args = process.argv.slice(2);
  const firstOption = args.findIndex((arg) => arg.startsWith("-"));
  const words = firstOption < 0 ? args : args.slice(0, firstOption);
  const options = firstOption < 0 ? [] : args.slice(firstOption);
  const files = testFiles(words);
  if (files.length === 0) throw new Unmet(`No test file's path contains ${words.join(" or ")}.`);

  if (process.env.CI === "true") {
    process.env.SALESBOARD_REQUIRE = "1";
    await installTestTools();
  }
  await buildExecutable();
  const sum = words.length === 0 ? runChecks() : nothing();
  for (const [name, minutes] of Object.entries(suites)) {
    const chosen = files.filter((file) => suiteOf(file) === name);
    if (chosen.length === 0) continue;
    say(`\n${name}:`);
    const counts = await runSuite(bun(), [...chosen, ...options], { name, minutes });
    add(sum, counts);
  }
  if (words.length === 0) {
    say("\nsanitized:");
    add(sum, await runSanitized({ librdkafka: false, workers: 100, minutes: 4 }));
  }
  if (sum.failed > 0) process.exitCode = 1;
  // Again at the end: a long run is read from there.
  for (const failure of sum.failures) say(`\nfailed: ${failure}`);
  console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
});

/** @param {readonly string[]} words */
function testFiles(words) {
  return filesBelow(`${root}/tests`)
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => `./${relative(root, file)}`)
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)));
}

/**
 * @param {import("./lib/suite.mjs").Counts} sum
 * @param {import("./lib/suite.mjs").Counts} counts
 */
function add(sum, counts) {
  sum.passed += counts.passed;
  sum.failed += counts.failed;
  sum.skipped += counts.skipped;
  sum.failures.push(...counts.failures);
}

/** @param {string} file */
function suiteOf(file) {
  const folder = file.split("/")[2] ?? "";
  return folder in suites ? folder : "unit";
}

async function installTestTools() {
  const missing = Object.entries(testTools).filter(([program]) => which(program) === null);
  const names = missing.map(([, name]) => name);
  try {
    await installPackages(hasVenv() ? names : [...names, "python3-venv"]);
    await fetchSpark();
  } catch (error) {
    // Each test that needs it will fail and say so; the others still run.
    if (!(error instanceof Unmet)) throw error;
    say(error.message);
  }
}

function runChecks() {
  const counts = nothing();
  for (const [name, [command, ...args]] of Object.entries(staticChecks())) {
    say(`\n${name}:`);
    const passes = show(command, args);
    counts[passes ? "passed" : "failed"] += 1;
    if (!passes) counts.failures.push(`npm run check: ${name}`);
  }
  return counts;
}
