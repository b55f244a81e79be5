import { usageError } from "../lib/errors.ts";
import type { Rule } from "./alert-rule.ts";
import {
  type Environment,
  type Given,
  readArguments,
  readProperties,
  readVariable,
  said,
  unknownVariables,
} from "./arguments.ts";
import { type commands, type Key, options, rows, type Values } from "./options.ts";
import { embeddedTimeoutsMs, timeoutsMs } from "./timeouts.ts";

export type Role = "producer" | "aggregator" | "dashboard";

export type Command = keyof typeof commands;

/** The settings, checked one by one and as a whole; frozen. */
export interface Config {
  readonly command: Command;
  readonly roles: readonly Role[];
  /** Bootstrap servers `host:port,…`; undefined = the embedded broker. */
  readonly brokers: string | undefined;
  /** Librdkafka properties of the user, for every client. */
  readonly rdkafka: Readonly<Record<string, string>>;
  readonly inputTopic: string;
  readonly outputTopic: string;
  readonly deadLetterTopic: string;
  readonly history: "on" | "off";
  readonly historyTopic: string;
  readonly group: string;
  readonly partitions: number;
  /** Undefined = the broker's default. */
  readonly replicationFactor: number | undefined;
  readonly commitIntervalMs: number;
  readonly host: string;
  /** 0 = a free one. */
  readonly port: number;
  /** "/" or "/a/b", without a slash at the end. */
  readonly basePath: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Undefined = none. */
  readonly alerts: readonly Rule[] | undefined;
  /** A secret; undefined = alerts stand on the pages only. */
  readonly alertWebhook: string | undefined;
  /** Sales a second; 0 = as fast as possible. */
  readonly rate: number;
  /** Sales to produce; undefined = without end. */
  readonly count: number | undefined;
  /** Undefined = random. */
  readonly seed: number | undefined;
  /** File of NDJSON sales to send; "-" = standard input. */
  readonly input: string | undefined;
  readonly startupTimeoutMs: number;
  readonly json: boolean;
  readonly logLevel: "debug" | "info" | "warning" | "error";
  readonly logFormat: "auto" | "text" | "json";
  /** The dashboard that `health` asks; undefined = http://127.0.0.1:<port><basePath>. */
  readonly url: string | undefined;
}

/** The settings, what of them the user gave, and what looks given but is not read. */
export interface Settings {
  readonly show?: undefined;
  readonly config: Config;
  readonly given: ReadonlyMap<Key, Given>;
  /** Librdkafka properties by name. */
  readonly properties: ReadonlyMap<string, Given>;
  /** Sentences about environment variables that nothing reads. */
  readonly warnings: readonly string[];
}

const TOPIC_CHARACTERS_MAX = 249;

/** Topics that are called after another one unless they are given. */
const derivedTopics = [
  ["deadLetterTopic", "inputTopic", ".dlq"],
  ["historyTopic", "outputTopic", ".history"],
] as const;

const ownProperties = new Set([
  "auto.commit.enable",
  "auto.offset.reset",
  "delivery.report.only.error",
  "enable.auto.commit",
  "enable.auto.offset.store",
  "enable.idempotence",
  "enable.partition.eof",
  "group.protocol",
  "isolation.level",
  "partition.assignment.strategy",
  "transactional.id",
]);

const rolesOf: Record<Command, readonly Role[] | undefined> = {
  run: undefined,
  config: undefined,
  produce: ["producer"],
  aggregate: ["aggregator"],
  serve: ["dashboard"],
  verify: [],
  health: [],
};

/**
 * Reads the settings: option before environment before default.
 * `args` are those behind the executable's own name.
 * @throws SalesboardError with exit status 2
 */
export function readConfig({
  args,
  env,
}: {
  args: readonly string[];
  env: Environment;
}): Settings | { readonly show: "help" | "version" } {
  const { show, command, options: given, properties: fromOptions } = readArguments(args);
  if (show) return { show };
  for (const [key, { env: name, isSecret = false }] of rows) {
    const variable = name && !given.has(key) ? readVariable(env, name) : undefined;
    if (variable) given.set(key, { ...variable, isSecret });
  }
  const properties = new Map([...readProperties(env), ...fromOptions]);
  const values = readValues(given);
  const everyRole: readonly Role[] = ["producer", "aggregator", "dashboard"];
  const config: Config = {
    ...values,
    command,
    roles: rolesOf[command] ?? values.roles ?? (values.brokers ? everyRole.slice(1) : everyRole),
    rdkafka: Object.freeze(
      Object.fromEntries([...properties].map(([name, { text }]) => [name, text])),
    ),
    deadLetterTopic: values.deadLetterTopic ?? `${values.inputTopic}.dlq`,
    historyTopic: values.historyTopic ?? `${values.outputTopic}.history`,
  };
  for (const sentence of contradictions(config, given, properties)) throw usageError(sentence);
  Object.freeze(config.roles);
  Object.freeze(config.alerts);
  return { config: Object.freeze(config), given, properties, warnings: unknownVariables(env) };
}

function readValues(given: ReadonlyMap<Key, Given>): Values {
  const values = Object.fromEntries(rows.map(([key]) => [key, undefined as unknown]));
  for (const [key, row] of rows) {
    const entry = given.get(key);
    const text = entry?.text ?? row.default;
    if (text === undefined) continue;
    const read = row.kind.schema.safeParse(text);
    if (entry && !read.success) {
      const [issue] = read.error.issues;
      if (row.kind.explains) throw usageError(`Cannot use ${entry.name}: ${issue?.message}.`);
      throw usageError(`Cannot use ${said(entry)}: it must be ${row.kind.accepts}.`);
    }
    values[key] = read.data;
  }
  return values as Values;
}

/** One sentence for each pair of settings that cannot both hold. */
function* contradictions(
  config: Config,
  given: ReadonlyMap<Key, Given>,
  properties: ReadonlyMap<string, Given>,
): Generator<string> {
  const named = (key: Key) => {
    const entry = given.get(key);
    return entry ? said(entry) : `${options[key].flag} ${config[key]}`;
  };
  yield* topicContradictions(config, named);
  yield* commandContradictions(config, given);
  if (config.command !== "health") yield* brokerContradictions(config, given, properties);
  for (const [property, { name }] of properties) {
    const reason = reservedProperty(property);
    if (reason) yield `Cannot use ${name}: ${reason}.`;
  }
  const defaults = config.brokers === undefined ? embeddedTimeoutsMs : timeoutsMs;
  const timeoutMs = (property: keyof typeof timeoutsMs) =>
    Number(config.rdkafka[property] ?? defaults[property]);
  const transactionMs = timeoutMs("transaction.timeout.ms");
  const sessionMs = timeoutMs("session.timeout.ms");
  if (transactionMs >= sessionMs) {
    yield `Cannot use transaction.timeout.ms=${transactionMs}: it must be less than ` +
      `session.timeout.ms, ${sessionMs}.`;
  }
}

function* topicContradictions(config: Config, named: (key: Key) => string): Generator<string> {
  const keys = (["inputTopic", "outputTopic", "deadLetterTopic", "historyTopic"] as const).filter(
    (key) => key !== "historyTopic" || config.history === "on",
  );
  for (const [i, key] of keys.entries()) {
    const twin = keys.slice(i + 1).find((other) => config[other] === config[key]);
    if (twin) {
      yield `Cannot use ${named(key)} together with ${named(twin)}: ` +
        "input, output, dead letters and history must be different topics.";
    }
  }
  for (const [key, of, suffix] of derivedTopics) {
    if (config[key].length <= TOPIC_CHARACTERS_MAX || !keys.includes(key)) continue;
    yield `Cannot use ${named(of)}: with ${suffix} behind it, it must have at most ` +
      `${TOPIC_CHARACTERS_MAX} characters, or ${options[key].flag} must be given.`;
  }
}

/**
 * Options without a use are refused. Variables without a use are not: in a container, `health`
 * runs in the environment of the service.
 */
function* commandContradictions(
  { command, roles, brokers, port, url, alerts }: Config,
  given: ReadonlyMap<Key, Given>,
): Generator<string> {
  const option = (key: Key) => {
    const entry = given.get(key);
    return entry?.origin === "option" && said(entry);
  };
  if (option("url") && !["health", "config"].includes(command)) {
    yield `Cannot use ${option("url")} with ${command}: it must go with the command health.`;
  }
  if (option("json") && !["verify", "config", "health"].includes(command)) {
    yield `Cannot use --json with ${command}: it must go with verify, config or health; ` +
      "--log-format json is for logs.";
  }
  if (option("roles") && !["run", "config"].includes(command)) {
    yield `Cannot use ${option("roles")} with ${command}: it must go with the command run.`;
  }
  if (command === "health" && port === 0 && url === undefined) {
    yield "Cannot use health with port 0: it must be told the dashboard's address by --url.";
  }
  if (!brokers && ["produce", "aggregate", "serve", "verify"].includes(command)) {
    yield `Cannot use ${command} without --brokers (KAFKA_BOOTSTRAP_SERVERS): it must be given a ` +
      "cluster that others share; the command run starts everything on an embedded broker.";
  }
  for (const key of ["count", "input", "seed", "rate"] as const) {
    if (option(key) && !roles.includes("producer") && command !== "config") {
      yield `Cannot use ${option(key)} with ${command}` +
        `${roles.length > 0 ? ` and the roles ${roles.join(",")}` : ""}: ` +
        "it must go with produce, or with run and the role producer.";
    }
  }
  for (const key of ["alerts", "alertWebhook"] as const) {
    if (option(key) && !roles.includes("dashboard") && command !== "config") {
      yield `Cannot use ${options[key].flag} with ${command}` +
        `${roles.length > 0 ? ` and the roles ${roles.join(",")}` : ""}: ` +
        "it must go with serve, or with run and the role dashboard.";
    }
  }
  if (option("alertWebhook") && !alerts) {
    yield "Cannot use --alert-webhook without --alert: there must be a rule to hear of.";
  }
  if (option("seed") && option("input")) {
    yield `Cannot use ${option("seed")} together with ${option("input")}: ` +
      "sales are either made up or read.";
  }
}

function* brokerContradictions(
  { brokers }: Config,
  given: ReadonlyMap<Key, Given>,
  properties: ReadonlyMap<string, Given>,
): Generator<string> {
  if (brokers) return;
  const copies = given.get("replicationFactor");
  if (copies) {
    yield `Cannot use ${said(copies)} without --brokers: the embedded broker is one broker.`;
  }
  for (const [property, { name }] of properties) {
    if (/^(security|sasl|ssl)\./.test(property)) {
      yield `Cannot use ${name} without --brokers: the embedded broker has neither TLS nor SASL.`;
    }
  }
}

/** Why the user cannot set a property; undefined = they can. */
function reservedProperty(name: string): string | undefined {
  if (/^(bootstrap\.servers|metadata\.broker\.list)$/.test(name)) return "use --brokers instead";
  if (name === "group.id") return "use --group instead";
  if (name.startsWith("test.mock.")) return "run without --brokers starts an embedded broker";
  return ownProperties.has(name)
    ? "Salesboard sets this property itself, and counts each sale exactly once because of it"
    : undefined;
}
