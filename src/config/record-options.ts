/** The options that say which sales are made up, and which records are looked at. */

import { decimal, integer, type Option, oneOf, plainText } from "./option-types.ts";

export const recordOptions = {
  rate: {
    flag: "--rate",
    argument: "N",
    env: "SALESBOARD_RATE",
    default: "20",
    kind: decimal(10_000_000, "sales per second; 0 = as fast as possible"),
    meaning: "sales per second to produce; 0 = as fast as possible",
  },
  count: {
    flag: "--count",
    argument: "N",
    absent: "unlimited",
    kind: integer(1, Number.MAX_SAFE_INTEGER),
    meaning: "stop producing after N sales",
  },
  seed: {
    flag: "--seed",
    argument: "N",
    absent: "random",
    kind: integer(0, 0xffff_ffff),
    meaning: "the same seed generates the same sales",
  },
  demo: {
    flag: "--demo",
    argument: "KIND",
    env: "SALESBOARD_DEMO",
    default: "sales",
    kind: oneOf(["sales", "orders"]),
    meaning:
      "what is generated: flat sales, or orders with lines, refunds and a mapping of their own",
  },
  input: {
    flag: "--input",
    argument: "FILE",
    absent: "generated sales",
    kind: plainText(4096),
    meaning:
      "send the sales in FILE, one JSON object per line, or inspect them; - = standard input",
  },
  last: {
    flag: "--last",
    argument: "N",
    default: "1000",
    kind: integer(1, 100_000),
    meaning: "records that `inspect` and `doctor` look at: the last ones of the topic or file",
  },
} as const satisfies Record<string, Option<unknown>>;
