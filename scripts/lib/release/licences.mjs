/** The licence of everything that an executable holds, in the words of its own package. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, Unmet } from "../command.mjs";
import { client, librdkafkaVersion } from "../librdkafka.mjs";
import { crates, zig } from "./targets.mjs";

/**
 * @typedef {{
 *   name: string, version: string, licence: string, purl: string, texts: readonly string[]
 * }} Component `licence` is an SPDX expression; `texts` are files
 */

const licenceFile = /^(licen[cs]e|copying|notice)/i;

/** The compiler's own libraries that are linked into the addon. */
const runtimes = ["libcxx", "libcxxabi", "libunwind"];

/**
 * @param {{ zig: string, vendored: string }} folders of the compiler, and of the crates
 * @returns {Component[]} everything that is in an executable, sorted by name
 */
export function components({ zig: compiler, vendored }) {
  const librdkafka = join(client, "deps/librdkafka");
  const parts = [
    ...npmComponents(),
    ...Object.entries(crates).map(([name, { crate, version, folder, texts, ...rest }]) => ({
      name,
      version: rest.upstream,
      licence: rest.licence,
      purl: `pkg:cargo/${crate}@${encodeURIComponent(version)}`,
      texts: texts.map((text) => join(vendored, crate, folder, text)),
    })),
    {
      name: "librdkafka",
      version: librdkafkaVersion(),
      licence: "BSD-2-Clause",
      purl: `pkg:generic/librdkafka@${librdkafkaVersion()}`,
      texts: [join(librdkafka, "LICENSES.txt")],
    },
    {
      name: "libc++",
      version: zig.version,
      licence: "Apache-2.0 WITH LLVM-exception",
      purl: `pkg:pypi/ziglang@${zig.version}`,
      texts: runtimes.map((name) => join(compiler, "lib", name, "LICENSE.TXT")),
    },
    bunComponent(),
  ];
  return parts.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * @param {{ packages: Record<string, { version?: string, license?: string, dev?: boolean }> }}
 *   [lockfile]
 * @returns {Component[]} the packages of a lockfile that are not only for developers
 */
function npmComponents(lockfile = readLockfile()) {
  return Object.entries(lockfile.packages)
    .filter(([path, { dev }]) => path !== "" && !dev)
    .map(([path, { version = "", license = "" }]) => {
      const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
      return {
        name,
        version,
        // The package's own word for what SPDX calls so.
        licence: license === "BSD-0-Clause" ? "0BSD" : license,
        purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
        texts: licenceFiles(join(root, path)),
      };
    });
}

/** Bun's packages have no licence inside; its types carry the manual, with the page about it. */
function bunComponent() {
  const { version = "" } = readLockfile().packages["node_modules/bun"] ?? {};
  const page = join(root, "node_modules/bun-types/docs/project/license.mdx");
  const purl = `pkg:npm/bun@${version}`;
  return { name: "bun", version, licence: "MIT", purl, texts: [page] };
}

/**
 * @param {readonly Component[]} all
 * @returns {string} one text with all licences
 */
export function licenceTexts(all) {
  const rule = "=".repeat(80);
  return all
    .map(({ name, version, licence, texts }) => {
      const head = `${rule}\n${name} ${version} (${licence})\n${rule}\n`;
      const none = `Its package holds no text of its licence, ${licence}.\n`;
      return `${head}\n${texts.map(textOf).join("\n\n") || none}`;
    })
    .join("\n\n");
}

/** @param {string} file */
function textOf(file) {
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  throw new Unmet(`Cannot release without the licence ${file}, which is missing; try: npm ci`);
}

/** @param {string} folder */
function licenceFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => licenceFile.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * @returns {{
 *   packages: Record<string, { version?: string, license?: string, dev?: boolean }>
 * }}
 */
function readLockfile() {
  return JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
}
