/** `npm run fix`: formats, and repairs what the linter can. Words choose files and folders. */

import { main, show } from "./lib/command.mjs";
import { installDependencies, program } from "./lib/dependencies.mjs";

await main(async () => {
  await installDependencies();
  const biome = program("@biomejs/biome/bin/biome");
  const args = ["check", "--write", "--error-on-warnings", ...process.argv.slice(2)];
  if (!show(process.execPath, [biome, ...args])) process.exitCode = 1;
});
