/**
 * `npm run gallery`: serves tests/gallery/gallery.ts, the pages in every state, at port 3100 (PORT).
 * `npm run screenshots`: writes the pictures of docs/ from there. Needs Chromium; no compiler.
 */

import { spawn } from "node:child_process";
import { main, root } from "./lib/command.mjs";
import { bun, installDependencies } from "./lib/dependencies.mjs";

await main(async () => {
  await installDependencies();
  const watching = process.argv.includes("--screenshots") ? [] : ["--watch", "--no-clear-screen"];
  const args = [...watching, "tests/gallery/gallery.ts", ...process.argv.slice(2)];
  const child = spawn(bun(), args, { cwd: root, stdio: "inherit" });
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGHUP"])) {
    process.on(signal, () => child.kill(signal));
  }
  process.exitCode = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
});
