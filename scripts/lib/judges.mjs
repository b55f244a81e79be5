/**
 * Programs that judge what we make: schemathesis asks a server whatever its description allows,
 * kubernetes-validate has the schemas of Kubernetes, and @grafana/schema those of Grafana.
 */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { root, run, say, Unmet } from "./command.mjs";
import { fingerprint, unlessMade } from "./fingerprint.mjs";
import { hasVenv } from "./spark.mjs";

const packages = ["schemathesis==4.32.5", "kubernetes-validate==1.37.0"];
/** Types of TypeScript, without code that is run. */
const schema = "@grafana/schema@13.2.3";
const home = join(root, ".cache/judges");

/** Puts them into the cache by pip and npm, unless they are there. */
export async function fetchJudges() {
  const stamp = join(home, "salesboard.stamp");
  await unlessMade(
    { output: home, print: fingerprint([], [...packages, schema]), stamp },
    async () => {
      if (!hasVenv()) {
        throw new Unmet(`Cannot fetch ${packages.join(", ")} without python3 and its module venv.`);
      }
      say(`Fetching ${[...packages, schema].join(", ")} ...`);
      rmSync(home, { recursive: true, force: true });
      await run("python3", ["-m", "venv", home]);
      const quiet = ["--quiet", "--disable-pip-version-check", "--no-compile"];
      await run(join(home, "bin/pip"), ["install", ...quiet, ...packages]);
      const plain = ["--silent", "--no-save", "--no-package-lock", "--ignore-scripts"];
      await run("npm", ["install", ...plain, "--prefix", home, schema]);
    },
  );
}
