/**
 * Brings the packages that a release is made from: by npm, pip and cargo as they are set up on this
 * machine, each compared with its checksum.
 */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run, say, Unmet } from "../command.mjs";
import { fingerprint, unlessMade } from "../fingerprint.mjs";
import { installPackages, which } from "../system.mjs";
import { crates, zig } from "./targets.mjs";

export const cache = join(root, ".cache/release");

/** Package → the programs that it brings. */
const needed = { make: "make", patch: "patch", perl: "perl", tar: "tar", binutils: "readelf" };

/** What builds a release, apart from the compiler that PyPI has. */
export async function installReleaseTools() {
  const missing = Object.entries(needed).filter(([, program]) => which(program) === null);
  await installPackages(missing.map(([name]) => name));
  const absent = ["npm", "cargo", "python3"].filter((name) => which(name) === null);
  if (absent.length === 0) return;
  throw new Unmet(
    `Cannot build a release without ${absent.join(", ")}: npm brings Bun's runtimes, cargo the ` +
      "sources of OpenSSL, zlib and zstd, and python3 with pip the compiler; install what is missing",
  );
}

/** @returns {Promise<string>} Zig's program */
export async function downloadZig() {
  const sha256 = zig.sha256[/** @type {"x64" | "arm64"} */ (process.arch)];
  if (sha256 === undefined) {
    throw new Unmet(`Cannot build a release on ${process.arch}: only on x64 and arm64.`);
  }
  const folder = join(cache, `ziglang-${zig.version}`);
  await once(folder, sha256, async (draft) => {
    const name = `ziglang==${zig.version}`;
    const pip = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"];
    await run("python3", [...pip, "--only-binary", ":all:", "--dest", draft, name]);
    const wheel = join(draft, readdirSync(draft)[0] ?? "");
    compare(name, hashOf(wheel, "sha256", "hex"), sha256);
    await run("python3", ["-m", "zipfile", "--extract", wheel, draft]);
    rmSync(wheel);
    await run("chmod", ["+x", join(draft, "ziglang/zig")]);
  });
  return join(folder, "ziglang/zig");
}

/** @returns {Promise<string>} the folder with the crates' own folders */
export async function downloadCrates() {
  const wanted = Object.values(crates);
  const folder = join(cache, "crates");
  await once(folder, JSON.stringify(wanted), async (draft) => {
    const lines = wanted.map(({ crate, version }) => `${crate} = "=${version.split("+")[0]}"`);
    const head = '[package]\nname = "sources"\nversion = "0.0.0"\nedition = "2021"\n';
    mkdirSync(join(draft, "src"));
    writeFileSync(join(draft, "src/lib.rs"), "");
    writeFileSync(join(draft, "Cargo.toml"), `${head}[dependencies]\n${lines.join("\n")}\n`);
    await run("cargo", ["vendor", "--quiet", "vendor"], { cwd: draft });
    for (const { crate, version, sha256 } of wanted) {
      const sums = readFileSync(join(draft, "vendor", crate, ".cargo-checksum.json"), "utf8");
      compare(`${crate} ${version}`, JSON.parse(sums).package, sha256);
    }
  });
  return join(folder, "vendor");
}

/**
 * @param {string} name of an npm package in the lockfile
 * @returns {Promise<string>} the folder with its files
 */
export async function downloadPackage(name) {
  const lockfile = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const { version, integrity } = lockfile.packages[`node_modules/${name}`] ?? {};
  if (integrity === undefined) {
    throw new Unmet(`Cannot fetch ${name}: package-lock.json has no checksum of that package.`);
  }
  const folder = join(cache, `${name.replaceAll("/", "-")}-${version}`);
  await once(folder, integrity, async (draft) => {
    const destination = ["--pack-destination", draft];
    await run("npm", ["pack", "--silent", ...destination, `${name}@${version}`]);
    const tarball = join(draft, readdirSync(draft)[0] ?? "");
    compare(`${name} ${version}`, `sha512-${hashOf(tarball, "sha512", "base64")}`, integrity);
    await run("tar", ["-xzf", tarball, "-C", draft]);
    rmSync(tarball);
  });
  return join(folder, "package");
}

/**
 * Makes a folder beside its place and moves it there when it is whole.
 * @param {string} folder
 * @param {string} print what it is made from
 * @param {(draft: string) => Promise<void>} make
 */
export async function once(folder, print, make) {
  const target = { output: folder, print: fingerprint([], [print]), stamp: `${folder}.stamp` };
  await unlessMade(target, async () => {
    say(`Making ${folder.slice(root.length)} ...`);
    const draft = `${folder}.${process.pid}`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    await make(draft);
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  });
}

/**
 * @param {string} what
 * @param {string} received
 * @param {string} expected
 */
function compare(what, received, expected) {
  if (received === expected) return;
  throw new Unmet(
    `Will not build with ${what}: its checksum is ${received}, but ${expected} is expected; ` +
      "the registry has another file than the one that was tested",
  );
}

/**
 * @param {string} file
 * @param {string} algorithm
 * @param {"hex" | "base64"} encoding
 */
function hashOf(file, algorithm, encoding) {
  return createHash(algorithm).update(readFileSync(file)).digest(encoding);
}
