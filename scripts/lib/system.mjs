/** What comes from the operating system rather than from npm. */

import { existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { run, say, Unmet } from "./command.mjs";

/** Longest wait for another apt to end. */
const aptLockSecondsMax = 300;

/** Static library → Debian package. */
const libraries = {
  "libssl.a": "libssl-dev",
  "libcrypto.a": "libssl-dev",
  "libz.a": "zlib1g-dev",
  "libzstd.a": "libzstd-dev",
};

/** Compiler, make, patch and the static libraries that the addon is linked with. */
export async function installToolchain() {
  if (process.platform !== "linux") {
    throw new Unmet(
      `Cannot build on ${process.platform}: Salesboard is built on Linux; try: docker compose up`,
    );
  }
  const tools = ["gcc", "g++", "make", "patch"].filter((name) => which(name) === null);
  await installPackages(tools);
  const missing = [];
  for (const [library, name] of Object.entries(libraries)) {
    // The compiler answers with the bare name when it knows no such file.
    const path = (await run("g++", [`-print-file-name=${library}`])).trim();
    if (!isAbsolute(path)) missing.push(name);
  }
  await installPackages([...new Set(missing)]);
}

/**
 * Installs Debian packages where this process may; else says in one line what to install.
 * @param {readonly string[]} names
 */
export async function installPackages(names) {
  if (names.length === 0) return;
  const list = names.join(" ");
  if (process.getuid?.() !== 0 || which("apt-get") === null) {
    throw new Unmet(
      `Cannot build without ${list}; on Debian or Ubuntu: sudo apt-get install ${list}`,
    );
  }
  say(`Installing ${list} ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // Another apt, such as the one that updates by itself, may hold its lock for minutes.
  const patient = ["-q", "-o", `DPkg::Lock::Timeout=${aptLockSecondsMax}`];
  await run("apt-get", [...patient, "update"], { env });
  await run("apt-get", [...patient, "install", "-y", "--no-install-recommends", ...names], { env });
}

/**
 * @param {string} name
 * @returns {string | null} where the program is on the PATH
 */
export function which(name) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null;
}
