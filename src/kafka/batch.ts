/**
 * Records in columns: the shape in which records cross between TypeScript and librdkafka.
 *
 * A batch is one ArrayBuffer, so that a crossing passes one pointer and creates no object for a
 * record. `native/batch.h` is the other side of this layout. Both sides compare `LAYOUT_VERSION` on
 * every crossing, so that a mismatch is an error and never a wrong number.
 *
 *   header      u32 × 16   version, recordsMax, bytesMax, count, bytesUsed, bytesNeeded, 0 …
 *   offsets     f64 × recordsMax   −1 before the record has one
 *   timestamps  f64 × recordsMax   epoch milliseconds; −1 = none (produced: the time of sending)
 *   keyEnds     u32 × recordsMax   record i is key, value and headers, in a row in `bytes`
 *   valueEnds   u32 × recordsMax   record i starts where record i − 1 ends (record 0 at 0)
 *   recordEnds  u32 × recordsMax
 *   partitions  i32 × recordsMax   −1 = the partitioner chooses by the key (producing)
 *   flags       u8 × recordsMax, padded to 8   KEY_NULL, VALUE_NULL
 *   bytes       u8 × bytesMax
 *
 * Headers of a record: name length u32, name, value length i32 (−1 = null), value; little-endian.
 */

export const LAYOUT_VERSION = 1;
const KEY_NULL = 1;
const VALUE_NULL = 2;

/** The largest batch: `bytesMax` grows up to this for a single large record. */
export const BATCH_BYTES_MAX = 256 * 1024 * 1024;

const HEADER_BYTES = 64;
const COUNT = 3;
const BYTES_USED = 4;
const BYTES_NEEDED = 5;

/** A record header: `name` need not be unique, `value` may be null. */
export interface RecordHeader {
  name: string;
  value: Uint8Array | null;
}

/** A record to append. A missing field means none, or that the partitioner chooses. */
export interface OutgoingRecord {
  key?: Uint8Array | null;
  value: Uint8Array | null;
  headers?: readonly RecordHeader[];
  partition?: number;
  /** Epoch milliseconds. */
  timestamp?: number;
}

const encoder = new TextEncoder();
const NO_HEADERS = new Uint8Array(0);
// A byte order mark at the start of a name is part of it.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A reusable, caller-owned batch of at most `recordsMax` records and `bytesMax` payload bytes. */
export class RecordBatch {
  readonly recordsMax: number;
  memory!: ArrayBuffer;
  header!: Uint32Array;
  offsets!: Float64Array;
  timestamps!: Float64Array;
  keyEnds!: Uint32Array;
  valueEnds!: Uint32Array;
  recordEnds!: Uint32Array;
  partitions!: Int32Array;
  flags!: Uint8Array;
  bytes!: Uint8Array;

  constructor({ recordsMax, bytesMax }: { recordsMax: number; bytesMax: number }) {
    this.recordsMax = recordsMax;
    this.#allocate(bytesMax);
  }

  get count(): number {
    return this.header[COUNT] as number;
  }

  /** Payload bytes that the next record needs, when a poll had no room for even one; else 0. */
  get bytesNeeded(): number {
    return this.header[BYTES_NEEDED] as number;
  }

  /** A poll that fills half of the batch may have run out of room, so more may be waiting. */
  get isHalfFull(): boolean {
    const bytesUsed = this.header[BYTES_USED] as number;
    return this.count * 2 > this.recordsMax || bytesUsed * 2 > this.bytes.length;
  }

  clear(): void {
    this.header[COUNT] = 0;
    this.header[BYTES_USED] = 0;
    this.header[BYTES_NEEDED] = 0;
  }

  /**
   * Makes room for a single record of `bytesMax` payload bytes, and drops the batch's contents.
   * @throws RangeError above `BATCH_BYTES_MAX`
   */
  grow(bytesMax: number): void {
    if (bytesMax > BATCH_BYTES_MAX) {
      throw new RangeError(
        `Cannot grow batch: a record must have at most ${BATCH_BYTES_MAX} bytes, received ${bytesMax}`,
      );
    }
    this.#allocate(bytesMax);
  }

  /** Adds a record to produce. Returns false, and writes nothing, when the record does not fit. */
  append(record: OutgoingRecord): boolean {
    const i = this.count;
    const key = record.key ?? null;
    const headers = encodeHeaders(record.headers);
    const start = this.header[BYTES_USED] as number;
    const keyEnd = start + (key?.length ?? 0);
    const valueEnd = keyEnd + (record.value?.length ?? 0);
    const recordEnd = valueEnd + headers.length;
    if (i === this.recordsMax || recordEnd > this.bytes.length) return false;
    if (key) this.bytes.set(key, start);
    if (record.value) this.bytes.set(record.value, keyEnd);
    this.bytes.set(headers, valueEnd);
    this.keyEnds[i] = keyEnd;
    this.valueEnds[i] = valueEnd;
    this.recordEnds[i] = recordEnd;
    this.flags[i] = (key ? 0 : KEY_NULL) | (record.value ? 0 : VALUE_NULL);
    this.partitions[i] = record.partition ?? -1;
    this.offsets[i] = -1;
    this.timestamps[i] = record.timestamp ?? -1;
    this.header[COUNT] = i + 1;
    this.header[BYTES_USED] = recordEnd;
    return true;
  }

  /** Where record `i` starts in `bytes`. */
  start(i: number): number {
    return i === 0 ? 0 : (this.recordEnds[i - 1] as number);
  }

  /** A view of the key, valid until the batch is filled again. */
  key(i: number): Uint8Array | null {
    if ((this.flags[i] as number) & KEY_NULL) return null;
    return this.bytes.subarray(this.start(i), this.keyEnds[i]);
  }

  /** A view of the value, valid until the batch is filled again. */
  value(i: number): Uint8Array | null {
    if ((this.flags[i] as number) & VALUE_NULL) return null;
    return this.bytes.subarray(this.keyEnds[i], this.valueEnds[i]);
  }

  /** Copies of the headers. */
  headers(i: number): RecordHeader[] {
    const end = this.recordEnds[i] as number;
    const view = new DataView(this.memory, this.bytes.byteOffset);
    const headers: RecordHeader[] = [];
    let at = this.valueEnds[i] as number;
    while (at < end) {
      const nameEnd = at + 4 + view.getUint32(at, true);
      const name = decoder.decode(this.bytes.subarray(at + 4, nameEnd));
      const length = view.getInt32(nameEnd, true);
      const valueStart = nameEnd + 4;
      at = valueStart + Math.max(length, 0);
      headers.push({ name, value: length < 0 ? null : this.bytes.slice(valueStart, at) });
    }
    return headers;
  }

  #allocate(bytesMax: number): void {
    const n = this.recordsMax;
    const bytesStart = HEADER_BYTES + n * 32 + Math.ceil(n / 8) * 8;
    const memory = new ArrayBuffer(bytesStart + bytesMax);
    this.memory = memory;
    this.header = new Uint32Array(memory, 0, HEADER_BYTES / 4);
    this.header.set([LAYOUT_VERSION, n, bytesMax]);
    this.offsets = new Float64Array(memory, HEADER_BYTES, n);
    this.timestamps = new Float64Array(memory, HEADER_BYTES + n * 8, n);
    this.keyEnds = new Uint32Array(memory, HEADER_BYTES + n * 16, n);
    this.valueEnds = new Uint32Array(memory, HEADER_BYTES + n * 20, n);
    this.recordEnds = new Uint32Array(memory, HEADER_BYTES + n * 24, n);
    this.partitions = new Int32Array(memory, HEADER_BYTES + n * 28, n);
    this.flags = new Uint8Array(memory, HEADER_BYTES + n * 32, n);
    this.bytes = new Uint8Array(memory, bytesStart, bytesMax);
  }
}

function encodeHeaders(headers: readonly RecordHeader[] = []): Uint8Array {
  if (headers.length === 0) return NO_HEADERS;
  const parts = headers.map(({ name, value }) => ({ name: encoder.encode(name), value }));
  const size = parts.reduce(
    (sum, { name, value }) => sum + 8 + name.length + (value?.length ?? 0),
    0,
  );
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { name, value } of parts) {
    view.setUint32(at, name.length, true);
    bytes.set(name, at + 4);
    at += 4 + name.length;
    view.setInt32(at, value ? value.length : -1, true);
    if (value) bytes.set(value, at + 4);
    at += 4 + (value?.length ?? 0);
  }
  return bytes;
}
