/** What a person reads stands before what librdkafka says. */

import { describe, expect, test } from "bun:test";
import { EXPLANATIONS, explained } from "../../src/kafka/explanations.ts";

describe("explained", () => {
  test.each([
    [
      "_TRANSPORT",
      "Receive failed: Invalid response size 1008813135: increase receive.message.max.bytes",
      /^What listens at .* is no Kafka broker/,
    ],
    [
      "_TRANSPORT",
      "b:9/1: Connect to ipv4#127.0.0.1:9 failed: Connection refused",
      /127\.0\.0\.1:9/,
    ],
    [
      "_RESOLVE",
      "Failed to resolve 'kafka:9092': Name or service not known",
      /kafka:9092.*advertised/,
    ],
    ["_SSL", "SSL handshake failed: certificate verify failed: expired", /certificate has expired/],
    [
      "_SSL",
      "SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener?",
      /does not speak TLS: use -X security.protocol/,
    ],
    ["_TRANSPORT", "Disconnected while requesting ApiVersion", /expect TLS or a login/],
    ["INVALID_REPLICATION_FACTOR", "Broker: Invalid replication factor", /--replication-factor/],
    ["NOT_ENOUGH_REPLICAS", "Broker: Not enough in-sync replicas", /min\.insync\.replicas/],
    [
      "TOPIC_EXCEPTION",
      "Topic 'a.b' collides with existing topic: a_b",
      /^Kafka takes the topic for a_b, which exists/,
    ],
    ["TOPIC_EXCEPTION", "Broker: Invalid topic", /249 characters/],
    ["INVALID_SESSION_TIMEOUT", "Broker: Invalid session timeout", /group\.max\.session/],
    ["INVALID_TRANSACTION_TIMEOUT", "Broker: no", /at most their transaction\.max\.timeout\.ms/],
    ["_PARTIAL", "Local: Partial response", /knows no brokers/],
    ["_UNSUPPORTED_FEATURE", "Local: Required feature not supported", /is a controller's, or/],
    [
      "_AUTHENTICATION",
      "SASL PLAIN mechanism handshake failed: Broker: Request not valid in current SASL state: broker's supported mechanisms: ",
      /^The broker's port takes no login/,
    ],
    ["_DESTROY_BROKER", "Local: Broker handle destroyed", /left the cluster/],
    ["_STATE", "Local: Erroneous state", /a new one is needed/],
  ])("says what %s means: %s", (code, raw, sentence) => {
    const text = explained(code, raw);
    expect(text).toMatch(sentence);
    expect(text.endsWith(`(${raw})`)).toBe(true);
  });

  // A login at a port without one was told to choose another mechanism, and there is none.
  test("tells a port without a login from a login by another mechanism", () => {
    const refused = (offered: string) => {
      const raw = `SASL PLAIN mechanism handshake failed: Broker: no: broker's supported mechanisms: `;
      return explained("_AUTHENTICATION", raw + offered);
    };
    expect(refused("")).toContain("takes no login: set -X security.protocol to PLAINTEXT");
    expect(refused("SCRAM-SHA-512,GSSAPI")).toContain("set -X sasl.mechanism to one");
  });

  test("names operation, resource and command of a missing right", () => {
    const of = { topic: "sales", group: "shop", transactionalId: `shop-${crypto.randomUUID()}` };
    const right = (code: string, raw: string) => explained(code, raw, of);
    expect(right("TOPIC_AUTHORIZATION_FAILED", "Broker: Topic authorization failed")).toContain(
      "the user needs the operation Read on the resource Topic sales (kafka-acls.sh --add",
    );
    expect(right("GROUP_AUTHORIZATION_FAILED", "no")).toContain("Read on the resource Group shop");
    expect(right("TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "no")).toContain(
      "--transactional-id shop- --resource-pattern-type prefixed",
    );
  });

  test("names the user whose login is refused", () => {
    const text = explained("_AUTHENTICATION", "invalid credentials", { user: "su" });
    expect(text).toStartWith("The brokers refuse the login of user su: check -X sasl.username");
  });

  test("leaves out times and states of the client", () => {
    const text = explained(
      "_TIMED_OUT",
      "Local: Timed out (after 3961107 ms), retry call to resume.",
    );
    expect(text).toBe("A broker did not answer in time (Local: Timed out)");
    const often = "Broken pipe (after 0ms in state UP, 2 identical error(s) suppressed)";
    expect(explained("_TRANSPORT", often)).toEndWith("(Broken pipe)");
  });

  test("puts words before an error that it does not know", () => {
    expect(explained("_NEW", "What?!")).toBe(
      "Kafka or its client reports the error _NEW, which Salesboard has no explanation for (What?!)",
    );
  });

  // A text of code over two lines put a line break into the reason that the page and the log show.
  test.each([{}, { topic: "sales", group: "shop", transactionalId: "shop-1", user: "su" }])(
    "stays on one line for every code, about %j",
    (of) => {
      const codes = Object.keys(EXPLANATIONS);
      expect(codes).toContain("_UNKNOWN_TOPIC");
      const broken = codes.filter((code) => /\s{2}|\n/.test(explained(code, "why", of)));
      expect(broken).toEqual([]);
    },
  );
});
