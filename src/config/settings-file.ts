/**
 * The file that --config names: TOML, one table with the options by their names without dashes, and
 * `[rdkafka]` for librdkafka properties.
 */

import { messageOf, usageError } from "../lib/errors.ts";
import { didYouMean, quoted } from "../lib/text.ts";
import { type GivenValue, readValueFile, sourceOf } from "./arguments.ts";
import type { Option } from "./option-types.ts";
import { type Key, rows } from "./options.ts";

/** As the environment names them: SALESBOARD_RDKAFKA_…. */
const PROPERTIES = "rdkafka";
/** The parser repeats a value without quotes, and that may be a secret. */
const VALUE = /: ".*"$/s;
/** Lines in which the place of a mistake is looked for. */
const LINES_MAX = 1_000;
/** What nobody should leave in a file: where the file is, and the answer to a question. */
const notInFile: readonly Key[] = ["configFile", "yes"];

const known = new Map(
  rows
    .filter(([key]) => !notInFile.includes(key))
    .map(([key, row]) => [row.flag.slice(2), { key, row }] as const),
);

const onCommandLine = new Set(
  rows.filter(([key]) => notInFile.includes(key)).map(([, row]) => row.flag.slice(2)),
);

export interface FileSettings {
  readonly options: ReadonlyMap<Key, GivenValue>;
  readonly properties: ReadonlyMap<string, GivenValue>;
}

/**
 * @param named the option or variable that names the file
 * @throws SalesboardError when the file cannot be read, is no TOML, or has a key that is not known
 */
export function readSettingsFile({ name, text: path }: GivenValue): FileSettings {
  const options = new Map<Key, GivenValue>();
  const properties = new Map<string, GivenValue>();
  const table = parseToml(readValueFile(name, path), path);
  for (const [word, value] of Object.entries(table)) {
    if (word === PROPERTIES) {
      for (const [property, text] of propertiesOf(value, path)) {
        const given = { text, origin: "config", name: `${property} in ${path}` } as const;
        properties.set(property, given);
      }
      continue;
    }
    const found = known.get(word);
    if (!found) throw usageError(unknown(word, path));
    const { key, row } = found;
    const { isSecret = false } = row;
    const named = { origin: "config", name: `${word} in ${path}`, isSecret } as const;
    const text = textOf(value, row);
    if (text === undefined) {
      const received = sourceOf({ text: JSON.stringify(value), ...named });
      throw usageError(`Cannot use ${received}: it must be ${row.kind.accepts}.`);
    }
    // As for a variable, an empty text counts as not set.
    if (text !== "") options.set(key, { text, ...named });
  }
  return { options, properties };
}

function unknown(word: string, path: string): string {
  const hint = didYouMean(word.replace(/^--/, ""), [...known.keys(), PROPERTIES]);
  const what = `Cannot use ${quoted(word)} in ${quoted(path)}`;
  if (onCommandLine.has(word)) return `${what}: give --${word} on the command line.`;
  return hint
    ? `${what}: there is no such option${hint}`
    : `${what}: it must be an option without its dashes, such as port, or the table [${PROPERTIES}].`;
}

type TomlTable = Readonly<Record<string, unknown>>;

/** @throws SalesboardError with the line of the mistake */
function parseToml(text: string, path: string): TomlTable {
  // Deno runs the source as well, and has no parser.
  const toml = typeof Bun === "undefined" ? undefined : Bun.TOML;
  if (!toml) {
    throw usageError(`Cannot use --config ${quoted(path)}: this runtime cannot read TOML.`);
  }
  const parse = (part: string) => toml.parse(part) as TomlTable;
  try {
    return parse(text);
  } catch (error) {
    const reason = reasonOf(error);
    const lines = text.split("\n").slice(0, LINES_MAX);
    const at = lines.findIndex((_, i) =>
      failsBy(() => parse(lines.slice(0, i + 1).join("\n")), reason),
    );
    const where = at < 0 ? "" : `line ${at + 1}: `;
    const shown = reason.replace(VALUE, "");
    throw usageError(`Cannot use --config ${quoted(path)}: it must be TOML (${where}${shown}).`);
  }
}

function failsBy(call: () => unknown, reason: string): boolean {
  try {
    call();
    return false;
  } catch (error) {
    return reasonOf(error) === reason;
  }
}

function reasonOf(error: unknown): string {
  return messageOf(error).replace(/^TOML Parse error: /, "");
}

/** As the user would write it on the command line; undefined = it is nothing of the kind. */
function textOf(value: unknown, { separator = "," }: Pick<Option<unknown>, "separator">) {
  if (!Array.isArray(value)) return scalarText(value);
  const texts = value.map(scalarText);
  return texts.every((text) => text !== undefined) ? texts.join(separator) : undefined;
}

function scalarText(value: unknown): string | undefined {
  return ["string", "number", "boolean"].includes(typeof value) ? String(value) : undefined;
}

/** A dot in a key without quotes begins a table, which means the same here. */
function* propertiesOf(value: unknown, path: string, before = ""): Generator<[string, string]> {
  const text = scalarText(value);
  const isTable = typeof value === "object" && value !== null && !Array.isArray(value);
  if (text !== undefined && before !== "") yield [before, text];
  else if (isTable) {
    for (const [word, inner] of Object.entries(value)) {
      yield* propertiesOf(inner, path, before === "" ? word : `${before}.${word}`);
    }
  } else {
    const what = before === "" ? `[${PROPERTIES}]` : before;
    const must = 'it must be a table of properties, such as "security.protocol" = "SASL_SSL"';
    throw usageError(`Cannot use ${what} in ${quoted(path)}: ${must}.`);
  }
}
