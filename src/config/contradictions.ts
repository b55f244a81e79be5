/** Finds settings that contradict each other, and words the errors. */

import { embeddedTimeoutsMs, timeoutsMs } from "../lib/timeouts.ts";
import { isBinary } from "../mapping/model/schema.ts";
import { accessContradictions } from "./access-options.ts";
import { type GivenValue, sourceOf } from "./arguments.ts";
import type { Command, Config } from "./config.ts";
import { type Key, options } from "./options.ts";
import { topicContradictions } from "./topic-contradictions.ts";

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

/** One sentence for each contradiction. */
export function* contradictions(
  config: Config,
  given: ReadonlyMap<Key, GivenValue>,
  properties: ReadonlyMap<string, GivenValue>,
): Generator<string> {
  const named = (key: Key) => {
    const entry = given.get(key);
    return entry ? sourceOf(entry) : `${options[key].flag} ${config[key]}`;
  };
  yield* topicContradictions(config, named);
  yield* commandContradictions(config, given);
  yield* accessContradictions(config, named);
  if (!["health", "top"].includes(config.command))
    yield* brokerContradictions(config, given, properties);
  for (const [property, { name }] of properties) {
    const reason = reservedProperty(property);
    if (reason) yield `Cannot use ${name}: ${reason}.`;
  }
  const defaults = config.isEmbedded ? embeddedTimeoutsMs : timeoutsMs;
  const timeoutMs = (property: keyof typeof timeoutsMs) =>
    Number(config.rdkafka[property] ?? defaults[property]);
  const transactionMs = timeoutMs("transaction.timeout.ms");
  const sessionMs = timeoutMs("session.timeout.ms");
  if (transactionMs >= sessionMs) {
    yield `Cannot use transaction.timeout.ms=${transactionMs}: it must be less than ` +
      `session.timeout.ms, ${sessionMs}.`;
  }
}

/** Options that mean something to these commands alone, and to `config`, which shows them. */
const ofCommands: readonly (readonly [Key, readonly Command[]])[] = [
  ["url", ["health", "doctor", "top"]],
  ["dashboardToken", ["doctor", "top"]],
  ["json", ["verify", "inspect", "doctor", "top", "config", "health"]],
  ["roles", ["run", "doctor"]],
  ["last", ["inspect", "doctor"]],
  ["once", ["top"]],
  ["by", ["top"]],
  ["yes", ["reset"]],
  ["tokenName", ["token"]],
  ["tokenRole", ["token"]],
  ["tokenExpires", ["token"]],
];

function listed(words: readonly Command[]): string {
  return words.length === 1
    ? `the command ${words[0]}`
    : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** Options that mean nothing without a dashboard. */
const ofDashboard = [
  "alerts",
  "alertWebhook",
  "allowedHosts",
  "frameAncestors",
  "httpRedirectPort",
  "insecureListen",
  "metricsPort",
  "proxyUserHeader",
  "target",
  "tlsCert",
  "tlsKey",
  "tokens",
  "trustedProxy",
  "users",
] as const satisfies readonly Key[];

/**
 * Refuses options that the command does not use. Variables are not refused, because in a container
 * `health` runs in the environment of the service.
 */
function* commandContradictions(
  config: Config,
  given: ReadonlyMap<Key, GivenValue>,
): Generator<string> {
  const { command, roles, isEmbedded, port, url, alerts, input } = config;
  const option = (key: Key) => {
    const entry = given.get(key);
    return entry?.origin === "option" && sourceOf(entry);
  };
  for (const [key, only] of ofCommands) {
    if (!option(key) || only.includes(command) || command === "config") continue;
    const shown = "argument" in options[key] ? option(key) : options[key].flag;
    const hint = key === "json" ? " For JSON logs, use --log-format json." : "";
    yield `Cannot use ${shown} with ${command}: it applies only to ${listed(only)}.${hint}`;
  }
  if (command === "reset" && isEmbedded) {
    yield "Cannot use reset without --brokers (KAFKA_BOOTSTRAP_SERVERS): the embedded broker keeps its " +
      "data in memory, so that each start counts anew.";
  }
  if (command === "inspect" && isEmbedded && input === undefined) {
    yield "Cannot use inspect without --brokers (KAFKA_BOOTSTRAP_SERVERS) or --input: it reads a topic " +
      "of a Kafka cluster, or a file with one record a line.";
  }
  if (["health", "top"].includes(command) && port === 0 && url === undefined) {
    yield `Cannot use ${command} with port 0: the dashboard's port is unknown. Set its address with --url.`;
  }
  if (isEmbedded && ["produce", "aggregate", "serve", "verify"].includes(command)) {
    yield `Cannot use ${command} without --brokers (KAFKA_BOOTSTRAP_SERVERS): it needs a Kafka cluster ` +
      "that other processes share. The command run starts all roles on an embedded broker.";
  }
  for (const key of ["count", "input", "seed", "demo", "rate"] as const) {
    if (key === "input" && command === "inspect") continue;
    if (option(key) && !roles.includes("producer") && command !== "config") {
      yield `Cannot use ${option(key)} with ${command}` +
        `${roles.length > 0 ? ` and the roles ${roles.join(",")}` : ""}: ` +
        `it applies only to ${key === "input" ? "inspect, to " : ""}produce, or to run with the role producer.`;
    }
  }
  for (const key of ofDashboard) {
    if (!option(key) || roles.includes("dashboard") || command === "config") continue;
    // There it names the file that the command writes.
    if (key === "tokens" && command === "token") continue;
    yield `Cannot use ${options[key].flag} with ${command}` +
      `${roles.length > 0 ? ` and the roles ${roles.join(",")}` : ""}: ` +
      "it applies only to serve, or to run with the role dashboard.";
  }
  if (option("alertWebhook") && !alerts) {
    yield "Cannot use --alert-webhook without --alert: there is no alert to post. Add a rule with --alert.";
  }
  yield* schemaContradictions(config, given);
  if (config.inputFormat === "csv" && !config.mapping && command !== "inspect") {
    yield "Cannot use --input-format csv without --map: the rules must name the columns, such as " +
      "'columns: product, units, price; product: product; quantity: units; price: price'.";
  }
  const file = given.get("input");
  for (const key of ["seed", "demo", "demoPast"] as const) {
    if (!option(key) || !file) continue;
    yield `Cannot use ${option(key)} together with ${sourceOf(file)}: ` +
      `${options[key].flag} applies only to generated sales. Use one of the two options.`;
  }
  yield* pastContradictions(config, given);
}

/** Made-up sales of two months belong into no topic that lasts. */
function* pastContradictions(
  { command, isEmbedded, demoPast }: Config,
  given: ReadonlyMap<Key, GivenValue>,
): Generator<string> {
  const entry = given.get("demoPast");
  // A variable may be meant for another command that shares the environment.
  if (entry?.origin !== "option" || command === "config") return;
  if (demoPast > 0 || /^0+d$/.test(entry.text)) return;
  if (!isEmbedded || command !== "run") {
    yield `Cannot use ${sourceOf(entry)} with ${isEmbedded ? command : "--brokers"}: ` +
      "a past is made up only on the embedded broker, whose data ends with Salesboard.";
  } else {
    yield `Cannot use ${sourceOf(entry)}: it needs the roles producer and aggregator, and --history on.`;
  }
}

/** Binary records need a schema, and only they have one. */
function* schemaContradictions(
  config: Config,
  given: ReadonlyMap<Key, GivenValue>,
): Generator<string> {
  const { inputFormat: format, schema, schemaRegistry, mapping, message, command } = config;
  const isOption = (key: Key) => given.get(key)?.origin === "option";
  const ofRegistry = ["schemaRegistryToken", "schemaRegistryCa"] as const;
  for (const key of ["schemaRegistry", "schema", "message", ...ofRegistry] as const) {
    if (isBinary(format) || !isOption(key)) continue;
    yield `Cannot use ${options[key].flag} with --input-format ${format}: ` +
      "only records of avro and protobuf have a schema.";
  }
  for (const key of ofRegistry) {
    if (schemaRegistry !== undefined || !isOption(key)) continue;
    yield `Cannot use ${options[key].flag} without --schema-registry: there is no registry to ask.`;
  }
  if (schema !== undefined && schemaRegistry !== undefined) {
    yield "Cannot use --schema together with --schema-registry: a record names its schema in the registry, " +
      "or it is of the one in the file.";
  }
  if (message !== undefined && (schema === undefined || format !== "protobuf")) {
    yield "Cannot use --message without --schema and --input-format protobuf: it names a message in that file.";
  }
  if (!isBinary(format) || ["health", "top", "produce"].includes(command)) return;
  if (schema === undefined && schemaRegistry === undefined) {
    yield `Cannot use --input-format ${format} without --schema-registry or --schema: ` +
      "bytes say what they are only by their schema.";
  }
  if (!mapping && command !== "inspect" && command !== "config") {
    yield `Cannot use --input-format ${format} without --map: the rules must name fields of the schema, ` +
      "such as 'product: item; quantity: units; price: unit_price'. The command inspect proposes them.";
  }
}

function* brokerContradictions(
  { isEmbedded }: Config,
  given: ReadonlyMap<Key, GivenValue>,
  properties: ReadonlyMap<string, GivenValue>,
): Generator<string> {
  if (!isEmbedded) return;
  const copies = given.get("replicationFactor");
  if (copies) {
    yield `Cannot use ${sourceOf(copies)} without --brokers: the embedded cluster has one broker.`;
  }
  for (const [property, { name }] of properties) {
    if (/^(security|sasl|ssl)\./.test(property)) {
      yield `Cannot use ${name} without --brokers: the embedded broker supports neither TLS nor SASL.`;
    }
  }
}

/** Why the user cannot set the property; undefined = the property is free. */
function reservedProperty(name: string): string | undefined {
  if (/^(bootstrap\.servers|metadata\.broker\.list)$/.test(name)) return "use --brokers instead";
  if (name === "group.id") return "use --group instead";
  if (name.startsWith("test.mock.")) return "use run without --brokers for an embedded broker";
  return ownProperties.has(name)
    ? "Salesboard sets this property itself, to count each sale exactly once"
    : undefined;
}
