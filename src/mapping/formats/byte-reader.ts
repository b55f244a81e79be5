/** Reads the parts that binary formats are made of, and never beyond the last byte. */

import { NumberSource } from "../../domain/money.ts";
import { UnreadableError } from "../model/value.ts";
import { decodeText } from "./json.ts";

/** Of an integer of 64 bits, 7 in each byte. */
const VARINT_BYTES_MAX = 10;
/** So many bytes of 7 bits fit a number. */
const SMALL_BYTES_MAX = 7;
/** Longer texts are worth a call of the decoder. */
const SHORT_TEXT_MAX = 24;

export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** An unsigned integer of 64 bits; a bigint only when a number cannot hold it. */
  varint(): number | bigint {
    let value = 0;
    let place = 1;
    for (let i = 0; i < SMALL_BYTES_MAX; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * place;
      if (byte < 0x80) return value;
      place *= 128;
    }
    return this.#longVarint(BigInt(value));
  }

  #longVarint(low: bigint): number | bigint {
    let value = low;
    for (let i = SMALL_BYTES_MAX; i < VARINT_BYTES_MAX; i++) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) {
        const unsigned = BigInt.asUintN(64, value);
        return unsigned <= Number.MAX_SAFE_INTEGER ? Number(unsigned) : unsigned;
      }
    }
    throw new UnreadableError("the value has an integer of more than 64 bits");
  }

  /** A signed integer in zigzag form: 0, −1, 1, −2 are 0, 1, 2, 3. */
  zigzag(): number | bigint {
    const value = this.varint();
    if (typeof value === "number") return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    const signed = value & 1n ? -(value >> 1n) - 1n : value >> 1n;
    const small = signed <= Number.MAX_SAFE_INTEGER && signed >= Number.MIN_SAFE_INTEGER;
    return small ? Number(signed) : signed;
  }

  byte(): number {
    if (this.at >= this.bytes.length) throw tooShort();
    return this.bytes[this.at++] as number;
  }

  /** A view. */
  take(length: number | bigint): Uint8Array {
    const start = this.skip(length);
    return this.bytes.subarray(start, this.at);
  }

  /** Returns where the skipped bytes begin. */
  skip(length: number | bigint): number {
    if (typeof length === "bigint" || length < 0 || length > this.left) throw tooShort();
    const start = this.at;
    this.at += length;
    return start;
  }

  /** UTF-8. */
  text(length: number | bigint): string {
    const start = this.skip(length);
    const end = this.at;
    if (end - start <= SHORT_TEXT_MAX) {
      let text = "";
      for (let i = start; i < end; i++) {
        const byte = this.bytes[i] as number;
        if (byte >= 0x80) return decodeText(this.bytes.subarray(start, end));
        text += String.fromCharCode(byte);
      }
      return text;
    }
    return decodeText(this.bytes.subarray(start, end));
  }

  uint32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.skip(4), true);
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.skip(8), true);
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.skip(8), true);
  }

  /** The shortest decimal that reads back as the same float of 64 bits. */
  double(): NumberSource {
    return new NumberSource(String(this.#view.getFloat64(this.skip(8), true)));
  }

  /** The shortest decimal that reads back as the same float of 32 bits. */
  float(): NumberSource {
    return new NumberSource(floatText(this.#view.getFloat32(this.skip(4), true)));
  }
}

/** So many digits tell every float of 32 bits apart. */
const FLOAT_DIGITS_MAX = 9;

/** Of a number that is a float of 32 bits. */
export function floatText(value: number): string {
  if (!Number.isFinite(value) || value === 0) return String(value);
  for (let digits = 1; digits < FLOAT_DIGITS_MAX; digits++) {
    const near = value.toExponential(digits - 1);
    const found = [near, ...neighbours(near)].find((text) => Math.fround(Number(text)) === value);
    if (found !== undefined) return String(Number(found));
  }
  return String(Number(value.toExponential(FLOAT_DIGITS_MAX - 1)));
}

/** At a power of two the interval is lopsided: the nearest decimal may be outside, and these in. */
function neighbours(text: string): string[] {
  const [, sign = "", first = "", rest = "", exponent = "0"] =
    /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  const units = Number(first + rest);
  const place = Number(exponent) - rest.length;
  return [units + 1, units - 1].map((near) => `${sign}${near}e${place}`);
}

function tooShort(): UnreadableError {
  return new UnreadableError("the value ends too early for its schema");
}
