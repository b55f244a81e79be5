/**
 * `npm run sanitize`: the addon's tests with AddressSanitizer and UndefinedBehaviorSanitizer in the
 * addon and in librdkafka, 1,000 terminated workers included. `npm test` has a short form of it.
 */

import { main } from "./lib/command.mjs";
import { installDependencies } from "./lib/dependencies.mjs";
import { runSanitized } from "./lib/sanitized.mjs";
import { sumUp } from "./lib/suite.mjs";

await main(async () => {
  await installDependencies();
  const extent = { librdkafka: true, workers: 1_000, fuzzCases: 200_000 };
  const counts = await runSanitized({ ...extent, live: true });
  sumUp(counts);
});
