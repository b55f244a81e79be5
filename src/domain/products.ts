/**
 * The product names of one partition. The index numbers them 0, 1, 2 … in order of appearance and
 * finds them by their UTF-8 bytes.
 *
 * The index is one ArrayBuffer, so that the fast path in C++ reads it in place.
 * `native-fold/product_names.h` is the other side of this layout. Both check `INDEX_VERSION`.
 *
 *   header  u32 × 16   version, namesMax, arenaMax, count, bases of the hash (2), 0 …
 *   slots   u32 × 2·namesMax   open addressing by hash: id + 1, or 0 where free
 *   hashes  u32 × namesMax
 *   ends    u32 × namesMax   name `id` stands at `ends[id − 1]` to `ends[id]` of the arena
 *   rows    u32 × namesMax   scratch memory of the fast path
 *   arena   u8 × arenaMax
 *
 * During a poll another thread reads the index and adds plain names, as long as there is room. So
 * add names only between polls; what stands there may be read at any time.
 */

const INDEX_VERSION = 1;
const HEADER_BYTES = 64;
const COUNT = 3;
const BASES = 4;

/** A power of two. */
const NAMES_MAX_FIRST = 128;
const ARENA_MAX_FIRST = 4096;

/** The most names, and bytes of names, that `makeRoom` makes room for. */
const ROOM_NAMES_MAX = 16_384;
const ROOM_BYTES_MAX = 1024 * 1024;

/** As in FNV (RFC 9923). Random bases prevent collisions on purpose. */
const HASH_PRIME = 16777619;
const [BASE_LOW, BASE_HIGH] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [
  number,
  number,
];

// A byte order mark at the start of a name is part of it.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export class ProductIndex {
  #memory!: ArrayBuffer;
  #header!: Uint32Array;
  #slots!: Uint32Array;
  #hashes!: Uint32Array;
  #ends!: Uint32Array;
  #arena!: Uint8Array;

  constructor() {
    this.#allocate(NAMES_MAX_FIRST, ARENA_MAX_FIRST);
  }

  /** The memory of the whole index. Growing replaces it. */
  get memory(): ArrayBuffer {
    return this.#memory;
  }

  get count(): number {
    return this.#header[COUNT] as number;
  }

  /** The length of all names together. */
  get arenaBytes(): number {
    return this.#start(this.count);
  }

  /** The id of `name`; adds the name if it is new. */
  findOrAdd(name: Uint8Array): number {
    const hash = hashOf(name);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = (this.#slots[slot] as number) - 1;
      if (id < 0) return this.#add(name, hash);
      if (this.#hashes[id] === hash && this.#equals(id, name)) return id;
    }
  }

  /** Makes room for the names of a poll: as many as there are, within bounds. */
  makeRoom(): void {
    const { count, arenaBytes } = this;
    const [namesMax, arenaMax] = [this.#hashes.length, this.#arena.length];
    const isTight = namesMax - count < Math.min(count, ROOM_NAMES_MAX);
    const isArenaTight = arenaMax - arenaBytes < Math.min(arenaBytes, ROOM_BYTES_MAX);
    if (!isTight && !isArenaTight) return;
    this.#grow(isTight ? namesMax * 2 : namesMax, isArenaTight ? arenaMax * 2 : arenaMax);
  }

  /** @throws RangeError for an unknown id */
  name(id: number): string {
    return decoder.decode(this.nameBytes(id));
  }

  /** A view that is valid until the next `findOrAdd`. */
  nameBytes(id: number): Uint8Array {
    if (!(id >= 0 && id < this.count)) throw new RangeError(`Cannot name product ${id}: unknown`);
    return this.#arena.subarray(this.#start(id), this.#ends[id]);
  }

  #start(id: number): number {
    return id === 0 ? 0 : (this.#ends[id - 1] as number);
  }

  #equals(id: number, name: Uint8Array): boolean {
    const from = this.#start(id);
    if ((this.#ends[id] as number) - from !== name.length) return false;
    for (let at = 0; at < name.length; at++) {
      if (name[at] !== this.#arena[from + at]) return false;
    }
    return true;
  }

  #add(name: Uint8Array, hash: number): number {
    const id = this.count;
    const start = this.arenaBytes;
    const end = start + name.length;
    if (id === this.#hashes.length) this.#grow(id * 2, this.#arena.length);
    if (end > this.#arena.length) this.#grow(this.#hashes.length, end * 2);
    this.#arena.set(name, start);
    this.#ends[id] = end;
    this.#hashes[id] = hash;
    this.#insert(id, hash);
    this.#header[COUNT] = id + 1;
    return id;
  }

  #insert(id: number, hash: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = id + 1;
  }

  #grow(namesMax: number, arenaMax: number): void {
    const count = this.count;
    const [hashes, ends, arena] = [this.#hashes, this.#ends, this.#arena];
    this.#allocate(namesMax, arenaMax);
    this.#hashes.set(hashes);
    this.#ends.set(ends);
    this.#arena.set(arena);
    for (let id = 0; id < count; id++) this.#insert(id, hashes[id] as number);
    this.#header[COUNT] = count;
  }

  #allocate(namesMax: number, arenaMax: number): void {
    const slotsEnd = HEADER_BYTES + namesMax * 8;
    const arenaStart = slotsEnd + namesMax * 12;
    const memory = new ArrayBuffer(arenaStart + arenaMax);
    this.#memory = memory;
    this.#header = new Uint32Array(memory, 0, HEADER_BYTES / 4);
    this.#header.set([INDEX_VERSION, namesMax, arenaMax]);
    this.#header.set([BASE_LOW, BASE_HIGH], BASES);
    this.#slots = new Uint32Array(memory, HEADER_BYTES, namesMax * 2);
    this.#hashes = new Uint32Array(memory, slotsEnd, namesMax);
    this.#ends = new Uint32Array(memory, slotsEnd + namesMax * 4, namesMax);
    this.#arena = new Uint8Array(memory, arenaStart, arenaMax);
  }
}

/**
 * FNV-1a over words of eight bytes in two halves; zeros fill the last word. A hash byte by byte
 * would make the fast path wait for a multiplication at each byte.
 */
function hashOf(bytes: Uint8Array): number {
  let low = BASE_LOW;
  let high = BASE_HIGH;
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    low = Math.imul(low ^ wordAt(bytes, at), HASH_PRIME);
    high = Math.imul(high ^ wordAt(bytes, at + 4), HASH_PRIME);
  }
  if (at < bytes.length) {
    low = Math.imul(low ^ lastWordAt(bytes, at), HASH_PRIME);
    high = Math.imul(high ^ lastWordAt(bytes, at + 4), HASH_PRIME);
  }
  const hash = Math.imul(low ^ bytes.length, HASH_PRIME) ^ high;
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** Four bytes, little-endian. */
function wordAt(bytes: Uint8Array, at: number): number {
  const byte = (i: number) => (bytes[at + i] as number) << (8 * i);
  return byte(0) | byte(1) | byte(2) | byte(3);
}

/** The same; bytes after the end are 0. */
function lastWordAt(bytes: Uint8Array, at: number): number {
  let word = 0;
  for (let i = 0; i < 4 && at + i < bytes.length; i++) word |= (bytes[at + i] as number) << (8 * i);
  return word;
}
