/** What the bench compares Salesboard with: programs in bench/peers, built into the cache. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { root, run, say, Unmet } from "./command.mjs";
import { bun } from "./dependencies.mjs";
import { fingerprint, unlessMade } from "./fingerprint.mjs";
import { buildLibrdkafka } from "./librdkafka.mjs";
import { fetchSpark } from "./spark.mjs";
import { which } from "./system.mjs";

const peers = join(root, "bench/peers");
const cache = join(root, ".cache/bench");

const programs = ["bare-consumer", "default-transactions"];

/** Builds all that this machine can; the bench names what it then skips. */
export async function buildPeers() {
  mkdirSync(cache, { recursive: true });
  const librdkafka = await buildLibrdkafka();
  for (const name of programs) await buildProgram(name, librdkafka);
  await buildReaders();
  await buildEmptyServer();
  await unlessUnmet(installClients);
  await unlessUnmet(buildKafkaStreams);
  await unlessUnmet(fetchSpark);
}

/**
 * @param {string} name of a C program
 * @param {string} librdkafka the folder with rdkafka.h and librdkafka-static.a
 */
async function buildProgram(name, librdkafka) {
  const libraries = ["-lssl", "-lcrypto", "-lz", "-lzstd", "-lm", "-lpthread", "-ldl"];
  await run("gcc", [
    ...["-O2", "-Wall", "-Werror", "-I", librdkafka, join(peers, `${name}.c`)],
    ...["-o", join(cache, name), join(librdkafka, "librdkafka-static.a"), ...libraries],
  ]);
}

/** The many readers of the fan-out. */
async function buildReaders() {
  const source = join(root, "bench/tools/stream-readers.c");
  await run("gcc", ["-O2", "-Wall", "-Werror", source, "-o", join(cache, "stream-readers")]);
}

/** Compiled as the executable is, and empty. */
async function buildEmptyServer() {
  const options = ["--compile", "--bytecode", "--format=esm", "--minify"];
  const source = join(peers, "empty-server.ts");
  await run(bun(), ["build", ...options, source, "--outfile", join(cache, "empty-server")]);
}

/** Clients for JavaScript have a lockfile of their own: the product does not depend on them. */
async function installClients() {
  const folder = join(peers, "js");
  const target = {
    output: join(folder, "node_modules"),
    print: fingerprint([join(folder, "package-lock.json")]),
    stamp: join(cache, "js.stamp"),
  };
  await unlessMade(target, async () => {
    say("Installing the JavaScript clients of the bench ...");
    await run("npm", ["ci", "--ignore-scripts", "--no-progress"], { cwd: folder });
  });
}

async function buildKafkaStreams() {
  if (["java", "javac", "mvn"].some((name) => which(name) === null)) return;
  const folder = join(peers, "kafka-streams");
  const out = join(cache, "kafka-streams");
  const target = {
    output: join(out, "peer.jar"),
    print: fingerprint([join(folder, "pom.xml"), join(folder, "src")]),
    stamp: join(cache, "kafka-streams.stamp"),
  };
  await unlessMade(target, async () => {
    say("Building the Kafka Streams programs of the bench ...");
    await run("mvn", ["-q", "-B", "-f", join(folder, "pom.xml"), "package", `-Dout=${out}`]);
  });
}

/**
 * A peer that cannot be built is no reason not to measure the others.
 * @param {() => Promise<void>} build
 */
async function unlessUnmet(build) {
  try {
    await build();
  } catch (error) {
    if (!(error instanceof Unmet)) throw error;
    say(error.message);
  }
}
