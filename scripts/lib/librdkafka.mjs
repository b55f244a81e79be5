/** Builds the librdkafka whose source comes with Confluent's client, as a static library. */

import { cpSync, readFileSync, renameSync, rmSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { root, run, say } from "./command.mjs";
import { fingerprint, unlessMade } from "./fingerprint.mjs";
import { installToolchain } from "./system.mjs";

export const client = join(root, "node_modules/@confluentinc/kafka-javascript");

// Kerberos and OIDC would each bring a shared library that the one executable cannot carry.
// LZ4's own copy is inside librdkafka.
const options = [
  "--enable-static",
  "--disable-gssapi",
  "--disable-curl",
  "--disable-lz4-ext",
  "--disable-c11threads",
];

/** Each file says what it mends, and why. They are applied in this order. */
const patches = [
  "mock-transactions",
  "mock-fetch",
  "monotonic-waits",
  "leader-query",
  "coordinator-request",
  "controller-away",
  "rebootstrap",
  "producer-wakeup",
  "reader-group",
  "log-identity",
  "whole-batches",
  "bad-checksum",
  "empty-answer",
  "certificate-files",
  "fetch-rest",
  "refused-login",
  "out-of-order",
  "partitions-in-flight",
].map((name) => join(root, `src/kafka/native/patches/${name}.patch`));

/** Compilers to run at once. */
export const jobs = availableParallelism?.() ?? cpus().length;

/**
 * The folder's suffix; the compiler's flags; and, for another machine, what the build runs with and
 * a text that says what that is.
 * @typedef {{ suffix: string, flags: string, cross?: { env: NodeJS.ProcessEnv, print: string } }}
 *   Variant
 */

/** @returns {string} of the librdkafka that comes with Confluent's client */
export function librdkafkaVersion() {
  return JSON.parse(readFileSync(join(client, "package.json"), "utf8")).librdkafka;
}

/**
 * @param {Variant} [variant]
 * @returns {Promise<string>} the folder with rdkafka.h and librdkafka-static.a
 */
export async function buildLibrdkafka({ suffix, flags, cross } = { suffix: "", flags: "" }) {
  const version = librdkafkaVersion();
  const folder = join(root, `.cache/librdkafka-${version}${suffix}`);
  const source = join(folder, "src");
  const texts = [version, ...options, ...(flags ? [flags] : []), ...(cross ? [cross.print] : [])];
  const target = {
    output: join(source, "librdkafka-static.a"),
    print: fingerprint(patches, texts),
    stamp: join(folder, "salesboard.stamp"),
  };
  await unlessMade(target, async () => {
    if (!cross) await installToolchain();
    say(`Building librdkafka ${version}${suffix}; this takes some minutes, once ...`);
    // Made beside its place: what an interrupted build leaves is never taken for a whole one.
    const draft = `${folder}.${process.pid}`;
    cpSync(join(client, "deps/librdkafka"), draft, { recursive: true });
    for (const patch of patches) {
      await run("patch", ["-p1", "--silent", `--input=${patch}`], { cwd: draft });
    }
    const env = { ...(cross?.env ?? process.env), CFLAGS: flags };
    await run("./configure", options, { cwd: draft, ...(cross && { env }) });
    await run("make", [`-j${jobs}`, "-C", "src", "librdkafka-static.a"], { cwd: draft, env });
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  });
  return source;
}
