/** The bytes of a program: words of 32 bits, little-endian, and texts between them. */

const encoder = new TextEncoder();

export class Words {
  readonly #bytes: number[] = [];
  #isExact = true;

  /** False once a text was written that UTF-8 cannot hold. */
  get isExact(): boolean {
    return this.#isExact;
  }

  /** 0 to 2^32 − 1. */
  word(value: number): void {
    this.#bytes.push(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24);
  }

  flag(value: boolean): void {
    this.word(Number(value));
  }

  /** Its length in bytes, and its UTF-8. */
  text(text: string): void {
    if (!text.isWellFormed()) this.#isExact = false;
    this.bytes(encoder.encode(text));
  }

  /** How many, and themselves. */
  bytes(bytes: ArrayBuffer | Uint8Array): void {
    const all = new Uint8Array(bytes);
    this.word(all.length);
    for (const byte of all) this.#bytes.push(byte);
  }

  /** How many, and each of them. */
  list<T>(items: readonly T[], write: (item: T) => void): void {
    this.word(items.length);
    for (const item of items) write(item);
  }

  /** Whether it is there, and then the thing itself. */
  maybe<T>(item: T | undefined, write: (item: T) => void): void {
    this.flag(item !== undefined);
    if (item !== undefined) write(item);
  }

  memory(): ArrayBuffer {
    return Uint8Array.from(this.#bytes).buffer;
  }
}
