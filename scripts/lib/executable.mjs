/** Everything from a fresh clone to dist/salesboard. */

import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { addon, buildAddon } from "./addon.mjs";
import { root, run, say } from "./command.mjs";
import { bun, installDependencies } from "./dependencies.mjs";
import { fingerprint, unlessMade } from "./fingerprint.mjs";
import { buildLibrdkafka } from "./librdkafka.mjs";

export const executable = join(root, "dist/salesboard");

// The executable must behave the same in every folder: a .env or bunfig.toml there is not ours.
// Bytecode: each worker would parse all of the source again, and the first page come 150 ms later.
// Names and the source map: a stack in the log says src/dashboard/look/look.ts:68 and the function.
// They cost 1.0 MB of 123, and nothing at the start: the map is read when an error is made.
export const compileOptions = [
  "--compile",
  "--bytecode",
  "--format=esm",
  "--minify-syntax",
  "--minify-whitespace",
  "--sourcemap=linked",
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
];

/** Leaves dist/salesboard.node for running from source. */
export async function buildNative() {
  await installDependencies();
  await buildAddon(await buildLibrdkafka());
}

/** Leaves dist/salesboard; quick when nothing changed. */
export async function buildExecutable() {
  await buildNative();
  const inputs = ["src", "static", "package.json", "package-lock.json", "tsconfig.json"];
  const target = {
    output: executable,
    print: fingerprint([...inputs.map((name) => join(root, name)), addon], compileOptions),
    stamp: join(root, ".cache/executable.stamp"),
  };
  await unlessMade(target, async () => {
    say("Building dist/salesboard ...");
    const draft = `${executable}.${process.pid}`;
    await run(bun(), ["build", ...compileOptions, "src/main.ts", "--outfile", draft]);
    // The executable holds its map; Bun leaves a second one beside it.
    rmSync(`${draft}.map`, { force: true });
    renameSync(draft, executable);
  });
}
