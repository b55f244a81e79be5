/** `npm run bench`: builds the executable and what it is compared with, then measures. */

import { main, show } from "./lib/command.mjs";
import { bun } from "./lib/dependencies.mjs";
import { buildExecutable } from "./lib/executable.mjs";
import { buildPeers } from "./lib/peers.mjs";

await main(async () => {
  await buildExecutable();
  await buildPeers();
  if (!show(bun(), ["bench/bench.ts", ...process.argv.slice(2)])) process.exitCode = 1;
});
