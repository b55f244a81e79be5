/** refused-login.patch: a password that is wrong, or was changed, brings no storm of logins. */

import { afterEach, beforeEach, expect, test } from "bun:test";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { quietLog } from "../support/context.ts";
import { LoneBroker } from "../support/lone-broker.ts";
import { waitFor } from "../support/wait.ts";

const BROKERS = 4;
/** Shorter than the pause after a refusal. */
const WATCHED_MS = 6_000;

let brokers: LoneBroker[];
beforeEach(async () => {
  brokers = await Promise.all(Array.from({ length: BROKERS }, () => LoneBroker.listen()));
});
afterEach(() => {
  for (const broker of brokers) broker.close();
});

// Each connection of each client tried again every two seconds, with a handshake of TLS each: a
// board of three brokers logged in some 40 times a second, and kept the brokers busy.
test("after a refused login, a client pauses on all its connections", async () => {
  const kafka = librdkafka({
    brokers: brokers.map(({ brokers }) => brokers).join(","),
    properties: {
      "security.protocol": "SASL_PLAINTEXT",
      "sasl.mechanism": "PLAIN",
      "sasl.username": "board",
      "sasl.password": "wrong",
    },
    log: quietLog,
  });
  const producer = kafka.producer();
  const logins = () => brokers.reduce((sum, { logins }) => sum + logins, 0);
  try {
    await waitFor(() => logins() > 0, { what: "a login" });
    await Bun.sleep(WATCHED_MS);
    // One for each connection that was on its way when the first was refused.
    expect(logins()).toBeLessThanOrEqual(BROKERS);
    expect(kafka.trouble?.()).toStartWith("The brokers refuse the login of user board");
  } finally {
    await producer.close();
  }
}, 60_000);
