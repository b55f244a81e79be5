/** Leaves dist/salesboard.node: our addon with librdkafka, OpenSSL, zlib and zstd inside. */

import { main } from "./lib/command.mjs";
import { buildNative } from "./lib/executable.mjs";

await main(buildNative);
