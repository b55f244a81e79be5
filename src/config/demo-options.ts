/** What the demo makes up: its options, the mapping of its orders, and how much past it has. */

import { days, type Option, oneOf } from "./option-types.ts";

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
minus: $.type in (refund)
by store: $.store`;

export const demoOptions = {
  demo: {
    flag: "--demo",
    argument: "KIND",
    env: "SALESBOARD_DEMO",
    default: "sales",
    kind: oneOf(["sales", "orders"]),
    meaning:
      "what is generated: flat sales, or orders with lines, refunds and a mapping of their own",
  },
  demoPast: {
    flag: "--demo-past",
    argument: "DAYS",
    env: "SALESBOARD_DEMO_PAST",
    absent: `${DEMO_PAST_DAYS_MAX}d in the demo at its own rate`,
    kind: days(DEMO_PAST_DAYS_MAX),
    meaning: "days of made-up sales that the demo starts with, today among them",
  },
} as const satisfies Record<string, Option<unknown>>;
