/**
 * Product names of one partition, numbered 0, 1, 2 … in the order in which they were first seen,
 * and found by their UTF-8 bytes: on the hot path a name is never made into a string.
 */

/** FNV-1a, 32 bits (RFC 9923). The random basis keeps prepared names from colliding. */
export const HASH_BASIS = (Math.random() * 2 ** 32) | 0;
export const HASH_PRIME = 16777619;

const decoder = new TextDecoder();

export class ProductIndex {
  /** Open addressing: id + 1, or 0 where free. Its length is a power of two, at most half full. */
  #slots = new Int32Array(256);
  #hashes = new Int32Array(128);
  /** Name `id` stands at `#ends[id − 1]` to `#ends[id]` of `#arena`. */
  #ends = new Uint32Array(128);
  #arena = new Uint8Array(4096);
  #view = new DataView(this.#arena.buffer);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Length of all names together. */
  get arenaBytes(): number {
    return this.#start(this.#count);
  }

  /**
   * The id of the name at `start` to `end` of `bytes`, or −1. `view` is a view of the same bytes,
   * `hash` FNV-1a of the name.
   */
  find(bytes: Uint8Array, view: DataView, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = (this.#slots[slot] as number) - 1;
      if (id < 0) return -1;
      if (this.#hashes[id] === hash && this.#equals(id, bytes, view, start, end)) return id;
    }
  }

  /** The id of `name`, new if need be. */
  findOrAdd(name: Uint8Array): number {
    const hash = hashOf(name);
    const found = this.find(
      name,
      new DataView(name.buffer, name.byteOffset, name.length),
      0,
      name.length,
      hash,
    );
    return found >= 0 ? found : this.#add(name, hash);
  }

  /** @throws RangeError for an id never given out */
  name(id: number): string {
    return decoder.decode(this.nameBytes(id));
  }

  /** A view, valid until the next `findOrAdd`. */
  nameBytes(id: number): Uint8Array {
    if (!(id >= 0 && id < this.#count)) throw new RangeError(`Cannot name product ${id}: unknown`);
    return this.#arena.subarray(this.#start(id), this.#ends[id]);
  }

  #start(id: number): number {
    return id === 0 ? 0 : (this.#ends[id - 1] as number);
  }

  /** Word by word: compared byte by byte, names cost a third of the whole fold. */
  #equals(id: number, bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
    const from = this.#start(id);
    const length = end - start;
    if ((this.#ends[id] as number) - from !== length) return false;
    const names = this.#view;
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      if (view.getInt32(start + at) !== names.getInt32(from + at)) return false;
    }
    for (; at < length; at++) {
      if (bytes[start + at] !== this.#arena[from + at]) return false;
    }
    return true;
  }

  #add(name: Uint8Array, hash: number): number {
    const id = this.#count++;
    const start = this.#start(id);
    if (id === this.#hashes.length) {
      this.#hashes = grown(this.#hashes, new Int32Array(id * 2));
      this.#ends = grown(this.#ends, new Uint32Array(id * 2));
      this.#rehash(id);
    }
    if (start + name.length > this.#arena.length) {
      this.#arena = grown(this.#arena, new Uint8Array((start + name.length) * 2));
      this.#view = new DataView(this.#arena.buffer);
    }
    this.#arena.set(name, start);
    this.#ends[id] = start + name.length;
    this.#hashes[id] = hash;
    this.#insert(id, hash);
    return id;
  }

  #insert(id: number, hash: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = id + 1;
  }

  #rehash(count: number): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let id = 0; id < count; id++) this.#insert(id, this.#hashes[id] as number);
  }
}

function hashOf(bytes: Uint8Array): number {
  let hash = HASH_BASIS;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, HASH_PRIME);
  return hash;
}

function grown<T extends Int32Array | Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
