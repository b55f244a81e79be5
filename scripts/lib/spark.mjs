/** Apache Spark and its connector for Kafka, for the tests and the bench of what is in spark/. */

import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, run, say, Unmet } from "./command.mjs";
import { fingerprint, unlessMade } from "./fingerprint.mjs";
import { which } from "./system.mjs";

const home = join(root, ".cache/spark");
const requirements = join(root, "spark/requirements.txt");
const pom = join(root, "spark/pom.xml");

/** Puts both into the cache, by pip and Maven, unless they are there: some 430 MB. */
export async function fetchSpark() {
  const target = {
    output: home,
    print: fingerprint([requirements, pom]),
    stamp: join(home, "salesboard.stamp"),
  };
  await unlessMade(target, async () => {
    if (!hasVenv()) throw new Unmet("Cannot fetch Spark without python3 and its module venv.");
    if (which("mvn") === null) throw new Unmet("Cannot fetch Spark without mvn.");
    say("Fetching Spark; this takes some minutes, once ...");
    // Not moved when complete, as a virtual environment knows its own path: the stamp says so.
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home, { recursive: true });
    await run("python3", ["-m", "venv", join(home, "venv")]);
    const pip = [join(home, "venv/bin/pip"), "install", "--quiet", "--disable-pip-version-check"];
    await run(pip[0] ?? "", [...pip.slice(1), "-r", requirements]);
    const copy = ["dependency:copy-dependencies", "-DincludeScope=runtime"];
    const draft = join(home, "draft");
    await run("mvn", ["-q", "-B", "-f", pom, ...copy, `-DoutputDirectory=${draft}`]);
    renameSync(draft, join(home, "jars"));
  });
}

/** Debian's python3 comes without it. */
export function hasVenv() {
  return spawnSync("python3", ["-c", "import ensurepip, venv"]).status === 0;
}
