/** Compiles the C++ of src/ and links it into one self-contained Node-API addon. */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { root, run, say, Unmet } from "./command.mjs";
import { filesBelow, fingerprint, unlessMade } from "./fingerprint.mjs";
import { buildLibrdkafka, jobs } from "./librdkafka.mjs";
import { installToolchain } from "./system.mjs";

const sources = ["src/kafka/native", "src/native-fold", "src/native-log"].map((folder) =>
  join(root, folder),
);
export const addon = join(root, "dist/salesboard.node");

/**
 * What is made, where its objects are kept, and what is added to the options of every variant;
 * `hot` is added for the files that each record goes through. For another machine: the compiler,
 * what it runs with, a text that says what that is, and its own options and libraries for linking.
 * @typedef {{
 *   output: string, objects: string, compile: readonly string[], link: readonly string[],
 *   hot?: readonly string[],
 *   cross?: {
 *     compiler: string, env: NodeJS.ProcessEnv, print: string, linkOptions: readonly string[],
 *     libraries: readonly string[]
 *   }
 * }} Variant
 */

/** What each record goes through: small functions of many files. */
const hotUnits = /\/native-fold\/|\/(consumer_poll|record_batch_reader)\.cc$/;
/** Inlined across files: a call would cost as much as what it does. */
const hot = ["-O3", "-flto=auto"];

/** @type {Variant} */
const released = {
  output: addon,
  objects: join(root, ".cache/addon"),
  compile: ["-O2"],
  hot,
  link: [...hot, "-static-libstdc++", "-static-libgcc", "-s"],
};

const compileOptions = [
  "-std=c++17",
  "-Wall",
  "-Wextra",
  "-Werror",
  "-fPIC",
  "-fvisibility=hidden",
  "-ffunction-sections",
  "-fdata-sections",
];

// Bun carries BoringSSL under OpenSSL's names: without hidden symbols each would call the other's.
// Never unloaded: a thread of ours may run on when the worker that loaded the addon has ended.
const linkOptions = [
  "-shared",
  "-Wl,-Bsymbolic",
  "-Wl,--exclude-libs,ALL",
  "-Wl,--gc-sections",
  "-Wl,-z,nodelete",
];

const libraries = ["-l:libssl.a", "-l:libcrypto.a", "-l:libzstd.a", "-l:libz.a"];
const systemLibraries = ["-lm", "-lpthread", "-ldl"];

/**
 * Leaves the addon, dist/salesboard.node unless told else; compiles only what changed.
 * @param {string} librdkafka the folder with rdkafka.h and librdkafka-static.a
 * @param {Variant} [variant]
 */
export async function buildAddon(librdkafka, variant = released) {
  const { output, objects } = variant;
  // What is linked across files is read only by the compiler that wrote it.
  if (variant.hot) await installToolchain();
  const compiler = variant.hot ? [await run("g++", ["-dumpfullversion", "-dumpmachine"])] : [];
  const files = sources.flatMap(filesBelow);
  const headers = files.filter((file) => file.endsWith(".h"));
  const units = files.filter((file) => file.endsWith(".cc"));
  if (units.length === 0)
    throw new Unmet(`Cannot build the addon: ${sources.join(" and ")} have no .cc file.`);
  const archive = join(librdkafka, "librdkafka-static.a");
  const made = units.map((unit) => {
    const options = [
      ...optionsOf(librdkafka, variant),
      ...(hotUnits.test(unit) ? (variant.hot ?? []) : []),
    ];
    // The name says what the object was made from: there is nothing to compare, and nothing stale.
    const print = fingerprint(
      [unit, ...headers, archive],
      [...options, ...compiler, ...printOf(variant)],
    );
    return { unit, options, object: join(objects, `${basename(unit, ".cc")}-${print}.o`) };
  });
  mkdirSync(objects, { recursive: true });
  mkdirSync(dirname(output), { recursive: true });
  const stale = made.filter(({ object }) => !existsSync(object));
  if (stale.length > 0) {
    if (!variant.cross) await installToolchain();
    say(`Compiling ${stale.map(({ unit }) => basename(unit)).join(", ")} ...`);
  }
  await inParallel(stale, ({ unit, object, options }) => compile(unit, object, options, variant));
  const inputs = made.map(({ object }) => object);
  const linking = [...(variant.cross?.linkOptions ?? linkOptions), ...variant.link];
  const target = {
    output,
    print: fingerprint(
      [archive],
      [...inputs.map((file) => basename(file)), ...linking, ...printOf(variant)],
    ),
    stamp: join(objects, "linked.stamp"),
  };
  await unlessMade(target, () => link([...linking, ...inputs, archive], output, variant));
  removeAllBut(inputs);
}

/**
 * Links the addon that `buildAddon` has left with another table of contents, for a test of what no
 * call of the real one does.
 * @param {string} contents a .cc file instead of addon.cc
 * @param {string} output
 */
export async function linkVariant(contents, output) {
  const librdkafka = await buildLibrdkafka();
  const object = `${output}.o`;
  await installToolchain();
  await compile(contents, object, optionsOf(librdkafka, released), released);
  const others = readdirSync(released.objects)
    .filter((name) => name.endsWith(".o") && !name.startsWith("addon-"))
    .map((name) => join(released.objects, name));
  const archive = join(librdkafka, "librdkafka-static.a");
  await link([...linkOptions, ...released.link, object, ...others, archive], output, released);
}

/**
 * @param {string} librdkafka
 * @param {Variant} variant
 */
function optionsOf(librdkafka, variant) {
  const includes = [librdkafka, join(root, "node_modules/node-api-headers/include")];
  return [
    ...compileOptions,
    ...variant.compile,
    ...includes.flatMap((folder) => ["-isystem", relative(root, folder)]),
  ];
}

/**
 * @param {string} unit
 * @param {string} object
 * @param {readonly string[]} options
 * @param {Variant} variant
 */
async function compile(unit, object, options, { cross }) {
  const draft = `${object}.${process.pid}`;
  const args = [...options, "-c", relative(root, unit), "-o", draft];
  await run(cross?.compiler ?? "g++", args, cross && { env: cross.env });
  renameSync(draft, object);
}

/**
 * @param {readonly string[]} args
 * @param {string} output
 * @param {Variant} variant
 */
async function link(args, output, { cross }) {
  if (!cross) await installToolchain();
  // A running process may have the old file mapped; writing into it would crash that process.
  const draft = `${output}.${process.pid}`;
  const all = [...args, ...(cross?.libraries ?? libraries), ...systemLibraries, "-o", draft];
  await run(cross?.compiler ?? "g++", all, cross && { env: cross.env });
  renameSync(draft, output);
}

/** @param {Variant} variant */
function printOf({ cross }) {
  return cross ? [cross.print] : [];
}

/** @param {readonly string[]} inputs */
function removeAllBut(inputs) {
  const folder = dirname(inputs[0] ?? "");
  const keep = new Set(inputs.map((file) => basename(file)));
  const names = readdirSync(folder).filter((name) => name.endsWith(".o") && !keep.has(name));
  for (const name of names) rmSync(join(folder, name));
}

/**
 * Works on as many items at once as there are processors.
 * @template T
 * @param {readonly T[]} items
 * @param {(item: T) => Promise<void>} work
 */
export async function inParallel(items, work) {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}
