/** A short name of what a mapping means: two mappings with one fingerprint judge alike. */

import { createHash } from "node:crypto";
import type { Mapping } from "../model/mapping.ts";
import { printMapping } from "./print.ts";

/** Of the flat sale, which counts where no mapping is given. */
export const FLAT_FINGERPRINT = "flat";
/** 64 bits: nobody tries out mappings until two of them collide. */
const HEX_DIGITS = 16;

/**
 * Of the rules alone: the settings that a judgement needs besides (format, currency, time zone) are
 * not in it. Stable from release to release, because partitions remember it.
 */
export function fingerprintOf(mapping: Mapping): string {
  return createHash("sha256").update(printMapping(mapping)).digest("hex").slice(0, HEX_DIGITS);
}
