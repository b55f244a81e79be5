/** Adds up many slots, for all products together or for each. */

import { NO_SUMS, plus, type Sums } from "../domain/sums.ts";

/** Adds up thousands of entries as exact numbers. Bigints, ten times as slow, take the overflow. */
export class RunningSums {
  #quantity = 0;
  #amount = 0;
  #sales = 0;
  #large: Sums | undefined;

  /** Takes integers between −2^53 and 2^53. */
  add(quantity: number, amount: number, sales: number): void {
    const quantities = this.#quantity + quantity;
    const amounts = this.#amount + amount;
    if (!Number.isSafeInteger(quantities) || !Number.isSafeInteger(amounts)) {
      this.addLarge({ quantity: BigInt(quantity), revenue: BigInt(amount), returns: 0n });
    } else {
      this.#quantity = quantities;
      this.#amount = amounts;
    }
    this.#sales += sales;
  }

  addLarge(sums: Omit<Sums, "sales">): void {
    this.#large = plus(this.#large ?? NO_SUMS, { ...sums, sales: 0n });
  }

  get value(): Sums {
    const quantity = BigInt(this.#quantity);
    const [revenue, sales] = [BigInt(this.#amount), BigInt(this.#sales)];
    const small = { quantity, revenue, sales, returns: 0n };
    return this.#large ? plus(small, this.#large) : small;
  }
}

/** The sums of many slots, by product. */
export class Sheet {
  readonly #sums = new Map<number, RunningSums>();

  of(id: number): RunningSums {
    let sums = this.#sums.get(id);
    if (!sums) {
      sums = new RunningSums();
      this.#sums.set(id, sums);
    }
    return sums;
  }

  /** By product id; `REST` holds products without an entry of their own. */
  get values(): Map<number, Sums> {
    return new Map([...this.#sums].map(([id, { value }]) => [id, value]));
  }
}
