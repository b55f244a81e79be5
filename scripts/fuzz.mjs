/**
 * `npm run fuzz`: ten million cases for the decoder, ten million for mappings, a million in Avro,
 * and a request by HTTP for each thousand, some 25 minutes; FUZZ_CASES=N for another number,
 * FUZZ_SEED=N to repeat.
 */

import { main, show } from "./lib/command.mjs";
import { bun } from "./lib/dependencies.mjs";
import { buildNative } from "./lib/executable.mjs";

await main(async () => {
  await buildNative();
  process.env.FUZZ_CASES ??= "10000000";
  process.env.FUZZ_SEED ??= String(Math.floor(Math.random() * 2 ** 32));
  console.log(`FUZZ_SEED=${process.env.FUZZ_SEED}`);
  if (!show(bun(), ["test", "tests/fuzz"])) process.exitCode = 1;
});
