/** Which test file belongs to which suite, and what each suite needs. */

import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./command.mjs";
import { bun } from "./dependencies.mjs";
import { filesBelow } from "./fingerprint.mjs";
import { runSuite } from "./suite.mjs";

/**
 * `processes`: how many of its files run at a time; `cores`: how many processors it keeps busy
 * meanwhile, on average; `executable`: dist/salesboard is started; `env`: added to the environment.
 * @typedef {{
 *   processes: number, cores: number, executable: boolean, env?: Record<string, string>
 * }} Needs
 */

/**
 * JavaScriptCore's last compiler costs more than it gains: each of the mutations is new code to it,
 * and most of what schedules do is spread thinly over all of the source.
 */
const withoutLastCompiler = { BUN_JSC_useFTLJIT: "0" };

/**
 * The longest first: what is left for the end then runs alone for a short time only. A folder of
 * tests/ with one of these names is that suite; files elsewhere are "component" when they start the
 * embedded broker, which takes seconds, and else "unit".
 * @type {Record<string, Needs>}
 */
export const suites = {
  bench: { processes: 1, cores: 0.6, executable: true },
  faults: { processes: 1, cores: 0.4, executable: true },
  browser: { processes: 2, cores: 0.7, executable: true },
  e2e: { processes: 2, cores: 0.6, executable: true },
  simulation: { processes: 1, cores: 1.2, executable: false, env: withoutLastCompiler },
  component: { processes: 4, cores: 0.3, executable: false },
  kafka: { processes: 2, cores: 0.4, executable: false },
  unit: { processes: 4, cores: 1, executable: false },
};

const startsBroker = /\bnew native\.MockCluster\b|\bopenCluster\(|\bnew NativeCluster\b/;

/**
 * @param {readonly string[]} words a file is chosen when its path contains one; none: all files
 * @returns {Map<string, string[]>} suite → its files, seen from the root; none without a file
 */
export function testFiles(words) {
  const files = filesBelow(join(root, "tests"))
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => `./${relative(root, file)}`)
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)));
  /** @type {Map<string, string[]>} */
  const bySuite = new Map(Object.keys(suites).map((name) => [name, []]));
  for (const file of files) bySuite.get(suiteOf(file))?.push(file);
  return new Map([...bySuite].filter(([, files]) => files.length > 0));
}

/**
 * @param {ReadonlyMap<string, string[]>} files suite → files
 * @param {readonly string[]} options of `bun test`
 * @returns {import("./side-by-side.mjs").Job[]} the longest first
 */
export function suiteJobs(files, options) {
  const live = files.size === 1;
  return [...files].map(([name, chosen]) => {
    const { processes = 1, cores = 1, env = {} } = suites[name] ?? {};
    const suite = {
      ...{ name, live, processes: Math.min(processes, chosen.length) },
      env: { ...process.env, ...env },
    };
    return { name, cores, run: () => runSuite(bun(), [...chosen, ...options], suite) };
  });
}

/** @param {string} file */
function suiteOf(file) {
  const folder = file.split("/")[2] ?? "";
  if (folder in suites) return folder;
  return startsBroker.test(readFileSync(join(root, file), "utf8")) ? "component" : "unit";
}
