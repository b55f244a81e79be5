import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Config } from "../../src/config/config.ts";
import { settingsText } from "../../src/config/help.ts";
import { rows } from "../../src/config/options.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { SalesboardError } from "../../src/lib/errors.ts";
import { kafka, read, refusal } from "../support/settings.ts";

describe("readConfig", () => {
  test("suggests the closest choice when an option does not accept a word", () => {
    expect(refusal(["--demo", "order"])).toEndWith("one of sales, orders; did you mean orders?");
    expect(refusal(["--roles", "producer,agregator"])).toEndWith("; did you mean aggregator?");
    expect(refusal(["--demo", "elephants"])).toEndWith("one of sales, orders.");
  });

  test("without anything runs all roles on the embedded broker", () => {
    expect(read([]).config).toEqual({
      command: "run",
      configFile: undefined,
      dashboardToken: undefined,
      httpRedirectPort: undefined,
      metricsPort: undefined,
      action: undefined,
      roles: ["producer", "aggregator", "dashboard"],
      brokers: undefined,
      demoPast: 60,
      hasShopPace: true,
      isEmbedded: true,
      rdkafka: {},
      inputTopic: "sales_topic_electronics",
      inputs: ["sales_topic_electronics"],
      inputTopics: ["sales_topic_electronics"],
      foundTopics: [],
      mapping: undefined,
      mappingFile: undefined,
      inputFormat: "json",
      schemaRegistry: undefined,
      schemaRegistryToken: undefined,
      schemaRegistryCa: undefined,
      schemaRegistryCaFile: undefined,
      schema: undefined,
      schemaFile: undefined,
      message: undefined,
      timeZone: "UTC",
      outputTopic: "processed_sales_topic",
      deadLetterTopic: "sales_topic_electronics.dlq",
      history: "on",
      historyTopic: "processed_sales_topic.history",
      group: "salesboard",
      partitions: 4,
      replicationFactor: undefined,
      commitIntervalMs: undefined,
      host: "127.0.0.1",
      allowedHosts: undefined,
      frameAncestors: undefined,
      users: undefined,
      tokens: undefined,
      trustedProxy: undefined,
      proxyUserHeader: undefined,
      insecureListen: false,
      tlsCert: undefined,
      tlsKey: undefined,
      tokenName: undefined,
      tokenRole: "viewer",
      tokenExpires: 90 * 24 * 3_600_000,
      port: 3000,
      basePath: "/",
      currency: "USD",
      title: undefined,
      target: undefined,
      alerts: undefined,
      alertWebhook: undefined,
      rate: 20,
      count: undefined,
      seed: undefined,
      demo: "sales",
      input: undefined,
      last: 1_000,
      startupTimeoutMs: 30_000,
      yes: false,
      once: false,
      by: undefined,
      json: false,
      logLevel: "auto",
      logFormat: "auto",
      url: undefined,
    });
  });

  test("puts an option before the environment, and that before the default", () => {
    const env = { PORT: "4000", KAFKA_GROUP_ID: "" };
    expect(read(["--port", "5000"], env).config).toMatchObject({ port: 5000, group: "salesboard" });
    expect(read([], env).config.port).toBe(4000);
  });

  test.each([
    ["produce", ["producer"]],
    ["aggregate", ["aggregator"]],
    ["serve", ["dashboard"]],
    ["run", ["aggregator", "dashboard"]],
    ["verify", []],
    ["inspect", []],
    ["reset", []],
    ["health", []],
  ] as [string, Config["roles"]][])("gives %s with brokers the roles %j", (command, roles) => {
    expect(read([command, ...kafka]).config).toMatchObject({ command, roles });
  });

  test("freezes what it returns", () => {
    const { config } = read([...kafka, "-X", "client.id=a"]);
    expect([config, config.roles, config.rdkafka].every(Object.isFrozen)).toBe(true);
  });

  test("throws nothing but SalesboardError, whatever is given", () => {
    const flags = rows.flatMap(([, { flag }]) => [flag, `${flag}=`]);
    const names = rows.flatMap(([, { env }]) => (env ? [env, `${env}_FILE`] : []));
    const words = [...flags, "-X", "-Xa.b=c", "-h", "--", "-", "run", "produce", "health", "a:1"];
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.constantFrom("1", "1s", "/"),
    );
    const arg = fc.oneof(
      fc.constantFrom(...words),
      text,
      fc.tuple(fc.constantFrom(...flags), text).map((parts) => parts.join("")),
    );
    const name = fc.oneof(
      fc.constantFrom(...names, "SALESBOARD_RDKAFKA_GROUP_ID", "__proto__"),
      fc.string().map((rest) => `SALESBOARD_${rest}`),
    );
    fc.assert(
      fc.property(fc.array(arg, { maxLength: 8 }), fc.dictionary(name, text), (args, env) => {
        try {
          const settings = readConfig({ args, env });
          if (!settings.show) settingsText(settings);
        } catch (error) {
          if (!(error instanceof SalesboardError)) throw error;
          // A caret stands under the place of a wrong rule.
          expect(error.message.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("readConfig refuses contradictions:", () => {
  test.each<[string[], string]>([
    [
      ["--input-topic", "a", "--output-topic", "a"],
      "Cannot use --input-topic a together with --output-topic a",
    ],
    [["--output-topic", "a", "--dead-letter-topic", "a"], "--dead-letter-topic a: input, output"],
    [
      ["--input-topic", "a", "--output-topic", "a.dlq"],
      "Cannot use --output-topic a.dlq together with --dead-letter-topic a.dlq",
    ],
    [["--input-topic", "x".repeat(246)], "Shorten it, or set --dead-letter-topic."],
    [["--output-topic", "x".repeat(242)], "Shorten it, or set --history-topic."],
    [
      ["--input-topic", "a", "--history-topic", "a"],
      "Cannot use --input-topic a together with --history-topic a: input, output, dead letters and",
    ],
    [["--input", "-", "--seed", "1"], "Cannot use --seed 1 together with --input -"],
    [
      [...kafka, "--count", "5"],
      "Cannot use --count 5 with run and the roles aggregator,dashboard",
    ],
    [[...kafka, "--rate", "5"], "Cannot use --rate 5 with run"],
    [
      [...kafka, "verify", "--seed", "5"],
      "Cannot use --seed 5 with verify: it applies only to produce",
    ],
    [[...kafka, "serve", "--input", "a"], "Cannot use --input a with serve"],
    [
      [...kafka, "--roles", "producer,aggregator,dashboard", "--demo-past", "9d"],
      "Cannot use --demo-past 9d with --brokers: a past is made up only on the embedded broker",
    ],
    [["--demo-past", "9d", "--roles", "producer,dashboard"], "it needs the roles producer and"],
    [["--demo-past", "9d", "--history", "off"], "and --history on."],
    [["--demo-past", "9d", "--input", "-"], "Cannot use --demo-past 9d together with --input -"],
    [["health", "--demo-past", "9d"], "Cannot use --demo-past 9d with health"],
    [["--url", "http://a"], "Cannot use --url http://a with run"],
    [["--json"], "Cannot use --json with run"],
    [[...kafka, "serve", "--roles", "dashboard"], "Cannot use --roles dashboard with serve"],
    [["--replication-factor", "1"], "Cannot use --replication-factor 1 without --brokers"],
    [["-X", "sasl.password=geheim"], "Cannot use -X sasl.password without --brokers"],
    [["-X", "security.protocol=SSL"], "Cannot use -X security.protocol without --brokers"],
    [["produce"], "Cannot use produce without --brokers (KAFKA_BOOTSTRAP_SERVERS)"],
    [["aggregate"], "Cannot use aggregate without --brokers"],
    [["serve"], "Cannot use serve without --brokers"],
    [["verify"], "Cannot use verify without --brokers"],
    [
      ["reset"],
      "Cannot use reset without --brokers (KAFKA_BOOTSTRAP_SERVERS): the embedded broker",
    ],
    [
      ["verify", "--yes", ...kafka],
      "Cannot use --yes with verify: it applies only to the command reset",
    ],
    [["inspect"], "Cannot use inspect without --brokers (KAFKA_BOOTSTRAP_SERVERS) or --input"],
    [[...kafka, "verify", "--last", "5"], "Cannot use --last 5 with verify"],
    [["health", "--port", "0"], "Cannot use health with port 0"],
    [
      [...kafka, "-X", "session.timeout.ms=8000"],
      "Cannot use transaction.timeout.ms=8000: it must be less than session.timeout.ms, 8000.",
    ],
    [
      [...kafka, "-X", "transaction.timeout.ms=60000"],
      "Cannot use transaction.timeout.ms=60000: it must be less than session.timeout.ms, 10000.",
    ],
    // On the embedded broker both are shorter.
    [
      ["-X", "transaction.timeout.ms=2500"],
      "Cannot use transaction.timeout.ms=2500: it must be less than session.timeout.ms, 2500.",
    ],
    [["-X", "bootstrap.servers=a:1"], "Cannot use -X bootstrap.servers: use --brokers instead."],
    [["-X", "group.id=a"], "Cannot use -X group.id: use --group instead."],
    [["-X", "test.mock.num.brokers=3"], "Cannot use -X test.mock.num.brokers"],
    ...[
      "enable.auto.commit",
      "enable.auto.offset.store",
      "isolation.level",
      "enable.idempotence",
      "transactional.id",
      "auto.offset.reset",
      "partition.assignment.strategy",
      "group.protocol",
      "enable.partition.eof",
      "delivery.report.only.error",
    ].map((name): [string[], string] => [
      ["-X", `${name}=x`],
      `Cannot use -X ${name}: Salesboard sets this property itself`,
    ]),
  ])("%j", (args, sentence) => {
    const message = refusal(args);
    expect(message).toContain(sentence);
    expect(message).not.toContain("geheim");
  });

  // It was refused from 8 s on, as if a transaction were open from one commit to the next: it is
  // begun, written and committed in one go when the interval is over.
  test("but the commit interval may be longer than a transaction", () => {
    expect(read(["--commit-interval", "60s"]).config.commitIntervalMs).toBe(60_000);
    const shorter = ["-X", "transaction.timeout.ms=1000"];
    expect(read([...shorter, "--commit-interval", "1s"]).config.commitIntervalMs).toBe(1_000);
  });

  test("but a session on the embedded broker may be as short as suits it", () => {
    const { config } = read(["-X", "session.timeout.ms=6000"]);
    expect(config.rdkafka).toEqual({ "session.timeout.ms": "6000" });
  });

  test("but a health check runs in the environment of the service it checks", () => {
    const env = {
      SALESBOARD_ROLES: "producer",
      SALESBOARD_REPLICATION_FACTOR: "3",
      SALESBOARD_RDKAFKA_SECURITY_PROTOCOL: "SSL",
      SALESBOARD_RATE: "5",
    };
    expect(read(["health"], env).config.command).toBe("health");
    expect(read(["serve", ...kafka], env).config.roles).toEqual(["dashboard"]);
  });
});
