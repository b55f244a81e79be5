/** The npm packages of the lockfile, and the programs that come with them. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, run, say, Unmet } from "./command.mjs";

const modules = join(root, "node_modules");
const libc = process.platform === "linux" && !glibc() ? "musl" : "glibc";

/** Installs what the lockfile names, unless it is there. Install scripts stay off: see `.npmrc`. */
export async function installDependencies() {
  if (installed()) return;
  say("Installing the npm packages of package-lock.json ...");
  await run("npm", ["ci", "--include=dev", "--no-progress"]);
}

/** @returns {string} Bun's program for this machine */
export function bun() {
  const arch = process.arch === "arm64" ? "aarch64" : process.arch;
  const name = `bun-${process.platform}-${arch}${libc === "musl" ? "-musl" : ""}`;
  // Illegal instruction is all that the other build has to say on an older processor.
  const baseline = process.arch === "x64" && lacksAvx2();
  return program(baseline ? `@oven/${name}-baseline/bin/bun` : `@oven/${name}/bin/bun`);
}

/** @returns {string} Deno's program for this machine */
export function deno() {
  const suffix = process.platform === "linux" ? `-${libc}` : "";
  return program(`@deno/${process.platform}-${process.arch}${suffix}/deno`);
}

/**
 * @param {string} path below node_modules
 * @returns {string} the file, which is there
 */
export function program(path) {
  const file = join(modules, path);
  if (existsSync(file)) return file;
  const name = path.split("/").slice(0, 2).join("/");
  throw new Unmet(
    `Cannot find ${name} in node_modules: it has no build for this machine ` +
      `(${process.platform} ${process.arch} ${libc}), or was not installed; try: npm ci`,
  );
}

function installed() {
  const [wanted, present] = [join(root, "package-lock.json"), join(modules, ".package-lock.json")];
  if (!existsSync(present)) return false;
  const have = packages(present);
  return Object.entries(packages(wanted)).every(
    ([path, { version, optional }]) => path === "" || optional || have[path]?.version === version,
  );
}

/**
 * @param {string} lockfile
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function packages(lockfile) {
  return JSON.parse(readFileSync(lockfile, "utf8")).packages;
}

function glibc() {
  const report = /** @type {any} */ (process.report?.getReport());
  return report?.header?.glibcVersionRuntime !== undefined;
}

function lacksAvx2() {
  if (!existsSync("/proc/cpuinfo")) return false;
  return !/^flags\s*:.*\bavx2\b/m.test(readFileSync("/proc/cpuinfo", "utf8"));
}
