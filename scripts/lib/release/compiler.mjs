/** Zig's compiler for one target, as programs with the names that build scripts expect. */

import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { cache, downloadZig } from "./download.mjs";

/** Inputs that build scripts might write into what they make: always the same. */
const fixed = { SOURCE_DATE_EPOCH: "0", LC_ALL: "C", TZ: "UTC" };

/**
 * @param {import("./targets.mjs").Target} target
 * @returns {Promise<{ env: NodeJS.ProcessEnv, prefix: import("./libraries.mjs").Prefix }>}
 *   what a build runs with: the programs target-cc, target-c++, target-ar and target-ranlib come
 *   first in its path; the folders where these look for headers and libraries
 */
export async function compilerFor({ name, triple }) {
  const zig = await downloadZig();
  const folder = join(cache, name, "bin");
  const prefix = { include: join(cache, name, "include"), lib: join(cache, name, "lib") };
  for (const made of [folder, ...Object.values(prefix)]) mkdirSync(made, { recursive: true });
  // A build that only compiles does not look for libraries, and would warn of these arguments.
  const places = `-Wno-unused-command-line-argument -isystem '${prefix.include}' -L'${prefix.lib}'`;
  // Names rather than paths: OpenSSL writes the compiler's command into the library.
  const programs = {
    // Zig checks for undefined behaviour unless told not to.
    "target-cc": `cc -target ${triple} -fno-sanitize=undefined ${places}`,
    "target-c++": `c++ -target ${triple} -fno-sanitize=undefined ${places}`,
    "target-ar": "ar",
    "target-ranlib": "ranlib",
  };
  for (const [program, command] of Object.entries(programs)) {
    writeFileSync(join(folder, program), `#!/bin/sh\nexec '${zig}' ${command} "$@"\n`);
    chmodSync(join(folder, program), 0o755);
  }
  const zigCache = join(cache, "zig");
  const env = {
    ...process.env,
    ...fixed,
    PATH: `${folder}${delimiter}${process.env.PATH}`,
    CC: "target-cc",
    CXX: "target-c++",
    AR: "target-ar",
    RANLIB: "target-ranlib",
    ZIG_GLOBAL_CACHE_DIR: zigCache,
    ZIG_LOCAL_CACHE_DIR: zigCache,
    CFLAGS: "",
    CXXFLAGS: "",
    CPPFLAGS: "",
    LDFLAGS: "",
  };
  return { env, prefix };
}
