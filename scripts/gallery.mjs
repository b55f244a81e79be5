/**
 * `npm run gallery`: serves tests/gallery/gallery.ts, the pages in every state, at port 3100 (PORT).
 * `npm run screenshots`: writes the pictures of docs/ from there. Needs Chromium; no compiler.
 */

import { main, show } from "./lib/command.mjs";
import { bun, installDependencies } from "./lib/dependencies.mjs";

await main(async () => {
  await installDependencies();
  const watching = process.argv.includes("--screenshots") ? [] : ["--watch"];
  const args = [...watching, "tests/gallery/gallery.ts", ...process.argv.slice(2)];
  if (!show(bun(), args)) process.exitCode = 1;
});
