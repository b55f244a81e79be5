/** The part of a release that Bun makes: the same bytes, wherever the sources stand. */

import { expect, onTestFinished, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import lockfile from "../../package-lock.json" with { type: "json" };
import { bundle, compileOptions, copyTree } from "../support/release.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** What the executable contains; the Kafka client's package gives only the source of librdkafka. */
const packages = Object.entries(lockfile.packages as Record<string, { dev?: boolean }>)
  .filter(([path, { dev }]) => path !== "" && !dev && !path.includes("@confluentinc"))
  .map(([path]) => path);

/** As `npm run release` does it in a clone that stands in `folder`. */
async function bundleIn(folder: string): Promise<Buffer> {
  for (const path of packages) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  const place = join(folder, ".cache/release/linux");
  const tree = join(place, "tree");
  copyTree(tree, folder);
  mkdirSync(join(tree, "dist"), { recursive: true });
  cpSync(join(root, "dist/salesboard.node"), join(tree, "dist/salesboard.node"));
  return readFileSync(await bundle(tree, join(place, "salesboard.draft"), compileOptions));
}

// The name of the draft had the number of the process in it, so that no two builds were the same.
test("two folders make the same executable", async () => {
  const home = join(root, `.cache/bundles-${process.pid}`);
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const first = await bundleIn(join(home, "a"));
  const second = await bundleIn(join(home, "another/and/deeper"));
  expect(first.length).toBeGreaterThan(50_000_000);
  expect(second.equals(first)).toBe(true);
}, 600_000);
