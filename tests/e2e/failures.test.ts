/** Whatever cannot work is said in one sentence, with the right exit status and without a stack. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { runSalesboard } from "../support/executable.ts";
import { type KafkaBroker, startKafka } from "../support/kafka.ts";
import { users } from "../support/kafka-files.ts";
import { requirement } from "../support/require.ts";

/** The sentence on stderr; log records before it are JSON lines. */
async function failureOf(args: readonly string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = await runSalesboard(args, { env });
  const sentences = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(sentences).toHaveLength(1);
  return { status, sentence: sentences[0] as string, stdout };
}

describe("wrong usage ends with 2 and names what is wrong", () => {
  test.each([
    [["--bogus"], "salesboard: Cannot use option --bogus: there is no such option"],
    [["--prot", "1"], "did you mean --port"],
    [["dance"], "dance"],
    [["--port", "70000"], "Cannot use --port 70000: it must be an integer from 0 to 65535."],
    [["--commit-interval", "100"], "Cannot use --commit-interval 100"],
    [["--currency", "XXQ"], "Cannot use --currency XXQ"],
    [["--input-topic", "a", "--output-topic", "a"], "--output-topic"],
    [["--seed", "1", "--input", "sales.ndjson"], "--seed"],
    [["--replication-factor", "3"], "--replication-factor 3 without --brokers"],
    [["serve"], "Cannot use serve without --brokers"],
    [["--brokers", "a:1", "-X", "foo=bar"], 'No such configuration property: "foo"'],
    [["-X", "linger.ms=soon"], "Cannot use -X linger.ms: Invalid value"],
    [["--brokers", "a:1", "-X", "enable.idempotence=false"], "enable.idempotence"],
  ])("%j", async (args, part) => {
    const failure = await failureOf([...args, "--log-level", "error"]);
    expect(failure.sentence).toContain(part);
    expect(failure.status).toBe(2);
  });

  test("an environment variable is named as such", async () => {
    const failure = await failureOf([], { PORT: "http" });
    expect(failure).toMatchObject({ status: 2 });
    expect(failure.sentence).toContain("PORT");
  });
});

describe("what the machine refuses", () => {
  test.each([[[] as string[]], [["serve"]], [["verify"]]])(
    "unreachable brokers end %j with 69",
    async (command) => {
      const brokers = ["--brokers", "127.0.0.1:1", "--startup-timeout", "1s"];
      const port = command[0] === "verify" ? [] : ["--port", "0"];
      const failure = await failureOf([...command, ...brokers, ...port]);
      expect(failure.sentence).toContain("Cannot reach brokers 127.0.0.1:1 within 1 s");
      expect(failure.sentence).toContain("Connection refused");
      expect(failure.status).toBe(69);
    },
  );

  test("a port in use ends with 1", async () => {
    const server = await listening();
    const { port } = server.address() as { port: number };
    const failure = await failureOf(["--port", String(port)]);
    server.close();
    expect(failure.sentence).toContain(`Cannot listen on 127.0.0.1:${port}: the port is in use`);
    expect(failure.status).toBe(1);
  });

  test("a file that is not there ends with 1", async () => {
    const args = ["--roles", "producer", "--input", "/nonexistent/sales.ndjson"];
    const failure = await failureOf(args);
    expect(failure.sentence).toContain("Cannot read --input /nonexistent/sales.ndjson");
    expect(failure.status).toBe(1);
  });
});

describe("what the cluster refuses ends with 1", () => {
  const realTest = requirement("java", "maven");
  let kafka: KafkaBroker | undefined;
  beforeAll(async () => {
    if (realTest !== test.skip) kafka = await startKafka({ sasl: true });
  }, 600_000);
  afterAll(() => kafka?.stop());

  const as = (user: keyof typeof users, password = users[user]) => [
    ...["--brokers", kafka?.saslBrokers ?? "", "-X", "security.protocol=SASL_PLAINTEXT"],
    ...["-X", "sasl.mechanism=PLAIN", "-X", `sasl.username=${user}`],
    ...["-X", `sasl.password=${password}`],
  ];

  realTest("a wrong password", async () => {
    const failure = await failureOf(["aggregate", ...as("admin", "guess")]);
    expect(failure.sentence).toMatch(/authentication/i);
    expect(failure.sentence).not.toContain("guess");
    expect(failure.status).toBe(1);
  });

  realTest("a missing topic without the right to create it", async () => {
    const failure = await failureOf(["aggregate", ...as("limited")]);
    expect(failure.sentence).toContain("sales_topic_electronics");
    expect(failure.status).toBe(1);
  });

  realTest("and the password in the environment works, and is never printed", async () => {
    const env = { SALESBOARD_RDKAFKA_SASL_PASSWORD: users.admin };
    const args = as("admin").slice(0, -2);
    const produced = await runSalesboard(["produce", ...args, "--count", "3"], { env });
    expect(produced).toMatchObject({ status: 0 });
    const { stdout } = await runSalesboard(["config", ...args], { env });
    expect(stdout + produced.stderr).not.toContain(users.admin);
  });
});

function listening(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
  });
}
