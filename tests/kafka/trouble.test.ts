/** What is known of brokers that hold our clients back. */

import { expect, test } from "bun:test";
import { Troubles } from "../../src/kafka/trouble.ts";

const SECOND_MS = 1_000;

// A quota or a rotated password kept the aggregator from counting, and the page did not say which.
test("a trouble is known while it lasts, and over when nothing was refused for a while", () => {
  let now = 0;
  const troubles = new Troubles(() => now);
  expect(troubles.current).toBeUndefined();
  troubles.failed("_TRANSPORT", "The connection to a broker is broken");
  expect(troubles.current).toBeUndefined();
  troubles.failed("_AUTHENTICATION", "The brokers refuse the login of user board");
  now += 19 * SECOND_MS;
  expect(troubles.current).toBe("The brokers refuse the login of user board");
  now += SECOND_MS;
  expect(troubles.current).toBeUndefined();
});

test("a quota is known until the answer after its delay, and a short delay is none", () => {
  let now = 0;
  const troubles = new Troubles(() => now);
  expect(troubles.throttled(2, 100, "board")).toBeUndefined();
  expect(troubles.throttled(2, 9 * SECOND_MS, "board")).toStartWith(
    "A quota holds Salesboard back: broker 2 delays its answers. Raise producer_byte_rate, " +
      "consumer_byte_rate and request_percentage of the user board",
  );
  now += 28 * SECOND_MS;
  expect(troubles.current).toContain("broker 2");
  now += 2 * SECOND_MS;
  expect(troubles.current).toBeUndefined();
});
