/** Exact decimal numbers for the oracle of mappings: no float, no cleverness. */

import { isExactNumber, type Json } from "./strict-json.ts";

/** The value is `units` / 10^`scale`. */
export interface Fraction {
  units: bigint;
  scale: bigint;
}

/** A sum in millionths; undefined when it has more decimals. */
export function microsOf(terms: Fraction[], round: number | undefined): bigint | undefined {
  const scale = terms.reduce((most, term) => (term.scale > most ? term.scale : most), 6n);
  let units = terms.reduce((sum, term) => sum + term.units * 10n ** (scale - term.scale), 0n);
  if (round !== undefined) units = halfToEven(units, 10n ** (scale - BigInt(round)));
  const step = 10n ** (scale - 6n);
  return units % step === 0n ? units / step : undefined;
}

/** The multiple of `step` next to `units`. */
function halfToEven(units: bigint, step: bigint): bigint {
  const rest = ((units % step) + step) % step;
  const below = units - rest;
  const isUp = rest * 2n > step || (rest * 2n === step && (below / step) % 2n !== 0n);
  return isUp ? below + step : below;
}

/**
 * A number, or a text that is one; at most 60 digits before its point and 1100 behind. Undefined
 * for everything else.
 */
export function numberOf(value: Json | undefined): Fraction | undefined {
  const text = isExactNumber(value) ? value.source : value;
  if (typeof text !== "string") return undefined;
  const trimmed = text.replace(/^[ \t]+|[ \t]+$/g, "");
  const match = /^([+-]?)([0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]+)?$/.exec(trimmed);
  const [, sign, whole = "", fraction = "", exponent = "e0"] = match ?? [];
  const digits = whole + fraction.slice(1);
  if (!match || digits === "") return undefined;
  const significant = digits.replace(/^0+/, "").replace(/0+$/, "");
  if (significant === "") return { units: 0n, scale: 0n };
  const zeros = BigInt(digits.length - digits.replace(/0+$/, "").length);
  const power = BigInt(exponent.slice(1).replace("+", ""));
  const scale = BigInt(Math.max(fraction.length - 1, 0)) - power - zeros;
  if (BigInt(significant.length) - scale > 60n || scale > 1_100n) return undefined;
  const positive = BigInt(significant) * 10n ** (scale < 0n ? -scale : 0n);
  return { units: sign === "-" ? -positive : positive, scale: scale < 0n ? 0n : scale };
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** RFC 4648 with its padding: 1 to 64 bytes of a two's complement integer. */
export function decimalOf(value: Json | undefined, decimals: number): Fraction | undefined {
  if (typeof value !== "string" || value.length % 4 !== 0) return undefined;
  const padding = value.endsWith("==") ? 2 : value.endsWith("=") ? 1 : 0;
  const digits = [...value.slice(0, value.length - padding)].map((char) => ALPHABET.indexOf(char));
  const count = Math.floor((digits.length * 6) / 8);
  if (digits.includes(-1) || count < 1 || count > 64) return undefined;
  const bits = digits.reduce((sum, digit) => sum * 64n + BigInt(digit), 0n);
  const integer = bits >> BigInt(digits.length * 6 - count * 8);
  const isNegative = integer >> BigInt(count * 8 - 1) === 1n;
  const units = isNegative ? integer - (1n << BigInt(count * 8)) : integer;
  return { units, scale: BigInt(decimals) };
}
