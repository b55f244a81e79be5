/** `npm run bench`: builds the executable and what it is compared with, then measures. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { main, root, run, show } from "./lib/command.mjs";
import { bun } from "./lib/dependencies.mjs";
import { buildExecutable } from "./lib/executable.mjs";
import { buildLibrdkafka } from "./lib/librdkafka.mjs";

await main(async () => {
  await buildExecutable();
  await buildPeer("bare-consumer", await buildLibrdkafka());
  await buildReaders();
  await buildEmptyServer();
  if (!show(bun(), ["bench/bench.ts", ...process.argv.slice(2)])) process.exitCode = 1;
});

/**
 * @param {string} name of a C program in bench/peers
 * @param {string} librdkafka the folder with rdkafka.h and librdkafka-static.a
 */
async function buildPeer(name, librdkafka) {
  const folder = join(root, ".cache/bench");
  mkdirSync(folder, { recursive: true });
  const libraries = ["-lssl", "-lcrypto", "-lz", "-lzstd", "-lm", "-lpthread", "-ldl"];
  await run("gcc", [
    ...["-O2", "-Wall", "-Werror", "-I", librdkafka, `bench/peers/${name}.c`],
    ...["-o", join(folder, name), join(librdkafka, "librdkafka-static.a"), ...libraries],
  ]);
}

/** The many readers of the fan-out. */
async function buildReaders() {
  const output = join(root, ".cache/bench/stream-readers");
  await run("gcc", ["-O2", "-Wall", "-Werror", "bench/tools/stream-readers.c", "-o", output]);
}

/** Compiled as the executable is, and empty. */
async function buildEmptyServer() {
  const output = join(root, ".cache/bench/empty-server");
  const options = ["--compile", "--bytecode", "--format=esm", "--minify"];
  await run(bun(), ["build", ...options, "bench/peers/empty-server.ts", "--outfile", output]);
}
