/** From the sources to the executable for one target, compiled on this machine. */

import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { buildAddon } from "../addon.mjs";
import { root, run, say } from "../command.mjs";
import { bun } from "../dependencies.mjs";
import { compileOptions } from "../executable.mjs";
import { fingerprint, unlessMade } from "../fingerprint.mjs";
import { buildLibrdkafka } from "../librdkafka.mjs";
import { compilerFor } from "./compiler.mjs";
import { cache, downloadPackage } from "./download.mjs";
import { checkAddon, checkExecutable } from "./elf.mjs";
import { buildLibraries } from "./libraries.mjs";
import { crates, zig } from "./targets.mjs";

// OpenSSL came from no system: librdkafka then looks for certificates where each Linux has them.
const librdkafkaFlags = "-DWITH_STATIC_LIB_libcrypto=1";

// As those of the usual build are. Zig has no --exclude-libs: a list of what may show instead.
const linkOptions = [
  ...["-shared", "-Wl,-Bsymbolic", "-Wl,--gc-sections", "-Wl,-z,nodelete"],
  "-Wl,--version-script=scripts/lib/release/addon.map",
];
/** What Bun makes the executable from, beside the addon and the packages. */
const inputs = ["src", "static", "package.json", "package-lock.json", "tsconfig.json"];
const libraries = ["-lssl", "-lcrypto", "-lzstd", "-lz"];

/**
 * @param {import("./targets.mjs").Target} target
 * @returns {Promise<string>} the executable
 */
export async function buildFor(target) {
  const folder = join(cache, target.name);
  const { env, prefix } = await compilerFor(target);
  await buildLibraries(target, env, prefix);
  const print = JSON.stringify([target.triple, zig, crates]);
  const librdkafka = await buildLibrdkafka({
    suffix: `-${target.name}`,
    flags: librdkafkaFlags,
    cross: { env, print },
  });
  const tree = join(folder, "tree");
  const addon = join(tree, "dist/salesboard.node");
  await buildAddon(librdkafka, {
    output: addon,
    objects: join(folder, "addon"),
    compile: ["-O2", ...target.compile],
    link: ["-s"],
    cross: { compiler: "target-c++", env, print, linkOptions, libraries },
  });
  await checkAddon(addon, target);
  const executable = join(folder, "salesboard");
  await compile(target, tree, executable);
  await checkExecutable(executable, target);
  return executable;
}

/**
 * @param {import("./targets.mjs").Target} target
 * @param {string} tree which has the target's addon already
 * @param {string} output
 */
async function compile({ name, bun: bunTarget, runtime }, tree, output) {
  const program = join(await downloadPackage(runtime), "bin/bun");
  const args = [...compileOptions, `--target=${bunTarget}`];
  const addon = join(tree, "dist/salesboard.node");
  const target = {
    output,
    print: fingerprint([...inputs.map((file) => join(root, file)), addon, program], args),
    stamp: `${output}.stamp`,
  };
  await unlessMade(target, async () => {
    say(`Building salesboard for ${name} ...`);
    copyTree(tree, root);
    const runtimePath = `--compile-executable-path=${program}`;
    renameSync(await bundle(tree, `${output}.draft`, [...args, runtimePath]), output);
  });
}

/**
 * @param {string} tree as `copyTree` leaves it, with the addon
 * @param {string} folder where the executable is made
 * @param {readonly string[]} args of Bun
 * @returns {Promise<string>} the executable
 */
export async function bundle(tree, folder, args) {
  // Always of the same name, because Bun writes the name into the executable.
  const draft = join(folder, "salesboard");
  mkdirSync(folder, { recursive: true });
  await run(bun(), ["build", ...args, "src/main.ts", "--outfile", draft], { cwd: tree });
  rmSync(`${draft}.map`, { force: true });
  return draft;
}

/**
 * The source imports the addon by its place: in a copy of the tree, that is the target's.
 * @param {string} tree
 * @param {string} home the folder that has `node_modules`
 */
export function copyTree(tree, home) {
  mkdirSync(tree, { recursive: true });
  for (const name of inputs) {
    rmSync(join(tree, name), { recursive: true, force: true });
    cpSync(join(root, name), join(tree, name), { recursive: true });
  }
  rmSync(join(tree, "node_modules"), { force: true });
  symlinkSync(join(home, "node_modules"), join(tree, "node_modules"));
}
