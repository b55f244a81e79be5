/**
 * `npm test`: builds everything, then checks and tests everything. The last line sums up.
 * Words after `--` choose the test files whose path contains one of them; options go to `bun test`.
 */

import { checkJobs } from "./lib/checks.mjs";
import { main, say, Unmet } from "./lib/command.mjs";
import { buildExecutable, buildNative } from "./lib/executable.mjs";
import { fetchJudges } from "./lib/judges.mjs";
import { runSanitized } from "./lib/sanitized.mjs";
import { runSideBySide } from "./lib/side-by-side.mjs";
import { fetchSpark, hasVenv } from "./lib/spark.mjs";
import { sumUp } from "./lib/suite.mjs";
import { suiteJobs, suites, testFiles } from "./lib/suites.mjs";
import { installPackages, which } from "./lib/system.mjs";

/** Program → Debian package: without one of these, some tests cannot run. */
const testTools = {
  java: "default-jdk-headless",
  mvn: "maven",
  kcat: "kcat",
  chromium: "chromium",
  "chromium-headless-shell": "chromium-headless-shell",
  "firefox-esr": "firefox-esr",
  nginx: "nginx",
  caddy: "caddy",
  openssl: "openssl",
  promtool: "prometheus",
  python3: "python3",
  "systemd-nspawn": "systemd-container",
  zsh: "zsh",
  fish: "fish",
};

const sanitized = {
  name: "sanitized",
  cores: 0.5,
  run: () => runSanitized({ librdkafka: false, workers: 100, fuzzCases: 4_000, live: false }),
};

await main(async () => {
  const args = process.argv.slice(2);
  const firstOption = args.findIndex((arg) => arg.startsWith("-"));
  const words = firstOption < 0 ? args : args.slice(0, firstOption);
  const options = firstOption < 0 ? [] : args.slice(firstOption);
  const files = testFiles(words);
  if (files.size === 0) throw new Unmet(`No test file's path contains ${words.join(" or ")}.`);

  if (process.env.CI === "true") {
    process.env.SALESBOARD_REQUIRE = "1";
    await installTestTools();
  }
  if ([...files.keys()].some((name) => suites[name]?.executable)) await buildExecutable();
  else await buildNative();
  const jobs = suiteJobs(files, options);
  if (words.length === 0) jobs.push(sanitized, ...checkJobs());
  const counts = await runSideBySide(jobs);
  const { passed, failed } = counts;
  if (options.length > 0 && passed + failed === 0) {
    counts.failed = 1;
    counts.failures.push(`No test ran: none has the name that ${options.join(" ")} asks for.`);
  }
  sumUp(counts);
});

async function installTestTools() {
  const missing = Object.entries(testTools).filter(([program]) => which(program) === null);
  const names = missing.map(([, name]) => name);
  const packages = hasVenv() ? names : [...names, "python3-venv"];
  for (const step of [() => installPackages(packages), fetchJudges, fetchSpark]) {
    try {
      await step();
    } catch (error) {
      // Each test that needs it will fail and say so; the others still run.
      if (!(error instanceof Unmet)) throw error;
      say(error.message);
    }
  }
}
