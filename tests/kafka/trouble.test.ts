/** What is known of brokers that hold our clients back. */

import { expect, onTestFinished, test } from "bun:test";
import { readFileSync } from "node:fs";
import { explained } from "../../src/kafka/explanations.ts";
import {
  Hearing,
  isRefusal,
  lineSentence,
  ownCertificateProblem,
  Troubles,
} from "../../src/kafka/trouble.ts";
import { Authority } from "../support/certificates.ts";
import { requirement } from "../support/require.ts";

const SECOND_MS = 1_000;

// A quota or a rotated password kept the aggregator from counting, and the page did not say which.
test("a trouble is known while it lasts, and over when nothing was refused for a while", () => {
  let now = 0;
  const troubles = new Troubles(() => now);
  expect(troubles.current).toBeUndefined();
  troubles.failed("_TRANSPORT", "The connection to a broker is broken");
  expect(troubles.current).toBeUndefined();
  troubles.failed("_AUTHENTICATION", "The brokers refuse the login of user board");
  // Clients say the same again after 50 s at the latest: the page forgot the reason meanwhile.
  now += 54 * SECOND_MS;
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

// A cluster was wiped under a board, and its topics were not there any more: page and /readyz named
// the topics, and the other cluster stood in the log alone.
test("another cluster at the same addresses is a trouble", () => {
  const troubles = new Troubles(() => 0);
  const line =
    'Broker b:9092/1 reports different ClusterId "B" than previously known "A": a client must not ' +
    "be simultaneously connected to multiple clusters";
  troubles.line("Broker b:9092/1 was decommissioned");
  expect(troubles.current).toBeUndefined();
  troubles.line(line);
  expect(troubles.current).toBe(
    "The brokers' addresses lead to another Kafka cluster than before: the addresses are wrong, " +
      "or the cluster was made anew",
  );
  expect(lineSentence(line)).toBe(`${troubles.current}.`);
});

// With TLS 1.3 the handshake is over when the broker refuses our certificate. That looked like a
// broken connection: the page said that Kafka had not answered.
test("a certificate that is refused after the handshake is a trouble too", () => {
  const troubles = new Troubles(() => 0);
  const raw = "Receive failed: error:0A000416:SSL routines::sslv3 alert certificate unknown";
  troubles.failed("_TRANSPORT", "The broker refuses the certificate of this client", raw);
  expect(troubles.current).toBe("The broker refuses the certificate of this client");
  const other = new Troubles(() => 0);
  other.failed("_TRANSPORT", "No process listens there", "Connect failed: Connection refused");
  expect(other.current).toBeUndefined();
});

// A broker that was slow for a moment was said to refuse the login, with a wrong cure.
test("a connection that breaks during the login is no refusal", () => {
  const troubles = new Troubles(() => 0);
  const raw =
    "SASL SCRAM-SHA-512 mechanism handshake failed: Local: Broker transport failure: broker's " +
    "supported mechanisms: (n/a)";
  const clause = explained("_AUTHENTICATION", raw);
  expect(clause).toStartWith("The connection to a broker broke during the login (");
  troubles.failed("_AUTHENTICATION", clause, raw);
  expect(troubles.current).toBeUndefined();
  expect(isRefusal("_AUTHENTICATION", raw)).toBe(false);
  const other = "SASL X mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's";
  expect(isRefusal("_AUTHENTICATION", other)).toBe(true);
});

requirement("openssl")("the client's own certificate is named when its time is over", () => {
  const authority = new Authority();
  onTestFinished(() => authority.close());
  const { certificate } = authority.issue("client", { days: 1 });
  const properties = { "ssl.certificate.location": certificate };
  expect(ownCertificateProblem(properties)).toBeUndefined();
  const problem = ownCertificateProblem(properties, Date.now() + 2 * 86_400_000);
  expect(problem).toStartWith(`the one in ${certificate} ended at 20`);
  const raw = "Receive failed: error:0A000416:SSL routines::sslv3 alert certificate expired";
  expect(explained("_TRANSPORT", raw, { ownCertificate: () => problem })).toStartWith(
    `The broker refuses the certificate of this client: ${problem}`,
  );
  expect(explained("_TRANSPORT", raw)).toStartWith("The broker wants a valid certificate");
  expect(ownCertificateProblem({ "ssl.certificate.location": "/nowhere/c.pem" })).toStartWith(
    "there is none in /nowhere/c.pem: ",
  );
  expect(ownCertificateProblem({})).toBeUndefined();
});

// The file was looked at, though librdkafka shows the text: "there is none in /nowhere/c.pem".
requirement("openssl")(
  "a certificate that is given as a text is looked at instead of a file",
  () => {
    const authority = new Authority();
    onTestFinished(() => authority.close());
    const { certificate } = authority.issue("client", { days: 1 });
    const text = { "ssl.certificate.pem": readFileSync(certificate, "utf8") };
    const properties = { ...text, "ssl.certificate.location": "/nowhere/c.pem" };
    expect(ownCertificateProblem(properties)).toBeUndefined();
    expect(ownCertificateProblem(text, Date.now() + 2 * 86_400_000)).toMatch(
      /^the one in ssl\.certificate\.pem ended at 20.+\. Renew it, and restart/,
    );
  },
);

const answered = (client: { answeredMsAgo: number | undefined }) => client.answeredMsAgo;

test("brokers were heard when any client had an answer last", () => {
  const hearing = new Hearing(answered);
  expect(hearing.msAgo).toBeUndefined();
  const clients = [undefined, 9_000, 40].map((answeredMsAgo) => ({ answeredMsAgo }));
  const [silent] = clients;
  if (silent) expect(hearing.added(silent)).toBe(silent);
  expect(hearing.msAgo).toBeUndefined();
  for (const client of clients) hearing.added(client);
  expect(hearing.msAgo).toBe(40);
});

// Brokers end connections that are idle, after ten minutes by default. Each time the log warned
// that a client had lost its connections, while all was well.
test("a client that loses its connections while others are answered is no trouble", () => {
  const hearing = new Hearing(answered);
  expect(hearing.isIdleEnd("_ALL_BROKERS_DOWN")).toBe(false);
  const client = hearing.added({ answeredMsAgo: 1_999 as number });
  expect(hearing.isIdleEnd("_ALL_BROKERS_DOWN")).toBe(true);
  expect(hearing.isIdleEnd("_TRANSPORT")).toBe(false);
  client.answeredMsAgo = 2_000;
  expect(hearing.isIdleEnd("_ALL_BROKERS_DOWN")).toBe(false);
});
