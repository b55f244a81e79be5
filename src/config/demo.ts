/** The demo's own settings: the mapping of its orders, and how much past it has. */

/** History reaches back so far. */
export const DEMO_PAST_DAYS_MAX = 60;

/** The mapping of the orders that `producer/orders.ts` makes up, one rule a line. */
export const DEMO_ORDERS_RULES = `lines: lines[]
product: title
quantity: quantity
amount: total
time: $.placed_at
currency: $.currency
only: $.type in (order, refund)
only: $.payment.status in (paid, refunded)
minus: $.type in (refund)`;
