/** Which parts of a record a mapping needs: decoders skip all others. */

import type { Path } from "./mapping.ts";

/** What is needed of one value. Decoders only read; `require` builds it up. */
export class Shape {
  /** Needed keys of an object. */
  readonly fields = new Map<string, Shape>();
  #entries: readonly (readonly [string, Shape])[] = [];
  /** Needed of each element of an array; undefined = no element. */
  items: Shape | undefined;
  /** Elements that are needed; a decoder may drop those behind. */
  itemsMax = 0;
  /** What is needed of the JSON inside of a text. */
  embedded: Shape | undefined;

  /** A rule reads the value itself. */
  isRead = false;

  /** Rules read parts of the value. */
  get looksInside(): boolean {
    return this.fields.size > 0;
  }

  /** The child for `key`, undefined when the key is not needed. */
  field(key: string): Shape | undefined {
    return this.fields.get(key);
  }

  /**
   * The needed key that stands in `text` from `start` to `end`, with its child. Compares letters,
   * because most keys are not needed, and making texts of them costs more than all the rest.
   */
  entryAt(text: string, start: number, end: number): readonly [string, Shape] | undefined {
    // Keys are added, and never removed.
    if (this.#entries.length !== this.fields.size) this.#entries = [...this.fields];
    for (const entry of this.#entries) {
      const [key] = entry;
      if (key.length === end - start && text.startsWith(key, start)) return entry;
    }
    return undefined;
  }

  /** Marks `path` as needed, and returns the shape at its end. */
  require({ steps }: Path): Shape {
    let shape: Shape = this;
    for (const step of steps) {
      if (step.kind === "key") shape = shape.#requireField(step.key);
      else if (step.kind === "json") shape = shape.#requireEmbedded();
      else shape = shape.#requireItems(step.kind === "each" ? Infinity : step.index + 1);
    }
    return shape;
  }

  #requireField(key: string): Shape {
    const shape = this.fields.get(key) ?? new Shape();
    this.fields.set(key, shape);
    return shape;
  }

  #requireEmbedded(): Shape {
    this.embedded ??= new Shape();
    return this.embedded;
  }

  #requireItems(count: number): Shape {
    this.itemsMax = Math.max(this.itemsMax, count);
    this.items ??= new Shape();
    return this.items;
  }
}
