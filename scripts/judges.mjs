/** Fetches the programs of PyPI that tests ask, into the cache. */

import { main } from "./lib/command.mjs";
import { fetchJudges } from "./lib/judges.mjs";

await main(fetchJudges);
