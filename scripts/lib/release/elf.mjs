/** What a file for another machine asks of that machine, read with readelf. */

import { basename } from "node:path";
import { run, Unmet } from "../command.mjs";
import { glibcMax } from "./targets.mjs";

const machines = { "x86-64": "Advanced Micro Devices X86-64", arm64: "AArch64" };

/** What Bun looks for in an addon. */
const entries = /^(napi_|node_api_)/;

/**
 * What the addon shall have inside. Bun has some of the same names for other versions: a library
 * that asks for one of them would get Bun's.
 */
const inside =
  /^(_Z|__cxa_(?!atexit|finalize|thread_atexit_impl)|SSL_|CRYPTO_|EVP_|ZSTD_|rd_kafka_)/;

/**
 * @param {string} file
 * @param {import("./targets.mjs").Target} target
 * @throws {Unmet} if the addon exports or needs what it should not
 */
export async function checkAddon(file, target) {
  await check(file, target, [...target.needs, ...(target.libc === "musl" ? ["libc.so"] : [])]);
  const symbols = parseSymbols(await run("readelf", ["--dyn-syms", "-W", file]));
  const exported = symbols.filter(({ defined }) => defined).map(({ name }) => name);
  refuse(
    file,
    "shows",
    exported.filter((name) => !entries.test(name)),
  );
  // Each symbol of glibc has a version: one without is of a newer glibc than was linked with.
  const isLacking = (/** @type {Symbol} */ { name, defined, weak, versioned }) => {
    const nobodys = target.libc === "glibc" && !weak && !versioned && !entries.test(name);
    return !defined && (inside.test(name) || nobodys);
  };
  refuse(
    file,
    "lacks",
    symbols.filter(isLacking).map(({ name }) => name),
  );
  if (target.libc === "musl") {
    refuse(
      file,
      "needs, beside musl,",
      (await needed(file)).filter((name) => /stdc/.test(name)),
    );
  }
}

/**
 * @param {string} file
 * @param {import("./targets.mjs").Target} target
 * @throws {Unmet} if the executable needs what a machine of this kind may not have
 */
export async function checkExecutable(file, target) {
  await check(file, target, target.needs);
}

/**
 * @param {string} file
 * @param {import("./targets.mjs").Target} target
 * @param {readonly string[]} allowed libraries
 */
async function check(file, { machine, name, libc }, allowed) {
  const header = await run("readelf", ["-hW", file]);
  const expected = machines[/** @type {keyof typeof machines} */ (machine)];
  const found = /Machine:\s*(.+)/.exec(header)?.[1];
  if (found !== expected) {
    throw new Unmet(`${basename(file)} for ${name} is made for ${found}, not for ${expected}.`);
  }
  refuse(
    file,
    "needs",
    (await needed(file)).filter((library) => !allowed.includes(library)),
  );
  if (libc !== "glibc") return;
  const versions = glibcVersions(await run("readelf", ["-VW", file]));
  refuse(
    file,
    "needs",
    versions.filter((version) => isNewer(version, glibcMax)),
  );
}

/** @param {string} file */
async function needed(file) {
  return parseNeeded(await run("readelf", ["-dW", file]));
}

/**
 * @param {string} text of `readelf -dW`
 * @returns {string[]} the shared libraries that it names
 */
export function parseNeeded(text) {
  return [...text.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name]) => name ?? "");
}

/**
 * @param {string} text of `readelf -VW`
 * @returns {string[]} such as 2.17
 */
export function glibcVersions(text) {
  return [...new Set([...text.matchAll(/GLIBC_([\d.]+)/g)].map(([, version]) => version ?? ""))];
}

/** @typedef {{ name: string, defined: boolean, weak: boolean, versioned: boolean }} Symbol */

/**
 * @param {string} text of `readelf --dyn-syms -W`
 * @returns {Symbol[]}
 */
export function parseSymbols(text) {
  const row = /^\s*\d+: [\da-f]+\s+\w+\s+\w+\s+(GLOBAL|WEAK)\s+\w+\s+(\w+) ([^\s@]+)(@?)/gm;
  return [...text.matchAll(row)].map(([, binding, index, name = "", at]) => ({
    name,
    defined: index !== "UND",
    weak: binding === "WEAK",
    versioned: at === "@",
  }));
}

/**
 * @param {string} version such as 2.9
 * @param {string} other such as 2.28
 */
export function isNewer(version, other) {
  const [[major = 0, minor = 0], [otherMajor = 0, otherMinor = 0]] = [
    version.split(".").map(Number),
    other.split(".").map(Number),
  ];
  return major > otherMajor || (major === otherMajor && minor > otherMinor);
}

/**
 * @param {string} file
 * @param {string} verb
 * @param {readonly string[]} names
 */
function refuse(file, verb, names) {
  if (names.length === 0) return;
  throw new Unmet(`Will not release ${file}: it ${verb} ${names.join(", ")}.`);
}
