/**
 * The addon under AddressSanitizer and UndefinedBehaviorSanitizer. Its tests find it where src
 * does: they run in a copy of the tree whose dist holds the sanitized one.
 */

import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildAddon } from "./addon.mjs";
import { root, run } from "./command.mjs";
import { bun } from "./dependencies.mjs";
import { buildLibrdkafka } from "./librdkafka.mjs";
import { runSuite } from "./suite.mjs";

const folder = join(root, ".cache/sanitized");
const tree = join(folder, "tree");
const here = dirname(fileURLToPath(import.meta.url));

const tests = [
  ...[
    ...["batch", "native", "close", "load-addon", "librdkafka", "sums"],
    ...["record-batch-reader", "whole-batches"],
  ].map((name) => `./tests/kafka/${name}.test.ts`),
  // The fast path: bytes of strangers, read in C++.
  "./tests/mapping/program/program.test.ts",
  "./tests/mapping/formats/avro/program.test.ts",
  "./tests/fuzz/decoder.test.ts",
  "./tests/fuzz/plan.test.ts",
  "./tests/fuzz/avro.test.ts",
  "./tests/fuzz/strings.test.ts",
];
// A Java virtual machine does not start under AddressSanitizer.
const onlyEmbedded = "--test-name-pattern=^(?!librdkafka on Apache Kafka)";

// A finding shows lines and names alone: to describe more takes twice as long to compile.
const instrument = ["-fsanitize=address,undefined", "-fno-omit-frame-pointer", "-g1", "-O1"];

/** What is found ends the process at once, so that the run fails; no runtime uses `exitcode`. */
const options = {
  // Bun keeps what it has until it exits: leaks are counted by the test of 1,000 workers instead.
  ASAN_OPTIONS: "detect_leaks=0:exitcode=99:quarantine_size_mb=16",
  UBSAN_OPTIONS: [
    "halt_on_error=1",
    "exitcode=99",
    "print_stacktrace=1",
    `suppressions=${join(here, "undefined.supp")}`,
  ].join(":"),
};

/**
 * Builds the sanitized addon and runs its tests.
 * @param {{ librdkafka: boolean, workers: number, fuzzCases: number, live: boolean }} extent
 *   whether librdkafka's own code is instrumented too; workers to terminate; random records for each
 *   fuzz test; whether the output is shown as it comes
 */
export async function runSanitized({ librdkafka, workers, fuzzCases, live }) {
  const flags = [...instrument, "-fsanitize-recover=undefined"].join(" ");
  const library = await buildLibrdkafka(librdkafka ? { suffix: "-sanitized", flags } : undefined);
  await buildAddon(library, {
    output: join(tree, "dist/salesboard.node"),
    objects: join(folder, librdkafka ? "objects-whole" : "objects"),
    compile: instrument,
    link: ["-fsanitize=address,undefined"],
  });
  const trimmer = join(folder, "sigaltstack.so");
  await run("gcc", ["-shared", "-fPIC", "-O1", join(here, "sigaltstack.c"), "-o", trimmer]);
  copyTree();
  // In this order: AddressSanitizer's insists on being the first.
  const runtimes = await Promise.all(["asan", "ubsan", "stdc++"].map(sharedLibrary));
  const env = {
    ...process.env,
    ...options,
    LD_PRELOAD: [...runtimes, trimmer].join(" "),
    TERMINATED_WORKERS: String(workers),
    FUZZ_CASES: String(fuzzCases),
  };
  const suite = { name: "sanitized", live, cwd: tree, env };
  const counts = await runSuite(bun(), [...tests, onlyEmbedded], suite);
  return { ...counts, skipped: 0 }; // what was left out on purpose is not a skipped test
}

function copyTree() {
  mkdirSync(tree, { recursive: true });
  for (const name of ["src", "tests", "package.json", "tsconfig.json"]) {
    rmSync(join(tree, name), { recursive: true, force: true });
    cpSync(join(root, name), join(tree, name), { recursive: true });
  }
  rmSync(join(tree, "node_modules"), { force: true });
  symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
}

/** @param {string} name */
async function sharedLibrary(name) {
  return (await run("g++", [`-print-file-name=lib${name}.so`])).trim();
}
