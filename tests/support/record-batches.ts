/**
 * Record batches as message format v2 has them, written and read without a word of the addon's:
 * https://kafka.apache.org/documentation/#record
 */

import { RecordBatch } from "../../src/kafka/batch.ts";
import { native } from "../../src/kafka/native.ts";

export interface BatchHeader {
  baseOffset: number;
  lastOffset: number;
  /** Records below it are not due. */
  firstOffset: number;
  baseTimestamp: number;
  maxTimestamp: number;
  isAppendTime: boolean;
  count: number;
}

export interface StoredRecord {
  offset: number;
  timestamp: number;
  key: string | null;
  value: string | null;
  headers: readonly (readonly [name: string, value: string | null])[];
}

type Text = string | null;

const latin1 = { encode: (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0)) };

/** Of 64 bits in zigzag form, as Kafka and Avro write integers. */
export function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return [...bytes, Number(left)];
}

function text(value: Text): number[] {
  return value === null ? varint(-1) : [...varint(value.length), ...latin1.encode(value)];
}

export function encodeRecord(record: StoredRecord, of: BatchHeader): number[] {
  const body = [
    0,
    ...varint(record.timestamp - of.baseTimestamp),
    ...varint(record.offset - of.baseOffset),
    ...text(record.key),
    ...text(record.value),
    ...varint(record.headers.length),
    ...record.headers.flatMap(([name, value]) => [...text(name), ...text(value)]),
  ];
  return [...varint(body.length), ...body];
}

const batch = new RecordBatch({ recordsMax: 100, bytesMax: 1 << 17 });

/** What the addon makes of these bytes: the records that it hands over, and what is wrong then. */
export function walk(bytes: Uint8Array, header: BatchHeader) {
  const { baseOffset, lastOffset, firstOffset, baseTimestamp, maxTimestamp } = header;
  const offsets = [baseOffset, lastOffset, firstOffset];
  const fields = [...offsets, baseTimestamp, maxTimestamp, Number(header.isAppendTime)];
  const problem = native.walkBatch(
    batch.memory,
    bytes.slice().buffer,
    new Float64Array([...fields, header.count]).buffer,
  );
  const records = Array.from({ length: batch.count }, (_, i): StoredRecord => {
    return {
      offset: batch.offsets[i] as number,
      timestamp: batch.timestamps[i] as number,
      key: decoded(batch.key(i)),
      value: decoded(batch.value(i)),
      headers: batch.headers(i).map(({ name, value }) => [name, decoded(value)]),
    };
  });
  return { records, problem };
}

function decoded(bytes: Uint8Array | null): Text {
  return bytes && String.fromCharCode(...bytes);
}

const utf8 = new TextDecoder();

class Wrong extends Error {}

/** A position in bytes, within which alone it reads. */
class Cursor {
  readonly #bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.at = at;
    this.end = end;
  }

  take(count: number): Uint8Array {
    if (count < 0 || count > this.end - this.at) throw new Wrong();
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }

  varint(): bigint {
    let word = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(this.take(1)[0] as number);
      word |= (byte & 127n) << shift;
      if (word >= 1n << 64n || shift > 63n) throw new Wrong();
      if (byte < 128n) break;
    }
    return (word >> 1n) ^ -(word & 1n);
  }

  bytes(): Uint8Array | null {
    const length = this.varint();
    return length === -1n ? null : this.take(Number(length));
  }
}

/** What `walk` must give, read by other code: the records up to the first that is not valid. */
export function slowWalk(bytes: Uint8Array, header: BatchHeader) {
  const records: StoredRecord[] = [];
  const all = new Cursor(bytes, 0, bytes.length);
  let last = header.baseOffset - 1;
  try {
    for (let i = 0; i < header.count; i++) {
      const record = readRecord(all, bytes, header);
      if (record.offset <= last || record.offset > header.lastOffset) throw new Wrong();
      last = record.offset;
      if (record.offset >= header.firstOffset) records.push(record);
    }
    if (header.count < 0 || all.at < all.end) throw new Wrong();
    return { records, isWhole: true };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { records, isWhole: false };
  }
}

function readRecord(all: Cursor, bytes: Uint8Array, header: BatchHeader): StoredRecord {
  const length = Number(all.varint());
  const one = new Cursor(bytes, all.at, all.at + length);
  all.take(length);
  one.take(1);
  const timestamp = Number(BigInt.asIntN(64, BigInt(header.baseTimestamp) + one.varint()));
  const offset = Number(BigInt(header.baseOffset) + one.varint());
  const [key, value] = [decoded(one.bytes()), decoded(one.bytes())];
  const headers: [string, Text][] = [];
  const count = one.varint();
  if (count < 0) throw new Wrong();
  while (headers.length < count) {
    const name = one.bytes();
    if (name === null) throw new Wrong();
    headers.push([utf8.decode(name), decoded(one.bytes())]);
  }
  if (one.at < one.end) throw new Wrong();
  const { isAppendTime, maxTimestamp } = header;
  return { offset, timestamp: isAppendTime ? maxTimestamp : timestamp, key, value, headers };
}
