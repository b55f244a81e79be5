/**
 * `npm run test:quick`: what tells in about a minute whether a change is sound: format, lint, types,
 * structure, and the unit tests with a part of their random cases, side by side. Builds the addon,
 * which some of them load, and no executable.
 */

import { checkJobs } from "./lib/checks.mjs";
import { main } from "./lib/command.mjs";
import { buildNative } from "./lib/executable.mjs";
import { runSideBySide } from "./lib/side-by-side.mjs";
import { sumUp } from "./lib/suite.mjs";
import { suiteJobs, testFiles } from "./lib/suites.mjs";

/** Of the cases of fuzz tests in `npm test`. */
const FUZZ_SHARE = "0.2";

await main(async () => {
  process.env.FUZZ_SHARE ??= FUZZ_SHARE;
  await buildNative();
  const unit = new Map([...testFiles([])].filter(([name]) => name === "unit"));
  sumUp(await runSideBySide([...suiteJobs(unit, []), ...checkJobs()]));
});
