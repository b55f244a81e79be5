/** An exception of C++, such as of memory that cannot be had, fails the call that met it. */

import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

interface Builder {
  linkVariant(contents: string, output: string): Promise<void>;
}

const builder = new URL("../../scripts/lib/addon.mjs", import.meta.url).href;
const pathOf = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

// It left the thread that runs the calls, and that ended the process with all of its roles.
test("a call that throws is refused, and the process and the client go on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "salesboard-throwing-"));
  try {
    const addon = join(folder, "throwing.node");
    const { linkVariant } = (await import(builder)) as Builder;
    await linkVariant(pathOf("throwing-client.cc"), addon);
    const child = Bun.spawn([process.execPath, pathOf("throwing-client.ts"), addon], {
      stdout: "pipe",
      stderr: "pipe",
    });
    const [output, complaints] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    expect(complaints).toBe("");
    expect(output.trim().split("\n")).toEqual([
      "_CRIT_SYS_RESOURCE Cannot make room: std::bad_alloc.",
      "_CRIT_SYS_RESOURCE Cannot make room: it is too long.",
      "_TRANSPORT",
      "closed",
    ]);
    expect(await child.exited).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 600_000);
