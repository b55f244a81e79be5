/** Reads the settings from arguments and environment into one checked value. */

import { usageError } from "../lib/errors.ts";
import { didYouMean } from "../lib/text.ts";
import { checkColumns } from "../mapping/columns.ts";
import { misfitOfFile } from "../mapping/input-judge.ts";
import {
  type AskedText,
  type Environment,
  type GivenValue,
  readArguments,
  readFileBytes,
  readProperties,
  readValueFile,
  readVariable,
  sourceOf,
  unknownVariables,
} from "./arguments.ts";
import {
  type Command,
  type Config,
  HISTORY,
  isPattern,
  LETTERS,
  type Role,
  type Settings,
} from "./config.ts";
import { contradictions } from "./contradictions.ts";
import { DEMO_ORDERS_RULES, DEMO_PAST_DAYS_MAX } from "./demo-options.ts";
import { isPem } from "./mapping-options.ts";
import { type Key, options, rows, type Values } from "./options.ts";
import { readSettingsFile } from "./settings-file.ts";

const rolesOf: Record<Command, readonly Role[] | undefined> = {
  run: undefined,
  config: undefined,
  doctor: undefined,
  produce: ["producer"],
  aggregate: ["aggregator"],
  serve: ["dashboard"],
  verify: [],
  inspect: [],
  reset: [],
  health: [],
  top: [],
  completion: [],
  man: [],
  token: [],
};

/**
 * Reads the settings. Precedence: option, environment variable, file, default. `args` does not
 * include the name of the executable.
 * @throws SalesboardError with exit status 2
 */
export function readConfig({
  args,
  env,
}: {
  args: readonly string[];
  env: Environment;
}): Settings | { readonly show: AskedText } {
  const { show, command, action, options: given, properties: fromOptions } = readArguments(args);
  if (show) return { show };
  readOptionFiles(given);
  for (const [key, { env: name, isSecret = false }] of rows) {
    const variable = name && !given.has(key) ? readVariable(env, name) : undefined;
    if (variable) given.set(key, { ...variable, isSecret });
  }
  const named = given.get("configFile");
  const file = named && readSettingsFile(named);
  if (file) addSettings(given, file.options);
  const properties = new Map([...(file?.properties ?? []), ...readProperties(env), ...fromOptions]);
  // `config` shows what `run` would do.
  const isRun = command === "run" || command === "config";
  const isEmbedded = !given.has("brokers");
  if (isRun && isEmbedded) setDemoMapping(given);
  const values = readValues(given);
  const everyRole: readonly Role[] = ["producer", "aggregator", "dashboard"];
  const roles = rolesOf[command] ?? values.roles ?? (isEmbedded ? everyRole : everyRole.slice(1));
  const demoPast = isRun && isEmbedded ? demoPastOf(values, roles, given) : 0;
  const { inputTopics: inputs, ...others } = values;
  const inputTopics = inputs.filter((input) => !isPattern(input));
  const inputTopic = inputTopics[0] ?? inputs[0] ?? "";
  const config: Config = {
    ...others,
    command,
    action,
    roles,
    demoPast,
    hasShopPace: demoPast > 0 && !given.has("rate"),
    rdkafka: Object.freeze(
      Object.fromEntries([...properties].map(([name, { text }]) => [name, text])),
    ),
    inputs,
    inputTopics,
    foundTopics: [],
    inputTopic,
    deadLetterTopic: values.deadLetterTopic ?? `${inputTopic}${LETTERS}`,
    historyTopic: values.historyTopic ?? `${values.outputTopic}${HISTORY}`,
    schemaFile: readSchema(values, given),
    schemaRegistryCa: readCertificates(values, given),
    schemaRegistryCaFile: certificatesFile(values),
    isEmbedded,
  };
  for (const sentence of contradictions(config, given, properties)) throw usageError(sentence);
  checkSchema(config);
  if (config.mapping) checkColumns(config.mapping, config.inputFormat);
  Object.freeze(config.roles);
  Object.freeze(config.alerts);
  for (const topics of [config.inputs, config.inputTopics, config.foundTopics]) {
    Object.freeze(topics);
  }
  return { config: Object.freeze(config), given, properties, warnings: unknownVariables(env) };
}

/** @throws SalesboardError when the rules name what is not in the schema */
function checkSchema(config: Config): void {
  const misfit = misfitOfFile(config);
  // `inspect` says of any rules what they make of records.
  if (misfit && config.command !== "inspect") throw misfit;
}

function readSchema({ schema: path }: Values, given: ReadonlyMap<Key, GivenValue>) {
  if (path === undefined) return undefined;
  return { path, bytes: readFileBytes(given.get("schema")?.name ?? "--schema", path) };
}

/** The option holds the certificates themselves, or names their file. */
function certificatesFile({ schemaRegistryCa: text }: Values): string | undefined {
  return text === undefined || isPem(text) ? undefined : text;
}

function readCertificates(values: Values, given: ReadonlyMap<Key, GivenValue>) {
  const { schemaRegistryCa: text } = values;
  if (text === undefined || certificatesFile(values) === undefined) return text;
  const entry = given.get("schemaRegistryCa");
  const name = entry?.name ?? "--schema-registry-ca";
  const pem = entry?.origin === "file" ? "" : readValueFile(name, text);
  if (isPem(pem)) return pem;
  throw usageError(`Cannot use ${name}: it must be ${options.schemaRegistryCa.kind.accepts}.`);
}

/**
 * The orders of the demo have a mapping: set by itself where nothing else can be in the input, on
 * the embedded broker.
 */
function setDemoMapping(given: Map<Key, GivenValue>): void {
  const demo = given.get("demo");
  if (demo?.text !== "orders" || given.has("input")) return;
  const roles = given.get("roles")?.text ?? "producer";
  if (given.has("mapping") || !roles.includes("producer")) return;
  given.set("mapping", { text: DEMO_ORDERS_RULES, origin: "demo", name: "orders" });
}

/** What stands in the file of --config counts where neither option nor variable is given. */
function addSettings(given: Map<Key, GivenValue>, settings: ReadonlyMap<Key, GivenValue>): void {
  const added = new Map([...settings].filter(([key]) => !given.has(key)));
  for (const [key, { fileOf }] of rows) {
    const target = rows.find(([other]) => other === fileOf)?.[0];
    // `map-file` of the file counts no more when the command line has rules.
    if (target && given.has(target)) added.delete(key);
  }
  readOptionFiles(added);
  for (const [key, value] of added) if (!given.has(key)) given.set(key, value);
}

/**
 * How many days of the past are made up on the embedded broker. None with a rate or a count of the
 * user's: the past has the demo's own rate, and those who count sales want no others among them.
 * None beside the sales of a file, whatever a variable says.
 */
function demoPastOf(
  { history, count, input, demoPast }: Values,
  roles: readonly Role[],
  given: ReadonlyMap<Key, GivenValue>,
): number {
  const isDemo = roles.includes("producer") && roles.includes("aggregator");
  if (!isDemo || history === "off" || input !== undefined) return 0;
  const isOther = count !== undefined || given.has("rate");
  return demoPast ?? (isOther ? 0 : DEMO_PAST_DAYS_MAX);
}

/** Options that name the file of another option's value become the value of that option. */
function readOptionFiles(given: Map<Key, GivenValue>): void {
  for (const [key, { flag, fileOf }] of rows) {
    const path = given.get(key);
    const [target, row] = rows.find(([other]) => other === fileOf) ?? [];
    if (!path || !target || !row) continue;
    if (given.has(target)) {
      throw usageError(`Cannot use both ${row.flag} and ${flag}: give only one of them.`);
    }
    given.set(target, { text: readValueFile(flag, path.text), origin: "file", name: flag });
  }
}

function readValues(given: ReadonlyMap<Key, GivenValue>): Values {
  const values = Object.fromEntries(rows.map(([key]) => [key, undefined as unknown]));
  for (const [key, row] of rows) {
    const entry = given.get(key);
    const written = entry?.text ?? row.default;
    if (written === undefined) continue;
    const isFile = entry?.origin === "file";
    const text = isFile ? (row.kind.fromFile?.(written) ?? written) : written;
    const read = row.kind.schema.safeParse(text);
    if (entry && !read.success) {
      const [issue] = read.error.issues;
      if (row.kind.explains) throw usageError(`Cannot use ${entry.name}: ${issue?.message}.`);
      const hint = hintOf(row.kind.choices ?? [], text);
      throw usageError(
        `Cannot use ${sourceOf(entry)}: it must be ${row.kind.accepts}${hint || "."}`,
      );
    }
    values[key] = read.data;
  }
  return values as Values;
}

/** "; did you mean …?" for the first word that is none of `choices`. */
function hintOf(choices: readonly string[], text: string): string {
  const words = text.split(",").map((word) => word.trim());
  const wrong = words.find((word) => !choices.includes(word));
  return wrong === undefined || wrong === "" ? "" : didYouMean(wrong, choices);
}
