/** Everything that is published of one version, in dist/release. */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { root, run, say, Unmet } from "../command.mjs";
import { bun, installDependencies } from "../dependencies.mjs";
import { filesBelow } from "../fingerprint.mjs";
import { tar } from "./archive.mjs";
import { buildFor } from "./build.mjs";
import { downloadCrates, downloadZig, installReleaseTools } from "./download.mjs";
import { components, licenceTexts } from "./licences.mjs";
import { sbom } from "./sbom.mjs";
import { signerOf } from "./signature.mjs";
import { targets } from "./targets.mjs";
import { tryOut } from "./trial.mjs";

const output = join(root, "dist/release");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** What an archive holds beside the executable and the licences. */
const documents = ["README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md", "docs", "deploy"];

/**
 * @param {readonly string[]} args of the command line
 * @throws {Unmet} if they are wrong, or a program or package is missing
 */
export async function release(args) {
  const { chosen, key, roots } = readArguments(args);
  const signer = key === undefined ? undefined : signerOf(key);
  const timeS = await timeOfSource();
  await installDependencies();
  await installReleaseTools();
  const zig = dirname(await downloadZig());
  const all = components({ zig, vendored: await downloadCrates() });
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  for (const target of chosen) {
    const executable = await buildFor(target);
    if (roots !== undefined) await tryOut(executable, target, roots);
    await pack(target.name, archived(readFileSync(executable), licenceTexts(all)), timeS);
  }
  writeFileSync(join(output, `${title()}.cdx.json`), sbom(manifest, all, timeS));
  const sums = join(output, "SHA256SUMS");
  writeFileSync(sums, sumsOf(output));
  if (signer) writeFileSync(`${sums}.sig`, signer(readFileSync(sums)));
  say(
    readdirSync(output)
      .map((name) => relative(root, join(output, name)))
      .join("\n"),
  );
}

/**
 * @param {readonly string[]} args
 * @returns {{
 *   chosen: import("./targets.mjs").Target[], key: string | undefined, roots: string | undefined
 * }} what to build, a file with a key, and a folder to try it with
 */
export function readArguments(args) {
  const options = /** @type {const} */ ({
    only: { type: "string", multiple: true },
    "sign-key": { type: "string" },
    roots: { type: "string" },
  });
  const { values } = parse(() => parseArgs({ args: [...args], options }));
  const names = targets.map(({ name }) => name);
  const wanted = (values.only ?? []).flatMap((text) => text.split(","));
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new Unmet(
      `Cannot release for ${unknown.join(", ")}: --only takes names, with commas in between, ` +
        `of ${names.join(", ")}.`,
    );
  }
  const chosen = targets.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  return { chosen, key: values["sign-key"], roots: values.roots };
}

/**
 * @template T
 * @param {() => T} read
 */
function parse(read) {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Unmet(
      `${reason} npm run release takes: --only NAMES, --sign-key FILE, --roots FOLDER`,
    );
  }
}

/** @returns {Promise<number>} when the source was last changed, in seconds since 1970 */
async function timeOfSource() {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given !== undefined) {
    if (/^\d{1,11}$/.test(given)) return Number(given);
    throw new Unmet(
      `Cannot use SOURCE_DATE_EPOCH=${given}: a whole number of seconds since 1970 is accepted.`,
    );
  }
  try {
    return Number(await run("git", ["log", "-1", "--format=%ct"]));
  } catch {
    throw new Unmet(
      "Cannot tell the time of the last commit, which all files of a release get: this is no git " +
        "repository; set SOURCE_DATE_EPOCH to a number of seconds since 1970",
    );
  }
}

/**
 * @param {Uint8Array} executable
 * @param {string} licences
 * @returns {import("./archive.mjs").Entry[]}
 */
export function archived(executable, licences) {
  const files = documents.flatMap((name) => filesBelow(join(root, name)));
  return [
    { name: "salesboard", mode: 0o755, content: executable },
    { name: "LICENSES-THIRD-PARTY.txt", mode: 0o644, content: Buffer.from(licences) },
    ...files.map((file) => ({
      name: relative(root, file),
      mode: 0o644,
      content: readFileSync(file),
    })),
  ];
}

/**
 * @param {string} name of the target
 * @param {readonly import("./archive.mjs").Entry[]} entries
 * @param {number} timeS
 * @param {string} [folder]
 */
export async function pack(name, entries, timeS, folder = output) {
  const base = `${title()}-${name}`;
  const draft = join(folder, `${base}.tar`);
  writeFileSync(draft, tar(base, entries, timeS));
  const compress = join(root, "scripts/lib/release/compress.mjs");
  await run(bun(), [compress, draft, `${draft}.gz`, `${draft}.zst`]);
  rmSync(draft);
}

/**
 * @param {string} folder
 * @returns {string} a line for each file, as sha256sum writes and checks them
 */
export function sumsOf(folder) {
  const line = (/** @type {string} */ name) => {
    const sum = createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex");
    return `${sum}  ${name}\n`;
  };
  return readdirSync(folder).sort().map(line).join("");
}

/** @returns {string} salesboard-<version> */
function title() {
  return `${manifest.name}-${manifest.version}`;
}
