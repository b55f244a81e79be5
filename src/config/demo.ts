/** The mapping of the orders that `--demo orders` makes up: what `producer/orders.ts` writes. */

/** One rule a line. */
export const DEMO_ORDERS_RULES = `lines: lines[]
product: title
quantity: quantity
amount: total
time: $.placed_at
currency: $.currency
only: $.type in (order, refund)
only: $.payment.status in (paid, refunded)
minus: $.type in (refund)`;
