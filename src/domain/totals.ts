/**
 * The exact totals of one partition, in two levels, so that an abort only discards.
 *
 *   apply()     adds sales to the open delta
 *   seal()      moves the open delta into the totals and remembers the totals before
 *   commit()    forgets the totals before, because the transaction with the new ones is committed
 *   rollback()  restores the totals before and drops the open delta: its sales are read again
 *
 * Sales may be applied while a transaction writes the sealed totals.
 */

import { Days, type ProductGrowth } from "./days.ts";
import { addExact, type Exact, type ExactSums, NOTHING, sumsOf } from "./exact.ts";
import { fitsNumber, type Micros } from "./money.ts";
import { ProductIndex } from "./products.ts";
import type { ProductTotal } from "./sale.ts";
import type { Sums } from "./sums.ts";

/** The total of a product before the seal, for a rollback. */
interface Before {
  id: number;
  sums: ExactSums;
}

/** Sales of one product, added up. */
interface ProductSales {
  id: number;
  sales: number;
  /** In millionths of a unit. */
  quantity: number;
  amount: number;
}

export class Totals {
  readonly products = new ProductIndex();
  /** What was sold when. Sealed, committed and rolled back with the totals. */
  readonly days = new Days();
  /** Sales in the sealed totals: the sum over all products. */
  sales = 0n;
  /** Lines returned in the sealed totals. */
  returns = 0n;
  /** Where the next rewrite of unchanged totals starts; see `aggregator/output-records.ts`. */
  refreshFrom = 0;

  // The sealed totals, by product.
  #quantity: Exact[] = [];
  #revenue: Exact[] = [];
  #sales: Exact[] = [];
  #returns: Exact[] = [];
  #undo: Before[] = [];
  #salesBefore = 0n;
  #returnsBefore = 0n;

  // The open delta. Numbers instead of bigints, because the fold must not allocate. They are exact:
  // #carry keeps all of them below 2^53.
  #openQuantity = new Float64Array(128);
  #openRevenue = new Float64Array(128);
  #openSales = new Float64Array(128);
  /** Returns, and parts of the open delta that do not fit a number. They add to the columns. */
  readonly #carried = new Map<number, Omit<Sums, "sales">>();
  #touched: number[] = [];
  #openTotal = 0;
  #openReturns = 0n;

  /**
   * Adds sales of a product. `id` comes from `products`; quantity and amount are between −2^53 and
   * 2^53.
   */
  apply({ id, sales, quantity, amount }: ProductSales): void {
    if (id >= this.#openSales.length) this.#grow(id);
    const before = this.#openSales[id] as number;
    // A product with returns alone has no open sales, but was touched.
    if (before === 0 && !this.#carried.has(id)) this.#touched.push(id);
    const revenue = (this.#openRevenue[id] as number) + amount;
    const units = (this.#openQuantity[id] as number) + quantity;
    if (!Number.isSafeInteger(revenue) || !Number.isSafeInteger(units)) this.#carry(id);
    this.#openRevenue[id] = (this.#openRevenue[id] as number) + amount;
    this.#openQuantity[id] = (this.#openQuantity[id] as number) + quantity;
    this.#openSales[id] = before + sales;
    this.#openTotal += sales;
  }

  /** Adds lines with sums of any size, at least one line. */
  applyLarge(id: number, { quantity, revenue, sales, returns }: Sums): void {
    const isSmall = fitsNumber(quantity) && fitsNumber(revenue);
    this.apply({
      id,
      sales: Number(sales),
      quantity: isSmall ? Number(quantity) : 0,
      amount: isSmall ? Number(revenue) : 0,
    });
    if (isSmall && returns === 0n) return;
    const carried = this.#carriedOf(id);
    if (!isSmall) {
      carried.quantity += quantity;
      carried.revenue += revenue;
    }
    carried.returns += returns;
    this.#openReturns += returns;
  }

  /**
   * Moves the open delta into the totals and returns the ids of the products that changed.
   * @throws Error when the last seal is neither committed nor rolled back
   */
  seal(): readonly number[] {
    if (this.#undo.length > 0) throw new Error("Cannot seal totals: the last seal is undecided");
    const touched = this.#touched;
    this.#touched = [];
    this.#salesBefore = this.sales;
    this.#returnsBefore = this.returns;
    const growth = touched.map((id) => this.#growth(id));
    for (const grown of growth) {
      const { id } = grown;
      const sums = this.sealed(id);
      this.#undo.push({ id, sums });
      this.#set(id, addExact(sums, grown));
      this.#clearOpen(id);
    }
    this.days.seal(growth, this);
    this.sales += BigInt(this.#openTotal);
    this.returns += this.#openReturns;
    this.#openTotal = 0;
    this.#openReturns = 0n;
    return touched;
  }

  commit(): void {
    this.#undo = [];
    this.days.commit();
  }

  rollback(): void {
    this.days.rollback();
    for (const { id, sums } of this.#undo) this.#set(id, sums);
    if (this.#undo.length > 0) {
      this.sales = this.#salesBefore;
      this.returns = this.#returnsBefore;
    }
    this.#undo = [];
    for (const id of this.#touched) this.#clearOpen(id);
    this.#touched = [];
    this.#openTotal = 0;
    this.#openReturns = 0n;
  }

  /** The sealed total of a product, without the open delta. */
  total(id: number): ProductTotal {
    return { product: this.products.name(id), ...sumsOf(this.sealed(id)) };
  }

  /** The sums of `total`. */
  sealed(id: number): ExactSums {
    return {
      quantity: this.#quantity[id] ?? 0,
      revenue: this.#revenue[id] ?? 0,
      sales: this.#sales[id] ?? 0,
      returns: this.#returns[id] ?? 0,
    };
  }

  /** The sealed revenue of a product. */
  revenue(id: number): Micros {
    return BigInt(this.#revenue[id] ?? 0);
  }

  /** The sealed total of all products. */
  sum(): Sums {
    const sum = (values: readonly Exact[]) =>
      values.reduce<bigint>((sum, value) => sum + BigInt(value), 0n);
    return {
      quantity: sum(this.#quantity),
      revenue: sum(this.#revenue),
      sales: this.sales,
      returns: this.returns,
    };
  }

  /** Sets a product's total to the one read from Kafka; null clears it. Returns the product's id. */
  restore(product: Uint8Array, total: ExactSums | null): number {
    const id = this.products.findOrAdd(product);
    const { sales, returns } = this.sealed(id);
    const next = total ?? NOTHING;
    this.sales += BigInt(next.sales) - BigInt(sales);
    this.returns += BigInt(next.returns) - BigInt(returns);
    this.#set(id, next);
    return id;
  }

  /** The open delta of a product. */
  #growth(id: number): ProductGrowth {
    const growth = {
      id,
      quantity: this.#openQuantity[id] as number,
      revenue: this.#openRevenue[id] as number,
      sales: this.#openSales[id] as number,
      returns: 0,
    };
    const carried = this.#carried.get(id);
    return carried ? { id, ...addExact(growth, { ...NOTHING, ...carried }) } : growth;
  }

  #set(id: number, { quantity, revenue, sales, returns }: ExactSums): void {
    while (this.#sales.length < id) {
      this.#quantity.push(0);
      this.#revenue.push(0);
      this.#sales.push(0);
      this.#returns.push(0);
    }
    this.#quantity[id] = quantity;
    this.#revenue[id] = revenue;
    this.#sales[id] = sales;
    this.#returns[id] = returns;
  }

  #carriedOf(id: number): Omit<Sums, "sales"> {
    const known = this.#carried.get(id);
    if (known) return known;
    const carried = { quantity: 0n, revenue: 0n, returns: 0n };
    this.#carried.set(id, carried);
    return carried;
  }

  #carry(id: number): void {
    const carried = this.#carriedOf(id);
    carried.quantity += BigInt(this.#openQuantity[id] as number);
    carried.revenue += BigInt(this.#openRevenue[id] as number);
    this.#openQuantity[id] = 0;
    this.#openRevenue[id] = 0;
  }

  #clearOpen(id: number): void {
    this.#openQuantity[id] = 0;
    this.#openRevenue[id] = 0;
    this.#openSales[id] = 0;
    this.#carried.delete(id);
  }

  #grow(id: number): void {
    const length = Math.max(id + 1, this.#openSales.length * 2);
    this.#openQuantity = grown(this.#openQuantity, length);
    this.#openRevenue = grown(this.#openRevenue, length);
    this.#openSales = grown(this.#openSales, length);
  }
}

function grown(column: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(length);
  longer.set(column);
  return longer;
}
