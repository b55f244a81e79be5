/** `npm run build`: leaves dist/salesboard. */

import { main } from "./lib/command.mjs";
import { buildExecutable } from "./lib/executable.mjs";

await main(buildExecutable);
