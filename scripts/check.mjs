/** `npm run check`: format and lint, types, structure, documents. Needs no compiler. */

import { staticChecks } from "./lib/checks.mjs";
import { main, show, Unmet } from "./lib/command.mjs";
import { bun, installDependencies } from "./lib/dependencies.mjs";

await main(async () => {
  await installDependencies();
  const files = ["./tests/structure.test.ts", "./tests/docs.test.ts"];
  const tests = /** @type {const} */ ([bun(), "test", ...files]);
  const checks = { ...staticChecks(), "structure and documents": tests };
  const failed = Object.entries(checks).filter(([, [command, ...args]]) => !show(command, args));
  if (failed.length > 0) throw new Unmet(`Failed: ${failed.map(([name]) => name).join(", ")}.`);
});
