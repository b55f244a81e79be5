/** `npm run fuzz`: ten million cases for the decoder; FUZZ_CASES=N for more, FUZZ_SEED=N to repeat. */

import { main, show } from "./lib/command.mjs";
import { bun, installDependencies } from "./lib/dependencies.mjs";

await main(async () => {
  await installDependencies();
  process.env.FUZZ_CASES ??= "10000000";
  process.env.FUZZ_SEED ??= String(Math.floor(Math.random() * 2 ** 32));
  if (!show(bun(), ["test", "tests/fuzz"])) process.exitCode = 1;
});
