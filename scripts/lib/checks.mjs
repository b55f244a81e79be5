/** What is checked without running our code. */

import { program } from "./dependencies.mjs";

/** @returns {Record<string, readonly [string, ...string[]]>} name → command */
export function staticChecks() {
  const node = process.execPath;
  const tsc = program("typescript/bin/tsc");
  return {
    "format and lint": [node, program("@biomejs/biome/bin/biome"), "check", "--error-on-warnings"],
    types: [node, tsc],
    "types of the scripts": [node, tsc, "-p", "scripts"],
    "types of the pages' code": [node, tsc, "-p", "static"],
  };
}
