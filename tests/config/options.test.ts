import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseRules } from "../../src/config/alert-rule.ts";
import type { Config } from "../../src/config/config.ts";
import { settingsText } from "../../src/config/help.ts";
import { rows } from "../../src/config/options.ts";
import { quoted } from "../../src/lib/text.ts";
import { parseMapping } from "../../src/mapping/rules/parse.ts";
import { accessAccepted, accessRefused } from "../support/access-settings.ts";
import { type Env, kafka, read, refusal } from "../support/settings.ts";

const folder = mkdtempSync(`${tmpdir()}/salesboard-map-`);
afterAll(() => rmSync(folder, { recursive: true }));
const mapFile = `${folder}/till.map`;
writeFileSync(mapFile, "# of the tills\nproduct: title # its name\n\nprice: p\n");
const csvRules = "columns: a, b; product: a; price: b";
const toml = `${folder}/salesboard.toml`;
writeFileSync(toml, "rate = 5\n");
const avroFile = `${folder}/till.avsc`;
writeFileSync(
  avroFile,
  '{"type":"record","name":"Till","fields":[{"name":"item","type":"string"},{"name":"p","type":"double"}]}',
);
const protoFile = `${folder}/till.proto`;
writeFileSync(
  protoFile,
  'syntax = "proto3"; message Till { string item = 1; double p = 2; } message Other {}',
);
const caFile = `${folder}/ca.pem`;
const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
writeFileSync(caFile, `${pem}\n`);
const itemRules = "product: item; price: p";
const avro = ["--map", itemRules, "--input-format", "avro"];
const avroEnv = { SALESBOARD_MAP: itemRules, SALESBOARD_INPUT_FORMAT: "avro" };
const proto = ["--map", itemRules, "--input-format", "protobuf", "--schema", protoFile];
const protoEnv = {
  SALESBOARD_MAP: itemRules,
  SALESBOARD_INPUT_FORMAT: "protobuf",
  SALESBOARD_SCHEMA: protoFile,
};
const registry = "https://till:s3cret@registry:8081/";
/** Each option once: arguments, environment with the same effect, key, value. */
const accepted: [string[], Env | undefined, keyof Config, unknown][] = [
  [
    ["--brokers", "kafka-1:9092, [::1]:9093"],
    { KAFKA_BOOTSTRAP_SERVERS: "kafka-1:9092,[::1]:9093" },
    "brokers",
    "kafka-1:9092,[::1]:9093",
  ],
  [["--roles", "dashboard"], { SALESBOARD_ROLES: "dashboard" }, "roles", ["dashboard"]],
  [["--input-topic", "in"], { SALESBOARD_INPUT_TOPIC: "in" }, "inputTopics", ["in"]],
  [["--output-topic", "a.b_c-D"], { SALESBOARD_OUTPUT_TOPIC: "a.b_c-D" }, "outputTopic", "a.b_c-D"],
  [["--dead-letter-topic", "d"], { SALESBOARD_DEAD_LETTER_TOPIC: "d" }, "deadLetterTopic", "d"],
  [["--input-topic", "in"], undefined, "deadLetterTopic", "in.dlq"],
  [
    ["--map", "product: title", "--map=price: p / 100"],
    { SALESBOARD_MAP: "price: p / 100; product: title" },
    "mapping",
    parseMapping("product: title; price: p / 100"),
  ],
  [
    ["--map-file", mapFile],
    { SALESBOARD_MAP_FILE: mapFile },
    "mapping",
    parseMapping("product: title; price: p"),
  ],
  [["--map-file", mapFile], undefined, "mappingFile", mapFile],
  [["--config", toml], { SALESBOARD_CONFIG: toml }, "configFile", toml],
  [
    ["--map", csvRules, "--input-format", "csv"],
    { SALESBOARD_MAP: csvRules, SALESBOARD_INPUT_FORMAT: "csv" },
    "inputFormat",
    "csv",
  ],
  [
    [...avro, "--schema-registry", "https://till:s3cret@registry:8081"],
    { ...avroEnv, SALESBOARD_SCHEMA_REGISTRY: registry },
    "schemaRegistry",
    registry,
  ],
  [
    [...avro, "--schema-registry", registry, "--schema-registry-token", "s3cret"],
    {
      ...avroEnv,
      SALESBOARD_SCHEMA_REGISTRY: registry,
      SALESBOARD_SCHEMA_REGISTRY_TOKEN: "s3cret",
    },
    "schemaRegistryToken",
    "s3cret",
  ],
  [
    [...avro, "--schema-registry", registry, "--schema-registry-ca", caFile],
    {
      ...avroEnv,
      SALESBOARD_SCHEMA_REGISTRY: registry,
      SALESBOARD_SCHEMA_REGISTRY_CA_FILE: caFile,
    },
    "schemaRegistryCa",
    pem,
  ],
  [
    [...avro, "--schema", avroFile],
    { ...avroEnv, SALESBOARD_SCHEMA: avroFile },
    "schema",
    avroFile,
  ],
  [[...proto, "--message", "Till"], { ...protoEnv, SALESBOARD_MESSAGE: "Till" }, "message", "Till"],
  [["--time-zone", "Asia/Tokyo"], { SALESBOARD_TIME_ZONE: "Asia/Tokyo" }, "timeZone", "Asia/Tokyo"],
  [["--history", "off"], { SALESBOARD_HISTORY: "off" }, "history", "off"],
  [["--history-topic", "h"], { SALESBOARD_HISTORY_TOPIC: "h" }, "historyTopic", "h"],
  [["--output-topic", "out"], undefined, "historyTopic", "out.history"],
  [["--group", "team é"], { KAFKA_GROUP_ID: "team é" }, "group", "team é"],
  [["--partitions", "10000"], { SALESBOARD_PARTITIONS: "10000" }, "partitions", 10_000],
  [
    [...kafka, "--replication-factor", "3"],
    { KAFKA_BOOTSTRAP_SERVERS: "kafka:9092", SALESBOARD_REPLICATION_FACTOR: "3" },
    "replicationFactor",
    3,
  ],
  [["--commit-interval=1ms"], { SALESBOARD_COMMIT_INTERVAL: "1ms" }, "commitIntervalMs", 1],
  [["--commit-interval", "1.5s"], undefined, "commitIntervalMs", 1500],
  ...accessAccepted,
  [["--port", "0"], { PORT: "0" }, "port", 0],
  [["--port", "1", "--port=65535"], undefined, "port", 65_535],
  [["--base-path", "/"], { SALESBOARD_BASE_PATH: "/" }, "basePath", "/"],
  [
    ["--base-path", "shop/sales/"],
    { SALESBOARD_BASE_PATH: "shop/sales" },
    "basePath",
    "/shop/sales",
  ],
  [["--currency", "eur"], { SALESBOARD_CURRENCY: "eur" }, "currency", "EUR"],
  [["--title", "Main Street"], { SALESBOARD_TITLE: "Main Street" }, "title", "Main Street"],
  [["--target", "5000.10"], { SALESBOARD_TARGET: "5000.1" }, "target", 5_000_100_000n],
  [
    ["--alert", "revenue[1m] < 100", "--alert=nodata[5m]"],
    { SALESBOARD_ALERT: "revenue[1m] < 100;nodata[5m];" },
    "alerts",
    parseRules("revenue[1m] < 100; nodata[5m]"),
  ],
  [
    ["--alert", "nodata[5m]", "--alert-webhook", "https://chat.example/hook/geheim"],
    { SALESBOARD_ALERT_WEBHOOK: "https://chat.example/hook/geheim" },
    "alertWebhook",
    "https://chat.example/hook/geheim",
  ],
  [["--rate", "0"], { SALESBOARD_RATE: "0" }, "rate", 0],
  [["--rate", "0.5"], { SALESBOARD_RATE: "0.5" }, "rate", 0.5],
  [["--count", "9007199254740991"], undefined, "count", Number.MAX_SAFE_INTEGER],
  [["--seed", "4294967295"], undefined, "seed", 4_294_967_295],
  [["--demo", "orders"], { SALESBOARD_DEMO: "orders" }, "demo", "orders"],
  [["--demo-past", "7d"], { SALESBOARD_DEMO_PAST: "7d" }, "demoPast", 7],
  [["--input", "-"], undefined, "input", "-"],
  [["inspect", "--input", "-", "--last", "5"], undefined, "last", 5],
  [["--startup-timeout", "1m"], { SALESBOARD_STARTUP_TIMEOUT: "1m" }, "startupTimeoutMs", 60_000],
  [["config", "--yes"], undefined, "yes", true],
  [["config", "--once"], undefined, "once", true],
  [["top", "--by", "till_kind"], undefined, "by", "till_kind"],
  [["config", "--json"], undefined, "json", true],
  [["--log-level", "debug"], { SALESBOARD_LOG_LEVEL: "debug" }, "logLevel", "debug"],
  [["--log-format", "json"], { SALESBOARD_LOG_FORMAT: "json" }, "logFormat", "json"],
  [["health", "--url", "https://a.b/c"], undefined, "url", "https://a.b/c"],
];

/** Each kind of value that is refused. */
const refused: [string, string[]][] = [
  [
    "--brokers",
    ["kafka", "kafka:", ":9092", "kafka:0", "kafka:65536", "a:1,", "a b:1", "::1:9092"],
  ],
  ["--history", ["yes", "On", ""]],
  ["--demo", ["Orders", "none", ""]],
  ["--input-format", ["JSON", "xml", ""]],
  ["--time-zone", ["Mars/Olympus", ""]],
  ["--roles", ["baker", "producer,producer", "producer,", "Producer"]],
  ["--input-topic", [".", "..", "a b", "ä", "a/b", "x".repeat(250)]],
  ["--group", ["a\nb", "x".repeat(250)]],
  ["--partitions", ["0", "10001", "-1", "1.5", "1e3", "0x10", " 4", "four"]],
  ["--replication-factor", ["0", "32768"]],
  ["--commit-interval", ["100", "0ms", "61s", "1d", "-1s", "1 s", "1m30s", "0.5ms", "1e3ms"]],
  ["--port", ["70000", "-1", "80.0", "80a", "١٢", "99999999999999999999999"]],
  ["--base-path", ["/a//b", "/../a", "/a/.", "/a?b", "/a b", "/é"]],
  ["--currency", ["", "XYZ", "EURO", "€"]],
  ["--title", ["", "   ", "x".repeat(41), "a\nb"]],
  ["--target", ["0", "0.000000", "-5", "1e3", "0.0000001", "5,000", "$5", "5."]],
  ["--rate", ["-5", "1e3", "10000001", "NaN", "Infinity", ".5", "5."]],
  ["--count", ["0", "9007199254740992", "9007199254740993", "1.0"]],
  ["--seed", ["4294967296", "-1"]],
  ["--last", ["0", "100001"]],
  ["--startup-timeout", ["30", "25h", "0s"]],
  ...accessRefused,
  ["--log-level", ["trace", "INFO"]],
  ["--log-format", ["xml"]],
  ["--by", ["Store", "1", "", "a b", "a?b=c"]],
  ["--url", ["localhost", "ftp://a", "http://user:password@a", "http://"]],
];

describe("options", () => {
  test.each(accepted)("takes %j, or %j", (args, env, key, value) => {
    expect(read(args).config[key]).toEqual(value as never);
    if (env) expect(read([], env).config[key]).toEqual(value as never);
  });

  test("names the place of a wrong rule with a caret, before anything starts", () => {
    const message =
      "Cannot read the mapping: a rule must begin with one of lines, product, quantity, price, " +
      "amount, time, currency, only, minus, returns, columns, by, received prize; " +
      "did you mean price?";
    const args = ["--map", "product: title; prize: p"];
    expect(refusal(args)).toBe(`${message}\n  prize: p\n  ^`);
  });

  test.each<[string[], string]>([
    [
      ["--map", "product: a; price: b", "--map-file", mapFile],
      "Cannot use both --map and --map-file",
    ],
    [["--map-file", `${folder}/none`], `Cannot use --map-file ${folder}/none: it must name`],
    [["--input-format", "csv"], "Cannot use --input-format csv without --map: the rules must"],
    [["--input-format", "csv", "--map", "product: a; price: b"], "records of csv need the rule"],
    [["--map", csvRules], "the rule columns is for csv, but records are json"],
    [avro, "Cannot use --input-format avro without --schema-registry or --schema"],
    [
      ["--input-format", "avro", "--schema", avroFile],
      "Cannot use --input-format avro without --map",
    ],
    [["--schema", avroFile], "Cannot use --schema with --input-format json"],
    [
      [...avro, "--schema", avroFile, "--schema-registry", registry],
      "Cannot use --schema together",
    ],
    [[...avro, "--schema", avroFile, "--message", "Till"], "Cannot use --message without --schema"],
    [[...avro, "--schema", protoFile], `Cannot use --schema ${protoFile}: it is not JSON`],
    [proto, "it has the messages Till, Other: name one with --message"],
    [[...proto, "--message", "Tyll"], "it has no message Tyll; it has Till, Other"],
    [["--schema-registry-token", "t"], "--schema-registry-token with --input-format json"],
    [["--schema-registry-ca", caFile], "Cannot use --schema-registry-ca with --input-format json"],
    [
      [...avro, "--schema", avroFile, "--schema-registry-token", "t"],
      "Cannot use --schema-registry-token without --schema-registry",
    ],
    [
      [...avro, "--schema", avroFile, "--schema-registry-ca", caFile],
      "Cannot use --schema-registry-ca without --schema-registry",
    ],
    [
      [...avro, "--schema-registry", registry, "--schema-registry-ca", avroFile],
      "it must be a file with certificates in PEM",
    ],
  ])("refuses %j", (args, sentence) => {
    expect(refusal(args)).toContain(sentence);
  });

  test("names a field that the schema does not have, with a caret", () => {
    const rules = "product: itm; price: p / 100";
    const args = ["--map", rules, "--input-format", "avro", "--schema", avroFile];
    expect(refusal(args)).toBe(
      `Cannot use the mapping: the record Till of ${avroFile} has no field itm; did you mean item?` +
        "\n  product: itm\n           ^",
    );
  });

  test.each([
    [
      "the command config",
      () => settingsText(read(["config", ...avro, "--schema-registry", registry])),
    ],
    ["an error", () => refusal(["--schema-registry", "ftp://till:s3cret@registry"])],
    ["a variable", () => refusal([], { SALESBOARD_SCHEMA_REGISTRY: "till:s3cret@registry" })],
  ])("keeps the password of a registry out of %s", (_, shown) => {
    expect(shown()).toMatch(/schema/i);
    expect(shown()).not.toContain("s3cret");
  });

  test("prints the mapping in its normal form, wherever it comes from", () => {
    const rules = "product: title\nquantity: 1\nprice: p\nreturns: reject";
    expect(settingsText(read(["config", "--map-file", mapFile]))).toEndWith(`\n\n--map\n${rules}`);
    const json = JSON.parse(settingsText(read(["config", "--json", "--map-file", mapFile])));
    expect(json["--map"]).toEqual({ value: rules, source: "file --map-file" });
  });

  test("is tested with every option of the table", () => {
    const seen = new Set(accepted.map(([, , key]) => key as string));
    expect(rows.map(([key]) => key).filter((key) => !seen.has(key))).toEqual([]);
  });

  test.each(
    refused.flatMap(([flag, values]) => values.map((value): [string, string] => [flag, value])),
  )("refuses %s %j and says what is accepted", (flag, value) => {
    const row = rows.find(([, { flag: name }]) => name === flag)?.[1];
    const said = refusal([`${flag}=${value}`])?.replace(/; did you mean \w+\?$/, ".");
    expect(said).toBe(`Cannot use ${flag} ${quoted(value)}: it must be ${row?.kind.accepts}.`);
    if (row?.env && value !== "") {
      expect(refusal([], { [row.env]: value })).toStartWith(`Cannot use ${row.env}=`);
    }
  });
});
