/** The rows of the options of made-up sales: what is made up, and since when. */

import { DEMO_PAST_DAYS_MAX } from "./demo.ts";
import { days, type Option, oneOf } from "./option-types.ts";

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
