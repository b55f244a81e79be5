/** The table of all options: `read-config.ts` reads it, `help.ts` prints it. */

import { accessOptions } from "./access-options.ts";
import { demoOptions } from "./demo-options.ts";
import { goalOptions } from "./goal-options.ts";
import { dimensionName, mappingOptions } from "./mapping-options.ts";
import {
  basePath,
  brokerList,
  currency,
  decimal,
  duration,
  flag,
  httpUrl,
  integer,
  type Kind,
  listOf,
  type Option,
  oneOf,
  plainText,
  topic,
  topicList,
} from "./option-types.ts";

/** The commands of the executable; the first one is the default. */
export const commands = {
  run: "start all roles, and an embedded broker unless --brokers is set (default)",
  produce: "start only the producer",
  aggregate: "start only the aggregator",
  serve: "start only the dashboard",
  verify: "recompute every total from the input topic and compare it with the output topic",
  inspect: "say what is in the topic or --input FILE, and propose a mapping",
  reset: "delete totals, history and offsets, to count everything anew",
  top: "show the board of a dashboard in this terminal, live; q ends it",
  doctor: "find what is wrong, and what mends it; writes nothing to Kafka",
  health: "ask a running dashboard whether it is ready; exit with 0 or 1",
  token: "create, list or revoke the bearer tokens of programs",
  config: "print the settings in effect and their sources, without secrets",
  completion: "print completions for bash, zsh or fish",
  man: "print the manual page: salesboard man | man -l -",
} as const;

/** What `token` does. */
export const tokenActions = ["create", "list", "revoke"] as const;

/** What `completion` prints for. */
export const shells = ["bash", "zsh", "fish"] as const;

const roles = ["producer", "aggregator", "dashboard"] as const;
const logLevels = ["auto", "debug", "info", "warning", "error"] as const;
const logFormats = ["auto", "text", "json"] as const;

/** Each has an aggregator with its own clients and totals in memory. */
export const INPUT_TOPICS_MAX = 16;

export const options = {
  configFile: {
    flag: "--config",
    argument: "FILE",
    env: "SALESBOARD_CONFIG",
    absent: "none",
    kind: plainText(4096),
    meaning: "TOML file with options by their names, such as port = 8080",
  },
  brokers: {
    flag: "--brokers",
    argument: "LIST",
    env: "KAFKA_BOOTSTRAP_SERVERS",
    absent: "embedded broker",
    kind: brokerList(),
    meaning: "Kafka bootstrap servers, host:port, comma-separated",
  },
  roles: {
    flag: "--roles",
    argument: "LIST",
    env: "SALESBOARD_ROLES",
    // No production topic receives generated sales unless the user asks for the producer.
    absent: "all; with --brokers: aggregator,dashboard",
    kind: listOf(roles),
    meaning: "roles that `run` starts: producer,aggregator,dashboard",
  },
  inputTopics: {
    flag: "--input-topic",
    argument: "T",
    env: "SALESBOARD_INPUT_TOPIC",
    default: "sales_topic_electronics",
    kind: topicList(INPUT_TOPICS_MAX),
    meaning: "topic of the sales to count, or several on one board: a,b or sales_*",
  },
  ...mappingOptions,
  outputTopic: {
    flag: "--output-topic",
    argument: "T",
    env: "SALESBOARD_OUTPUT_TOPIC",
    default: "processed_sales_topic",
    kind: topic(),
    meaning: "topic of totals, compacted",
  },
  deadLetterTopic: {
    flag: "--dead-letter-topic",
    argument: "T",
    env: "SALESBOARD_DEAD_LETTER_TOPIC",
    absent: "<input-topic>.dlq",
    kind: topic(),
    meaning: "topic of records that are not valid sales",
  },
  history: {
    flag: "--history",
    argument: "on|off",
    env: "SALESBOARD_HISTORY",
    default: "on",
    kind: oneOf(["on", "off"]),
    meaning: "keep sales by second, minute and hour as well as totals",
  },
  historyTopic: {
    flag: "--history-topic",
    argument: "T",
    env: "SALESBOARD_HISTORY_TOPIC",
    absent: "<output-topic>.history",
    kind: topic(),
    meaning: "topic of history, compacted",
  },
  group: {
    flag: "--group",
    argument: "ID",
    env: "KAFKA_GROUP_ID",
    default: "salesboard",
    kind: plainText(249),
    meaning: "consumer group of the aggregator",
  },
  partitions: {
    flag: "--partitions",
    argument: "N",
    env: "SALESBOARD_PARTITIONS",
    default: "4",
    kind: integer(1, 10_000),
    meaning: "partitions of the input topic if Salesboard creates it",
  },
  replicationFactor: {
    flag: "--replication-factor",
    argument: "N",
    env: "SALESBOARD_REPLICATION_FACTOR",
    absent: "broker's default",
    kind: integer(1, 32_767),
    meaning: "replicas of each topic that Salesboard creates",
  },
  commitIntervalMs: {
    flag: "--commit-interval",
    argument: "DURATION",
    env: "SALESBOARD_COMMIT_INTERVAL",
    absent: "100ms; up to 500ms for few sales",
    kind: duration(1, 60_000),
    meaning: "longest time between two transactions",
  },
  ...accessOptions,
  port: {
    flag: "--port",
    argument: "N",
    env: "PORT",
    default: "3000",
    kind: integer(0, 65_535),
    meaning: "port of the dashboard; 0 picks a free one and prints it",
  },
  basePath: {
    flag: "--base-path",
    argument: "P",
    env: "SALESBOARD_BASE_PATH",
    default: "/",
    kind: basePath(),
    meaning: "path under which a proxy serves the dashboard",
  },
  currency: {
    flag: "--currency",
    argument: "C",
    env: "SALESBOARD_CURRENCY",
    default: "USD",
    kind: currency(),
    meaning: "ISO 4217 code of the currency to display",
  },
  ...goalOptions,
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
  ...demoOptions,
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
  startupTimeoutMs: {
    flag: "--startup-timeout",
    argument: "DURATION",
    env: "SALESBOARD_STARTUP_TIMEOUT",
    default: "30s",
    kind: duration(1, 86_400_000),
    meaning: "how long to wait for brokers that cannot be reached",
  },
  yes: {
    flag: "--yes",
    default: "false",
    kind: flag(),
    meaning: "with reset: delete without asking",
  },
  once: {
    flag: "--once",
    default: "false",
    kind: flag(),
    meaning: "with top: print the board once",
  },
  by: {
    flag: "--by",
    argument: "NAME",
    absent: "products",
    kind: dimensionName(),
    meaning: "with top: the board of a rule `by` of the dashboard's mapping, such as store",
  },
  json: {
    flag: "--json",
    default: "false",
    kind: flag(),
    meaning: "print the output of verify, inspect, doctor, top, config and health as JSON",
  },
  logLevel: {
    flag: "--log-level",
    argument: "LEVEL",
    env: "SALESBOARD_LOG_LEVEL",
    default: "auto",
    kind: oneOf(logLevels),
    meaning: "auto (warning on a terminal, else info), debug, info, warning, error",
  },
  logFormat: {
    flag: "--log-format",
    argument: "FORMAT",
    env: "SALESBOARD_LOG_FORMAT",
    default: "auto",
    kind: oneOf(logFormats),
    meaning: "auto (text on a terminal, else json), text, json",
  },
  url: {
    flag: "--url",
    argument: "URL",
    absent: "http://127.0.0.1:<port>",
    kind: httpUrl(),
    meaning: "address of the dashboard that `health`, `top` and `doctor` ask",
  },
} as const satisfies Record<string, Option<unknown>>;

export type Key = keyof typeof options;

/** The values by key: what `kind` makes of the text, or undefined where a row has no default. */
export type Values = {
  -readonly [K in Key]: (typeof options)[K] extends { kind: Kind<infer T>; default: string }
    ? T
    : (typeof options)[K] extends { kind: Kind<infer T> }
      ? T | undefined
      : never;
};

/** The rows in order. */
export const rows = Object.entries(options) as [Key, Option<unknown>][];
