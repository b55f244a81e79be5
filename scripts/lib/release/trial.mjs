/**
 * Tries an executable on the machine that it is for, which qemu emulates: an old processor, and the
 * C library of a folder.
 */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run, say, Unmet } from "../command.mjs";
import { which } from "../system.mjs";

/** The oldest processors that are promised. */
const emulators = {
  "x86-64": ["qemu-x86_64-static", "-cpu", "Nehalem"],
  arm64: ["qemu-aarch64-static"],
};

/** Where libraries stand, in Debian and in Alpine. */
const folders = {
  "x86-64": ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib", "usr/lib"],
  arm64: ["lib/aarch64-linux-gnu", "usr/lib/aarch64-linux-gnu", "lib", "usr/lib"],
};

/** An emulated demo counts 60 days of sales, and a busy machine takes its time. */
const readySecondsMax = 300;

/**
 * The demo starts and is ready; sales are produced; a second aggregator takes totals over and
 * counts on; all totals are verified.
 * @param {string} executable
 * @param {import("./targets.mjs").Target} target
 * @param {string} roots a folder with a root file system for each target, by the target's name
 * @throws {Unmet} if it does not work, or there is nothing to try it with
 */
export async function tryOut(executable, { name, machine }, roots) {
  const root = join(roots, name);
  const [emulator = "", ...args] = emulators[/** @type {keyof typeof emulators} */ (machine)];
  if (!existsSync(root)) throw new Unmet(`Cannot try ${name}: --roots has no folder ${root}.`);
  if (which(emulator) === null) {
    throw new Unmet(
      `Cannot try ${name} without ${emulator}; on Debian or Ubuntu: ` +
        "sudo apt-get install qemu-user-static",
    );
  }
  say(`Trying ${name} ...`);
  // Without this list, the folder's loader would take this machine's C library from its cache.
  const libraries = folders[/** @type {keyof typeof folders} */ (machine)];
  const path = libraries.map((folder) => join(root, folder)).join(delimiter);
  const command = [...args, "-L", root, "-E", `LD_LIBRARY_PATH=${path}`, executable];
  const demo = spawn(emulator, [...command, "--port", "0"], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [demo.stdout, demo.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  const ended = new Promise((resolve) => demo.on("close", resolve));
  try {
    const brokers = await ready(
      () => output,
      () => demo.exitCode === null && demo.signalCode === null,
    );
    const at = ["--brokers", brokers];
    await count(emulator, command, at);
    say((await run(emulator, [...command, "verify", ...at])).trimEnd());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Unmet(`Will not release ${name}: ${reason}\n${output}`);
  } finally {
    demo.kill();
    await ended;
  }
}

/**
 * A second aggregator takes partitions over, and with them the totals that stand in Kafka.
 * @param {string} emulator
 * @param {readonly string[]} command its arguments before those of Salesboard
 * @param {readonly string[]} at the brokers
 */
async function count(emulator, command, at) {
  const produce = [...command, "produce", ...at, "--count", "1000", "--rate", "0"];
  await run(emulator, produce);
  const second = spawn(emulator, [...command, "aggregate", ...at]);
  const ended = new Promise((resolve) => second.on("close", resolve));
  try {
    await restored(second);
    await run(emulator, produce);
  } finally {
    second.kill();
    await ended;
  }
}

/**
 * Until it has taken over partitions with totals.
 * @param {import("node:child_process").ChildProcessWithoutNullStreams} aggregator
 */
async function restored(aggregator) {
  let output = "";
  aggregator.stdout.resume();
  aggregator.stderr.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  for (let second = 0; second < readySecondsMax && aggregator.exitCode === null; second += 1) {
    if (/"partitions":"\d[\d,]*","products":[1-9]/.test(output)) return;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  throw new Error(`a second aggregator has taken over no totals.\n${output}`);
}

/**
 * @param {() => string} output of the demo
 * @param {() => boolean} isRunning
 * @returns {Promise<string>} the address of its broker, once it is ready
 */
async function ready(output, isRunning) {
  for (let second = 0; second < readySecondsMax && isRunning(); second += 1) {
    const url = /^Dashboard at (\S+)$/m.exec(output())?.[1];
    const brokers = /Embedded broker at ([\d.:]+)\./.exec(output())?.[1];
    if (url && brokers && (await isReady(url))) return brokers;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  throw new Error(`the demo was not ready within ${readySecondsMax} s, or ended.`);
}

/** @param {string} url */
async function isReady(url) {
  try {
    return (await fetch(new URL("readyz", url), { signal: AbortSignal.timeout(30_000) })).ok;
  } catch {
    return false;
  }
}
