/** What both JavaScript peers have in common: a Map of totals, and what they print. */

/** Product → { quantity, revenue, sales }, in floating point as JSON.parse gives it. */
export const totals = new Map();

/**
 * @param {Uint8Array} value a sale as JSON
 * @param {string} priceField which field has the price of one unit
 */
export function add(value, priceField) {
  const { product, quantity, [priceField]: price } = JSON.parse(value);
  const total = totals.get(product);
  if (total === undefined) {
    totals.set(product, { quantity, revenue: quantity * price, sales: 1 });
  } else {
    total.quantity += quantity;
    total.revenue += quantity * price;
    total.sales += 1;
  }
}

/** One line: the consumer has its partitions. Said again, they were taken away in between. */
export function ready() {
  console.log("ready");
}

/**
 * At SIGTERM the totals are printed as one line of JSON.
 * @param {() => Promise<unknown>} close
 */
export function untilStopped(close) {
  process.once("SIGTERM", async () => {
    await close();
    console.log(JSON.stringify(Object.fromEntries(totals)));
    process.exit(0);
  });
}
