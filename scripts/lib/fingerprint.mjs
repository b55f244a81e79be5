/** Content decides what is built again: times lie after a checkout or a copy. */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "./command.mjs";

/**
 * @param {readonly string[]} paths files, and folders taken with everything below them
 * @param {readonly string[]} [texts] versions and options that count as well
 * @returns {string}
 */
export function fingerprint(paths, texts = []) {
  const hash = createHash("sha256");
  for (const file of paths.flatMap(filesBelow)) {
    hash.update(`${relative(root, file)}\0`).update(readFileSync(file));
  }
  for (const text of texts) hash.update(`\0${text}`);
  return hash.digest("hex").slice(0, 16);
}

/**
 * @param {string} path
 * @returns {string[]} in a fixed order; none when nothing is there
 */
export function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

/**
 * Runs `make` unless `output` was made from the same `print` before.
 * @param {{ output: string, print: string, stamp: string }} target
 * @param {() => Promise<void>} make
 */
export async function unlessMade({ output, print, stamp }, make) {
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, "utf8") === print) return;
  await make();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, print);
}
