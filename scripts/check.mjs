/** `npm run check`: format and lint, types, structure. Needs no compiler. */

import { staticChecks } from "./lib/checks.mjs";
import { main, show, Unmet } from "./lib/command.mjs";
import { bun, installDependencies } from "./lib/dependencies.mjs";

await main(async () => {
  await installDependencies();
  const structure = /** @type {const} */ ([bun(), "test", "./tests/structure.test.ts"]);
  const checks = { ...staticChecks(), structure };
  const failed = Object.entries(checks).filter(([, [command, ...args]]) => !show(command, args));
  if (failed.length > 0) throw new Unmet(`Failed: ${failed.map(([name]) => name).join(", ")}.`);
});
