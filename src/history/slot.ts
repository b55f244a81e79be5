/**
 * The sales of one span of time, added up by product. Exact, and small in memory, because there are
 * thousands of slots.
 */

import { fitsNumber } from "../domain/money.ts";
import type { Sums } from "../domain/sums.ts";
import type { Ring } from "./rings.ts";
import { RunningSums, type Sheet } from "./running-sums.ts";

/** Products with an entry of their own in a slot. All others share one entry, the rest. */
export const HISTORY_PRODUCTS_MAX = 64;

/** The id of the rest: all products without an entry of their own. */
export const REST = -1;

/** Like `Sums`, but with numbers below 2^53 instead of bigints, which cost more. */
export type CompactSums = Readonly<Record<keyof Sums, number | bigint>>;

/** What an entry has besides its numbers. */
type Carried = Omit<Sums, "sales">;

/** Numbers in an entry. */
const WIDTH = 4;
const [ID, QUANTITY, AMOUNT, SALES] = [0, 1, 2, 3] as const;
/** The memory of a slot without its array: objects, and room to grow. */
const BYTES_PER_SLOT = 300;
/** The memory of an entry in `#carried`. */
const BYTES_PER_CARRIED = 200;

export class Slot {
  readonly ring: Ring;
  /** The number of the span since 1970, in the ring's unit. */
  readonly index: number;
  #isSealed = false;
  /** Exact: #carry keeps all integers below 2^53. */
  #entries: Float64Array;
  #count = 0;
  #products = 0;
  /** Returns, and parts that do not fit a number. They add to the entries; few slots have any. */
  #carried: Map<number, Carried> | undefined;

  constructor(ring: Ring, index: number, { room = 2 } = {}) {
    this.ring = ring;
    this.index = index;
    this.#entries = new Float64Array(room * WIDTH);
  }

  /** A sealed slot never changes again; `copy` gives one that may. */
  get isSealed(): boolean {
    return this.#isSealed;
  }

  /** The number of products with an entry of their own. */
  get products(): number {
    return this.#products;
  }

  /** The approximate memory of the slot. */
  get bytes(): number {
    const carried = (this.#carried?.size ?? 0) * BYTES_PER_CARRIED;
    return BYTES_PER_SLOT + this.#entries.byteLength + carried;
  }

  /**
   * Adds sales of a product; quantity and amount are between −2^53 and 2^53. A product without an
   * entry gets one if `mayEnter` and there is room; else its sales go to the rest.
   */
  add(
    row: { id: number; quantity: number; amount: number; sales: number },
    mayEnter: boolean,
  ): void {
    const at = this.#find(row.id, mayEnter);
    this.#addAt(at, row.quantity, row.amount, row.sales);
  }

  /** Like `add`, with sums of any size. */
  addLarge(id: number, { quantity, revenue, sales, returns }: Sums, mayEnter: boolean): void {
    const isSmall = fitsNumber(quantity) && fitsNumber(revenue);
    const [units, amount] = isSmall ? [Number(quantity), Number(revenue)] : [0, 0];
    this.add({ id, quantity: units, amount, sales: Number(sales) }, mayEnter);
    if (isSmall && returns === 0n) return;
    const large = isSmall ? { quantity: 0n, revenue: 0n } : { quantity, revenue };
    this.#carry(this.has(id) ? id : REST, { ...large, returns });
  }

  /** Adds all entries of a finer slot. */
  merge(finer: Slot, mayEnter: (id: number) => boolean): void {
    const from = finer.#entries;
    const of = (at: number) => from[at] as number;
    for (let start = 0; start < finer.#count * WIDTH; start += WIDTH) {
      const id = of(start);
      const at = this.#find(id, mayEnter(id));
      this.#addAt(at, of(start + QUANTITY), of(start + AMOUNT), of(start + SALES));
      const carried = finer.#carried?.get(id);
      if (carried) this.#carry(this.#entries[at] as number, carried);
    }
  }

  has(id: number): boolean {
    return this.#indexOf(id) >= 0;
  }

  /** The sums of a product or of `REST`; zeros when there is no entry. */
  sums(id: number): Sums {
    const sum = new RunningSums();
    this.addOneTo(sum, id);
    return sum.value;
  }

  /** The ids of all entries, including `REST`, in no order. */
  ids(): number[] {
    return Array.from({ length: this.#count }, (_, i) => this.#entries[i * WIDTH] as number);
  }

  /** Calls `take` for each entry, including `REST`, in no order. */
  forEach(take: (id: number, sums: CompactSums) => void): void {
    const of = (at: number) => this.#entries[at] as number;
    for (let at = 0; at < this.#count * WIDTH; at += WIDTH) {
      const small = {
        quantity: of(at + QUANTITY),
        revenue: of(at + AMOUNT),
        sales: of(at + SALES),
        returns: 0,
      };
      take(of(at), this.#carried?.has(of(at)) ? this.sums(of(at)) : small);
    }
  }

  /** The sums of all products and the rest. */
  total(): Sums {
    const sum = new RunningSums();
    this.addAllTo(sum);
    return sum.value;
  }

  /** Adds `total()` to `sum`. */
  addAllTo(sum: RunningSums): void {
    const end = this.#count * WIDTH;
    for (let at = 0; at < end; at += WIDTH) this.#addEntryTo(sum, at);
  }

  /** Adds `sums(id)` to `sum`. */
  addOneTo(sum: RunningSums, id: number): void {
    const at = this.#indexOf(id);
    if (at >= 0) this.#addEntryTo(sum, at);
  }

  /** Adds each entry to the sums of its product. */
  addEachTo(sheet: Sheet): void {
    const end = this.#count * WIDTH;
    for (let at = 0; at < end; at += WIDTH) {
      this.#addEntryTo(sheet.of(this.#entries[at] as number), at);
    }
  }

  seal(): void {
    this.#isSealed = true;
  }

  /** A copy that is not sealed. */
  copy(): Slot {
    const copy = new Slot(this.ring, this.index, { room: this.#count + 1 });
    copy.#entries.set(this.#entries.subarray(0, this.#count * WIDTH));
    copy.#count = this.#count;
    copy.#products = this.#products;
    if (this.#carried) {
      copy.#carried = new Map([...this.#carried].map(([id, carried]) => [id, { ...carried }]));
    }
    return copy;
  }

  /** The position of the product's entry, or of the rest's. Adds the entry if it is missing. */
  #find(id: number, mayEnter: boolean): number {
    if (this.#isSealed) throw new Error("Cannot add sales to a slot: it is sealed");
    const at = this.#indexOf(id);
    if (at >= 0) return at;
    if (id === REST) return this.#enter(id);
    if (!mayEnter || this.#products === HISTORY_PRODUCTS_MAX) return this.#find(REST, true);
    this.#products++;
    return this.#enter(id);
  }

  #addAt(at: number, quantity: number, amount: number, sales: number): void {
    const entries = this.#entries;
    const quantities = (entries[at + QUANTITY] as number) + quantity;
    const amounts = (entries[at + AMOUNT] as number) + amount;
    if (!Number.isSafeInteger(amounts) || !Number.isSafeInteger(quantities)) {
      const large = { quantity: BigInt(quantity), revenue: BigInt(amount), returns: 0n };
      this.#carry(entries[at] as number, large);
    } else {
      entries[at + QUANTITY] = quantities;
      entries[at + AMOUNT] = amounts;
    }
    entries[at + SALES] = (entries[at + SALES] as number) + sales;
  }

  #addEntryTo(sum: RunningSums, at: number): void {
    const entries = this.#entries;
    sum.add(
      entries[at + QUANTITY] as number,
      entries[at + AMOUNT] as number,
      entries[at + SALES] as number,
    );
    const carried = this.#carried?.get(entries[at] as number);
    if (carried) sum.addLarge(carried);
  }

  #indexOf(id: number): number {
    const end = this.#count * WIDTH;
    for (let at = 0; at < end; at += WIDTH) if (this.#entries[at] === id) return at;
    return -1;
  }

  #enter(id: number): number {
    const at = this.#count * WIDTH;
    if (at === this.#entries.length) {
      const longer = new Float64Array(at + Math.max(2, this.#count >> 2) * WIDTH);
      longer.set(this.#entries);
      this.#entries = longer;
    }
    this.#entries[at + ID] = id;
    this.#count++;
    return at;
  }

  #carry(id: number, { quantity, revenue, returns }: Carried): void {
    this.#carried ??= new Map();
    const carried = this.#carried.get(id) ?? { quantity: 0n, revenue: 0n, returns: 0n };
    carried.quantity += quantity;
    carried.revenue += revenue;
    carried.returns += returns;
    this.#carried.set(id, carried);
  }
}
