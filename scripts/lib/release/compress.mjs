/**
 * Compresses a file twice. Bun runs this script, because the lockfile chooses Bun and nobody
 * chooses the builder's Node.js: another zlib makes other bytes.
 *
 *     bun compress.mjs FILE FILE.gz FILE.zst
 */

import { readFileSync, writeFileSync } from "node:fs";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";

/** Beyond that, a minute brings two per cent. */
const zstdLevel = 12;

const [input = "", gzip = "", zstd = ""] = process.argv.slice(2);
const content = readFileSync(input);
writeFileSync(gzip, gzipSync(content, { level: 9 }));
const params = { [constants.ZSTD_c_compressionLevel]: zstdLevel };
writeFileSync(zstd, zstdCompressSync(content, { params }));
