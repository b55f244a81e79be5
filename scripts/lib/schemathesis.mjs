/** Schemathesis, which asks a server whatever its description allows. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { root, run, say, Unmet } from "./command.mjs";
import { fingerprint, unlessMade } from "./fingerprint.mjs";
import { hasVenv } from "./spark.mjs";

const VERSION = "4.32.5";
const home = join(root, ".cache/schemathesis");

/** Puts it into the cache by pip, unless it is there. */
export async function fetchSchemathesis() {
  const stamp = join(home, "salesboard.stamp");
  await unlessMade({ output: home, print: fingerprint([], [VERSION]), stamp }, async () => {
    if (!hasVenv())
      throw new Unmet("Cannot fetch schemathesis without python3 and its module venv.");
    say("Fetching schemathesis ...");
    rmSync(home, { recursive: true, force: true });
    await run("python3", ["-m", "venv", home]);
    const quiet = ["--quiet", "--disable-pip-version-check"];
    await run(join(home, "bin/pip"), ["install", ...quiet, `schemathesis==${VERSION}`]);
  });
}
