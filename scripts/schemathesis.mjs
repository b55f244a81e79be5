/** Fetches schemathesis, for the test of what the dashboard answers: tests/e2e/openapi.test.ts. */

import { main } from "./lib/command.mjs";
import { fetchSchemathesis } from "./lib/schemathesis.mjs";

await main(fetchSchemathesis);
