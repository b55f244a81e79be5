/**
 * `npm run soak`: the sales of ten hours, 20 a second, in minutes, with stalls; SOAK_HOURS=N for
 * more or less, SOAK_SEED=N for the same sales again. `npm test` has a short one of it.
 */

import { main, show } from "./lib/command.mjs";
import { bun } from "./lib/dependencies.mjs";
import { buildExecutable } from "./lib/executable.mjs";

await main(async () => {
  await buildExecutable();
  process.env.SOAK_HOURS ??= "10";
  if (!show(bun(), ["test", "tests/e2e/soak.test.ts"])) process.exitCode = 1;
});
