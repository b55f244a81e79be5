/** What is checked without running our code. */

import { program } from "./dependencies.mjs";
import { nothing, watched } from "./suite.mjs";

/** @returns {Record<string, readonly [string, ...string[]]>} name → command */
export function staticChecks() {
  const node = process.execPath;
  const tsc = program("typescript/bin/tsc");
  return {
    "format and lint": [node, program("@biomejs/biome/bin/biome"), "check", "--error-on-warnings"],
    types: [node, tsc],
    "types of the scripts": [node, tsc, "-p", "scripts"],
    "types of the pages' code": [node, tsc, "-p", "static"],
  };
}

/** @returns {import("./side-by-side.mjs").Job[]} each check, which counts as one test */
export function checkJobs() {
  return Object.entries(staticChecks()).map(([name, command]) => {
    const run = async () => {
      const { status, output } = await watched(command, { live: false });
      const counts = nothing();
      counts[status === 0 ? "passed" : "failed"] = 1;
      if (status !== 0) counts.failures.push(`npm run check: ${name}`);
      return { ...counts, output };
    };
    return { name, cores: 0.5, run };
  });
}
