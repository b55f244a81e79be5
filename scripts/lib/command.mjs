/** How the scripts run programs and say what went wrong. */

import { spawn, spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Something the user has to put right: its message alone is shown, never a stack trace. */
export class Unmet extends Error {}

/**
 * Runs a program and returns what it wrote to stdout; its output shows only when it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<string>}
 */
export function run(command, args, { cwd = root, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    child.on("error", (error) => reject(new Unmet(`Cannot run ${command}: ${error.message}.`)));
    child.on("close", (code, signal) => {
      if (code === 0) return resolve(stdout);
      const how = signal ? `was ended by ${signal}` : `exited with ${code}`;
      reject(new Unmet(`${output.trimEnd()}\n${[command, ...args].join(" ")} ${how}.`));
    });
  });
}

/**
 * Runs a program with the terminal's own input and output.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {boolean} whether it exited with 0
 */
export function show(command, args) {
  return spawnSync(command, args, { cwd: root, stdio: "inherit" }).status === 0;
}

/** @param {string} text What is being done, in one line. */
export function say(text) {
  console.error(text);
}

/**
 * Runs a script: `Unmet` becomes its sentence and status 1; anything else is a bug and throws.
 * @param {() => Promise<void> | void} script
 */
export async function main(script) {
  try {
    await script();
  } catch (error) {
    if (!(error instanceof Unmet)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
