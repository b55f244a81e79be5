/** Reads the texts that the user gave on the command line, in the environment and in files. */

import { closeSync, openSync, readSync } from "node:fs";
import { parseArgs } from "node:util";
import { messageOf, usageError } from "../lib/errors.ts";
import { didYouMean, quoted } from "../lib/text.ts";
import type { Option } from "./option-types.ts";
import { commands, type Key, rows, shells, tokenActions } from "./options.ts";

/** A text and its origin. */
export interface GivenValue {
  readonly text: string;
  /**
   * `config`: the file of --config. `demo`: the demonstration that is asked for needs this value.
   */
  readonly origin: "option" | "environment" | "file" | "config" | "demo";
  /** `--port`, `PORT`, `PORT_FILE` or `port in salesboard.toml`. */
  readonly name: string;
  readonly isSecret?: boolean;
}

/** Names a setting as the user wrote it: `--port 70000`, `PORT=70000`, `the content of …`. */
export function sourceOf({ text, origin, name, isSecret }: GivenValue): string {
  // A file may hold a secret, so no message shows its content.
  if (origin === "file") return `the content of ${name}`;
  if (isSecret) return `the value of ${name}`;
  if (origin === "config") return `the value ${quoted(text)} of ${name}`;
  return `${name}${origin === "option" ? " " : "="}${quoted(text)}`;
}

/** A text about the command line itself; that of a shell is its completions. */
export type AskedText = "help" | "shortHelp" | "version" | "man" | (typeof shells)[number];

export interface Arguments {
  /** `-h` asks for the short help. */
  show: AskedText | undefined;
  command: keyof typeof commands;
  action: (typeof tokenActions)[number] | undefined;
  options: Map<Key, GivenValue>;
  /** Librdkafka properties by name. */
  properties: Map<string, GivenValue>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const PROPERTY_PREFIX = "SALESBOARD_RDKAFKA_";
const FILE_BYTES_MAX = 1024 * 1024;

/** These properties end in `file`, so `_FILE` belongs to the name of their variable. */
const fileProperties = new Set([
  "sasl.oauthbearer.assertion.file",
  "sasl.oauthbearer.assertion.jwt.template.file",
  "sasl.oauthbearer.assertion.private.key.file",
]);

/**
 * Reads the command line. When an option that is not repeatable is given twice, the last one wins.
 * @throws SalesboardError for an unknown option or command
 */
export function readArguments(args: readonly string[]): Arguments {
  const byName = new Map(rows.map(([key, row]) => [row.flag.slice(2), { key, row }] as const));
  const known = Object.fromEntries(
    [...byName].map(([name, { row }]) => [name, { type: row.argument ? "string" : "boolean" }]),
  ) as Record<string, { type: "string" | "boolean"; short?: string }>;
  known.X = { type: "string", short: "X" };
  known.help = { type: "boolean", short: "h" };
  known.version = { type: "boolean" };
  const { tokens } = parseArgs({
    args: [...args],
    options: known,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const found: Arguments = {
    show: undefined,
    command: "run",
    action: undefined,
    options: new Map(),
    properties: new Map(),
  };
  // Help is printed even when another argument is wrong.
  for (const show of ["version", "help"] as const) {
    const asked = tokens.find((token) => token.kind === "option" && token.name === show);
    if (asked?.kind === "option") found.show = asked.rawName === "-h" ? "shortHelp" : show;
  }
  if (args[0] === "help") found.show = "help";
  if (found.show) return found;

  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    if (token.name === "X") {
      addProperty(found.properties, argumentOf(token, "key=value"));
      continue;
    }
    const match = byName.get(token.name);
    if (!match) {
      const hint = didYouMean(token.rawName, [...rows.map(([, row]) => row.flag), "--help"]);
      throw usageError(
        `Cannot use option ${quoted(token.rawName)}: there is no such option` +
          `${hint || "; --help lists them"}${hint ? "" : "."}`,
      );
    }
    const { key, row } = match;
    if (!row.argument && token.value !== undefined) {
      throw usageError(`Cannot use ${row.flag}=${quoted(token.value)}: it takes no value.`);
    }
    const text = row.argument ? argumentOf(token, row.kind.accepts) : "true";
    found.options.set(key, optionOf(row, text, found.options.get(key)));
  }
  const [word, shell, ...others] = positionals;
  if (word === "completion") {
    found.show = shellOf(shell);
    if (others[0] === undefined) return found;
  }
  Object.assign(found, commandOf(word === "completion" ? [word, ...others] : positionals));
  if (word === "man") found.show = "man";
  return found;
}

function optionOf(row: Option<unknown>, text: string, last: GivenValue | undefined): GivenValue {
  const { flag: name, separator, isSecret = false } = row;
  const all = separator && last ? `${last.text}${separator}${text}` : text;
  return { text: all, origin: "option", name, isSecret };
}

function shellOf(name = ""): (typeof shells)[number] {
  const shell = shells.find((known) => known === name);
  if (shell) return shell;
  const hint = didYouMean(name, shells) || ".";
  const received = name === "" ? "without a shell" : `with ${quoted(name)}`;
  throw usageError(
    `Cannot use completion ${received}: it must be one of ${shells.join(", ")}${hint}`,
  );
}

function commandOf([word = "run", ...more]: readonly string[]): Pick<
  Arguments,
  "command" | "action"
> {
  const names = Object.keys(commands) as (keyof typeof commands)[];
  const command = names.find((name) => name === word);
  if (!command) {
    throw usageError(
      `Cannot use command ${quoted(word)}: it must be one of ${names.join(", ")}` +
        `${didYouMean(word, names) || "."}`,
    );
  }
  const action = command === "token" ? actionOf(more.shift()) : undefined;
  const [surplus] = more;
  if (surplus !== undefined) {
    throw usageError(
      `Cannot use ${quoted(surplus)} after ${command}: there can be only one command.`,
    );
  }
  return { command, action };
}

function actionOf(word: string | undefined): (typeof tokenActions)[number] {
  const action = tokenActions.find((name) => name === word);
  if (action) return action;
  const accepted = `it must be one of ${tokenActions.join(", ")}`;
  throw usageError(
    word === undefined
      ? `Cannot use command token alone: ${accepted}, such as token create.`
      : `Cannot use ${quoted(word)} after token: ${accepted}${didYouMean(word, tokenActions) || "."}`,
  );
}

/** The value of an option. A following argument with two dashes is an option, not the value. */
function argumentOf(
  token: { rawName: string; value?: string | undefined; inlineValue?: boolean | undefined },
  accepts: string,
): string {
  if (token.value === undefined || (!token.inlineValue && token.value.startsWith("--"))) {
    throw usageError(`Cannot use ${token.rawName} without a value: the value must be ${accepts}.`);
  }
  return token.value;
}

function addProperty(properties: Map<string, GivenValue>, text: string): void {
  const [, name = "", value = ""] = /^([a-z][a-z0-9._]*)=(.*)$/s.exec(text) ?? [];
  if (name === "") {
    throw usageError(
      `Cannot use -X ${quoted(text)}: it must be key=value, where key is a librdkafka property, ` +
        "such as security.protocol=SSL.",
    );
  }
  properties.set(name, { text: value, origin: "option", name: `-X ${name}` });
}

/**
 * Reads the variable `name`, or the file that `<name>_FILE` names, without its final line break.
 * @throws SalesboardError when both are set, or the file cannot be read
 */
export function readVariable(env: Environment, name: string): GivenValue | undefined {
  const text = env[name];
  const path = env[`${name}_FILE`];
  if (text && path) {
    throw usageError(`Cannot use both ${name} and ${name}_FILE: set only one of them.`);
  }
  if (text) return { text, origin: "environment", name };
  if (!path) return undefined;
  return { text: readValueFile(`${name}_FILE`, path), origin: "file", name: `${name}_FILE` };
}

/**
 * The file at `path`, at most 1 MiB, without its final line break. `name`: who names the file.
 * @throws SalesboardError when the file cannot be read or is empty
 */
export function readValueFile(name: string, path: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true })
    .decode(readFileBytes(name, path))
    .replace(/\r?\n$/, "");
}

/** As `readValueFile`, every byte. */
export function readFileBytes(name: string, path: string): Uint8Array {
  const refuse = (reason: string) =>
    usageError(
      `Cannot use ${name}${name.startsWith("--") ? " " : "="}${quoted(path)}: it must name a readable file (${reason}).`,
    );
  const bytes = Buffer.alloc(FILE_BYTES_MAX + 1);
  let length = 0;
  try {
    const file = openSync(path, "r");
    try {
      for (let read = -1; read !== 0; length += read) {
        read = readSync(file, bytes, length, bytes.length - length, null);
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    // After the comma the system repeats the path, unescaped.
    const [reason = ""] = messageOf(error).split(",", 1);
    throw refuse(reason.replace(/\p{Cc}/gu, ""));
  }
  if (length > FILE_BYTES_MAX) throw refuse(`it has more than ${FILE_BYTES_MAX} bytes`);
  if (/^\r?\n?$/.test(bytes.toString("latin1", 0, Math.min(length, 3))))
    throw refuse("it is empty");
  return Uint8Array.from(bytes.subarray(0, length));
}

/** Reads librdkafka properties: SALESBOARD_RDKAFKA_SASL_PASSWORD holds sasl.password. */
export function readProperties(env: Environment): Map<string, GivenValue> {
  const names = new Set<string>();
  for (const variable of Object.keys(env).sort()) {
    if (!isPropertyVariable(variable) || !env[variable]) continue;
    const isFile = variable.endsWith("_FILE") && !fileProperties.has(propertyOf(variable));
    names.add(isFile ? variable.slice(0, -"_FILE".length) : variable);
  }
  const properties = new Map<string, GivenValue>();
  for (const name of names) {
    const given = readVariable(env, name);
    if (given) properties.set(propertyOf(name), given);
  }
  return properties;
}

/** One sentence for each unknown variable with our prefix, such as SALESBOARD_INPUT_TOPICS. */
export function unknownVariables(env: Environment): string[] {
  const known = rows.flatMap(([, { env: name }]) => (name ? [name, `${name}_FILE`] : []));
  return Object.keys(env)
    .sort()
    .filter((name) => name.startsWith("SALESBOARD_") && env[name])
    .filter((name) => !known.includes(name) && !isPropertyVariable(name))
    .map((name) => {
      const hint = didYouMean(name, known);
      return `Ignoring the unknown environment variable ${quoted(name)}${hint || "."}`;
    });
}

function isPropertyVariable(name: string): boolean {
  return /^SALESBOARD_RDKAFKA_[A-Z][A-Z0-9_]*$/i.test(name);
}

function propertyOf(variable: string): string {
  return variable.slice(PROPERTY_PREFIX.length).toLowerCase().replaceAll("_", ".");
}
