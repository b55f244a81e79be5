/** OpenSSL, zlib and zstd as static libraries for one target, from the sources in crates. */

import { copyFileSync, cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { inParallel } from "../addon.mjs";
import { run } from "../command.mjs";
import { jobs } from "../librdkafka.mjs";
import { downloadCrates, once } from "./download.mjs";
import { crates, zig } from "./targets.mjs";

// What Kafka needs: TLS 1.2 and 1.3, and key stores of PKCS #12 in old ciphers too (legacy), which
// no-module puts inside. /etc/ssl is the certificates' place on Debian and Alpine; librdkafka
// knows those of others.
const opensslOptions = [
  ...["--prefix=/usr", "--libdir=lib", "--openssldir=/etc/ssl"],
  ...["no-shared", "no-module", "no-dso", "no-engine", "no-apps", "no-tests", "no-docs"],
  ...["no-dtls", "no-quic", "no-srp", "no-psk", "no-comp", "no-async", "no-cms", "no-cmp", "no-ts"],
  ...["no-gost", "no-sm2", "no-sm3", "no-sm4", "no-idea", "no-seed", "no-whirlpool", "no-mdc2"],
  ...["no-slh-dsa", "no-rfc3779"],
];
const flags = ["-O2", "-fPIC", "-ffunction-sections", "-fdata-sections", "-fvisibility=hidden"];

const options = {
  openssl: opensslOptions,
  zlib: ["-D_LARGEFILE64_SOURCE=1", "-DHAVE_UNISTD_H", "-DHAVE_STDARG_H"],
  zstd: ["-DXXH_NAMESPACE=ZSTD_", "-DZSTD_TRACE=0"],
};
const zstdFolders = ["common", "compress", "decompress"];

/**
 * @typedef {{ include: string, lib: string }} Prefix where headers and libraries are put together
 */

/**
 * @param {import("./targets.mjs").Target} target
 * @param {NodeJS.ProcessEnv} env of the target's compiler
 * @param {Prefix} prefix
 */
export async function buildLibraries(target, env, { include, lib }) {
  const sources = await downloadCrates();
  const folder = join(include, "..");
  const recipe = (/** @type {keyof typeof crates} */ name) => ({
    source: join(sources, crates[name].crate, crates[name].folder),
    output: join(folder, `${name}-${crates[name].upstream}`),
    print: JSON.stringify([crates[name], zig, target.triple, flags, options[name]]),
  });
  const openssl = recipe("openssl");
  await once(openssl.output, openssl.print, async (draft) => {
    cpSync(openssl.source, draft, { recursive: true });
    const args = ["Configure", target.openssl, ...options.openssl, ...flags];
    await run("perl", args, { cwd: draft, env });
    await run("make", [`-j${jobs}`, "build_libs"], { cwd: draft, env });
  });
  const zlib = recipe("zlib");
  await once(zlib.output, zlib.print, async (draft) => {
    cpSync(zlib.source, draft, { recursive: true });
    await archive(draft, "libz.a", filesIn(draft, /\.c$/), options.zlib, env);
  });
  const zstd = recipe("zstd");
  await once(zstd.output, zstd.print, async (draft) => {
    cpSync(join(zstd.source, "lib"), draft, { recursive: true });
    const files = zstdFolders.flatMap((name) => filesIn(draft, /\.[cS]$/, name));
    await archive(draft, "libzstd.a", files, options.zstd, env);
  });
  gather({ include, lib }, openssl.output, zlib.output, zstd.output);
}

/**
 * @param {Prefix} prefix
 * @param {string} openssl
 * @param {string} zlib
 * @param {string} zstd
 */
function gather({ include, lib }, openssl, zlib, zstd) {
  mkdirSync(include, { recursive: true });
  mkdirSync(lib, { recursive: true });
  cpSync(join(openssl, "include/openssl"), join(include, "openssl"), { recursive: true });
  for (const [folder, name] of /** @type {const} */ ([
    [zlib, "zlib.h"],
    [zlib, "zconf.h"],
    [zstd, "zstd.h"],
    [zstd, "zstd_errors.h"],
  ])) {
    copyFileSync(join(folder, name), join(include, name));
  }
  copyFileSync(join(openssl, "libssl.a"), join(lib, "libssl.a"));
  copyFileSync(join(openssl, "libcrypto.a"), join(lib, "libcrypto.a"));
  copyFileSync(join(zlib, "libz.a"), join(lib, "libz.a"));
  copyFileSync(join(zstd, "libzstd.a"), join(lib, "libzstd.a"));
}

/**
 * @param {string} folder
 * @param {string} name of the archive
 * @param {readonly string[]} files
 * @param {readonly string[]} defines
 * @param {NodeJS.ProcessEnv} env
 */
async function archive(folder, name, files, defines, env) {
  // Each for itself: of many, Zig makes one object.
  await inParallel(files, async (file) => {
    await run("target-cc", [...flags, ...defines, "-c", file, "-o", `${file}.o`], {
      cwd: folder,
      env,
    });
  });
  const objects = files.map((file) => `${file}.o`);
  await run("target-ar", ["rcsD", name, ...objects], { cwd: folder, env });
}

/**
 * @param {string} folder
 * @param {RegExp} pattern
 * @param {string} [below]
 */
function filesIn(folder, pattern, below = ".") {
  const names = readdirSync(join(folder, below)).filter((name) => pattern.test(name));
  return names.sort().map((name) => join(below, name));
}
