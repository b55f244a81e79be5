/** `npm run release`: leaves archives for all machines in dist/release. */

import { main } from "./lib/command.mjs";
import { release } from "./lib/release/release.mjs";

await main(() => release(process.argv.slice(2)));
