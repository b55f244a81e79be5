/**
 * `npm run dev`: runs src/main.ts from source, and starts it again when a file of src/ or static/
 * has changed. Arguments are those of the executable: `npm run dev -- --port 3001`.
 *
 * Not `bun --watch`: that sees what the main thread imports, and each role is in a worker.
 */

import { spawn } from "node:child_process";
import { readdirSync, watch } from "node:fs";
import { join } from "node:path";
import { main, root, say, Unmet } from "./lib/command.mjs";
import { bun } from "./lib/dependencies.mjs";
import { buildNative } from "./lib/executable.mjs";

/** An editor writes a file in several steps, and a branch changes many files. */
const SETTLE_MS = 150;
/** The program needs at most 5 s to stop. */
const STOP_MS_MAX = 6_000;

await main(async () => {
  const sources = [join(root, "src"), join(root, "static")];
  /** @type {(() => void) | undefined} */
  let wake;
  let isStopping = false;
  let hasChanged = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const onChange = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      hasChanged = true;
      wake?.();
    }, SETTLE_MS);
  };
  for (const folder of sources.flatMap(foldersBelow)) watch(folder, onChange);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      isStopping = true;
      wake?.();
    });
  }

  while (!isStopping) {
    hasChanged = false;
    const isBuilt = await build();
    const program = isBuilt ? start() : undefined;
    await new Promise((resolve) => {
      wake = () => resolve(undefined);
      void program?.exited.then(() => {
        if (!hasChanged && !isStopping) say("Ended by itself; starting again at the next change.");
      });
      if (hasChanged || isStopping) wake();
    });
    await program?.stop();
    if (!isStopping) say("\nChanged; starting again ...");
  }
  process.exit();
});

/** What changed may not compile yet: its errors are shown, and the next change is waited for. */
async function build() {
  try {
    await buildNative();
    return true;
  } catch (error) {
    if (!(error instanceof Unmet)) throw error;
    say(error.message);
    return false;
  }
}

function start() {
  // In a group of its own: Ctrl-C reaches it by `stop` alone, and once.
  const args = [join(root, "src/main.ts"), ...process.argv.slice(2)];
  const child = spawn(bun(), args, { stdio: "inherit", detached: true });
  const exited = new Promise((resolve) => child.on("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
    await exited;
    clearTimeout(timer);
  };
  return { exited, stop };
}

/**
 * @param {string} folder
 * @returns {string[]} it, and all below it
 */
function foldersBelow(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  const below = entries.filter((entry) => entry.isDirectory());
  return [folder, ...below.flatMap(({ name }) => foldersBelow(join(folder, name)))];
}
