/**
 * `npm run simulate`: half a million schedules of faults, from a random seed on, on all processors.
 * SIM_SCHEDULES=N for more, SIM_FIRST=N to repeat them, SIM_SEED=N for one of them and its story.
 */

import { main, say, show } from "./lib/command.mjs";
import { bun, installDependencies } from "./lib/dependencies.mjs";

await main(async () => {
  await installDependencies();
  const { env } = process;
  if (env.SIM_SEED === undefined) {
    env.SIM_SCHEDULES ??= "500000";
    env.SIM_FIRST ??= String(Math.floor(Math.random() * 2 ** 31));
    say(`${env.SIM_SCHEDULES} schedules; again with: SIM_FIRST=${env.SIM_FIRST} npm run simulate`);
  }
  if (!show(bun(), ["test", "tests/simulation"])) process.exitCode = 1;
});
