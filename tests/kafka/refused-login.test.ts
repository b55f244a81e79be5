/** refused-login.patch: a wrong password or certificate brings no storm of logins or handshakes. */

import { afterEach, beforeEach, expect, onTestFinished, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Admin, Kafka } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { Authority } from "../support/certificates.ts";
import { quietLog } from "../support/context.ts";
import { LoneBroker } from "../support/lone-broker.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";

const BROKERS = 3;
/** An admin has two clients, and each of them a connection to each broker. */
const CLIENTS_OF_ADMIN = 2;
/** Shorter than the pause after a refusal. */
const WATCHED_MS = 6_000;

let brokers: LoneBroker[];
let admins: Admin[];
beforeEach(() => {
  admins = [];
  brokers = [];
});
afterEach(async () => {
  await Promise.all(admins.map((admin) => admin.close()));
  for (const broker of brokers) broker.close();
});

function opened(properties: Record<string, string>): Kafka {
  const kafka = librdkafka({
    brokers: brokers.map(({ brokers }) => brokers).join(","),
    properties,
    log: quietLog,
  });
  admins.push(kafka.admin());
  return kafka;
}

const withPassword = (password: string) =>
  opened({
    "security.protocol": "SASL_PLAINTEXT",
    "sasl.mechanism": "PLAIN",
    "sasl.username": "board",
    "sasl.password": password,
  });

// Each connection of each client tried again every two seconds, with a handshake of TLS each: a
// board of three brokers logged in some 40 times a second, and kept the brokers busy.
test("a refused login lets all connections of the process pause, until one is let in", async () => {
  brokers = await Promise.all(Array.from({ length: BROKERS }, () => LoneBroker.listen()));
  for (const broker of brokers) broker.isRefusing = true;
  const logins = () => brokers.reduce((sum, { logins }) => sum + logins, 0);
  const boards = [withPassword("former"), withPassword("former")];
  await waitFor(() => logins() > 0, { what: "a login" });
  // A role that failed comes back with new clients.
  boards.push(withPassword("former"));
  await Bun.sleep(WATCHED_MS);
  expect(logins()).toBeLessThanOrEqual(boards.length * CLIENTS_OF_ADMIN * BROKERS);
  for (const kafka of boards.slice(0, 2)) {
    expect(kafka.trouble?.()).toStartWith("The brokers refuse the login of user board");
  }
  // Another user, or another password, is another login.
  const before = logins();
  boards.push(withPassword("present"));
  await waitFor(() => logins() > before, { what: "the login with another password" });
  for (const broker of brokers) broker.isRefusing = false;
  const areHeard = () => boards.every(({ heardMsAgo }) => heardMsAgo?.() !== undefined);
  await waitFor(areHeard, { what: "all clients to be let in" });
}, 120_000);

requirement("openssl")(
  "a certificate that is refused brings no storm of handshakes",
  async () => {
    const [authority, other] = [new Authority(), new Authority()];
    onTestFinished(() => {
      for (const each of [authority, other]) each.close();
    });
    const own = authority.issue("broker");
    const pem = { cert: readFileSync(own.certificate), key: readFileSync(own.key) };
    const broker = await LoneBroker.listen(pem);
    brokers.push(broker);
    const boards = [1, 2].map(() =>
      opened({ "security.protocol": "SSL", "ssl.ca.location": other.file }),
    );
    await waitFor(() => broker.brokenHandshakes > 0, { what: "a handshake" });
    await Bun.sleep(WATCHED_MS);
    expect(broker.brokenHandshakes).toBeLessThanOrEqual(boards.length * CLIENTS_OF_ADMIN);
    for (const kafka of boards) expect(kafka.trouble?.()).toContain("certificate");
  },
  120_000,
);
