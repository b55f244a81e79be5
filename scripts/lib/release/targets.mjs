/** What a release is built for, and what it is built from: every version with its checksum. */

/**
 * @typedef {{
 *   name: string, triple: string, machine: string, libc: "glibc" | "musl", bun: string,
 *   runtime: string, openssl: string, compile: readonly string[], needs: readonly string[]
 * }} Target
 *   `name` ends the archive's; `triple` is what Zig builds for, with the oldest glibc; `machine` is
 *   what an ELF header says; `bun` is Bun's name; `runtime` is its package; `openssl` is OpenSSL's
 *   name; `compile` goes to the compiler; `needs` are all shared libraries that may be needed.
 */

/** The oldest glibc that runs it: RHEL 8, Debian 10 and Ubuntu 18.10 have it, or a newer one. */
export const glibcMax = "2.28";

const glibc = ["libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0"];

// A plain char is signed on x86-64: on arm64, it shall be the same, as nothing else is tested.
const signed = ["-fsigned-char"];

/** @type {readonly Target[]} */
export const targets = [
  {
    name: "linux-x64",
    triple: `x86_64-linux-gnu.${glibcMax}`,
    machine: "x86-64",
    libc: "glibc",
    // Bun's build for x64 asks for SSE4.2 and chooses AVX2 at run time.
    bun: "bun-linux-x64",
    runtime: "@oven/bun-linux-x64",
    openssl: "linux-x86_64",
    compile: [],
    needs: [...glibc, "ld-linux-x86-64.so.2"],
  },
  {
    name: "linux-arm64",
    triple: `aarch64-linux-gnu.${glibcMax}`,
    machine: "arm64",
    libc: "glibc",
    bun: "bun-linux-arm64",
    runtime: "@oven/bun-linux-aarch64",
    openssl: "linux-aarch64",
    compile: signed,
    needs: [...glibc, "ld-linux-aarch64.so.1"],
  },
  {
    name: "linux-x64-musl",
    triple: "x86_64-linux-musl",
    machine: "x86-64",
    libc: "musl",
    bun: "bun-linux-x64-musl",
    runtime: "@oven/bun-linux-x64-musl",
    openssl: "linux-x86_64",
    compile: [],
    // Bun's runtime for musl needs libstdc++; the addon does not.
    needs: ["libc.musl-x86_64.so.1", "libstdc++.so.6"],
  },
  {
    name: "linux-arm64-musl",
    triple: "aarch64-linux-musl",
    machine: "arm64",
    libc: "musl",
    bun: "bun-linux-arm64-musl",
    runtime: "@oven/bun-linux-aarch64-musl",
    openssl: "linux-aarch64",
    compile: signed,
    needs: ["libc.musl-aarch64.so.1", "libstdc++.so.6"],
  },
];

/**
 * Sources of libraries, as crates carry them. cargo compares a crate with its registry's checksum,
 * and the build that checksum with this one. `folder` is the library's own, `upstream` its version.
 */
export const crates = {
  openssl: {
    crate: "openssl-src",
    version: "300.5.5+3.5.5",
    sha256: "3f1787d533e03597a7934fd0a765f0d28e94ecc5fb7789f8053b1e699a56f709",
    folder: "openssl",
    upstream: "3.5.5",
    licence: "Apache-2.0",
    texts: ["LICENSE.txt"],
  },
  zlib: {
    crate: "libz-sys",
    version: "1.1.31",
    sha256: "ff20308ecabd635a2dc1dd5834a86c462cca20efba1d5d3ddab1f8aea3455cb2",
    folder: "src/zlib",
    upstream: "1.3.2",
    licence: "Zlib",
    texts: ["LICENSE"],
  },
  zstd: {
    crate: "zstd-sys",
    version: "2.1.3+zstd.1.5.7",
    sha256: "f729a06d0257428fd9d997ac8db7e1407bd0262ab016b085b36bc52957c0052d",
    folder: "zstd",
    upstream: "1.5.7",
    licence: "BSD-3-Clause",
    texts: ["LICENSE"],
  },
};

/** The compiler of all targets, a package of PyPI: one wheel for each machine that builds. */
export const zig = {
  version: "0.17.1",
  sha256: {
    x64: "ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54",
    arm64: "b7c5f02fccd40f89b999ee16a1f5ddced56e6182370f8affe494bcf8a28cf07e",
  },
};
