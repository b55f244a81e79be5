/**
 * `npm run faults`: every fault at full size, written to tests/FAULTS.md; FAULTS_ROUNDS=N for more
 * rounds than five.
 */

import { main, run, show } from "./lib/command.mjs";
import { bun, program } from "./lib/dependencies.mjs";
import { buildExecutable } from "./lib/executable.mjs";

await main(async () => {
  await buildExecutable();
  process.env.FAULTS_WRITE = "1";
  process.env.SALESBOARD_REQUIRE = "1";
  if (show(bun(), ["test", "tests/faults"])) {
    await run(process.execPath, [
      program("@biomejs/biome/bin/biome"),
      "format",
      "--write",
      "tests/FAULTS.md",
    ]);
  } else process.exitCode = 1;
});
