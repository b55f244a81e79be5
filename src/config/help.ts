/** The texts of --help and of the command `config`. */

import { quoted } from "../lib/text.ts";
import type { GivenValue } from "./arguments.ts";
import type { Settings } from "./config.ts";
import type { Option } from "./option-types.ts";
import { commands, rows } from "./options.ts";

const COLUMNS = 80;
const INDENT = 2;

export const PRECEDENCE =
  "option, environment variable, file of --config, default. The variable NAME_FILE names a file that holds the " +
  "value of NAME.";
export const EXIT_STATUS =
  "0 done, or stopped by a signal; 1 failure, verify found a difference, inspect dead letters, or " +
  "doctor warnings; 2 invalid options or settings, or doctor found problems; 69 brokers or registry " +
  "unreachable within --startup-timeout.";

type Rows = readonly (readonly [string, string])[];

/** All options, as docs/options.md groups them. */
export const groups: readonly { title: string; flags: string }[] = [
  {
    title: "Kafka",
    flags:
      "--brokers --input-topic --output-topic --dead-letter-topic --history --history-topic " +
      "--group --partitions --replication-factor --commit-interval --startup-timeout",
  },
  {
    title: "Records of any shape",
    flags:
      "--map --map-file --input-format --schema-registry --schema-registry-token " +
      "--schema-registry-ca --schema --message --time-zone",
  },
  {
    title: "Roles and the dashboard",
    flags:
      "--roles --host --port --metrics-port --allowed-hosts --frame-ancestors --base-path --title " +
      "--currency --target --url --dashboard-token",
  },
  {
    title: "Who is let in",
    flags:
      "--users --tokens --trusted-proxy --proxy-user-header --insecure-listen --tls-cert " +
      "--tls-key --http-redirect-port --name --role --expires",
  },
  { title: "Alerts", flags: "--alert --alert-webhook" },
  { title: "Generated sales", flags: "--rate --count --seed --demo --demo-past" },
  { title: "Looking at records", flags: "--input --last" },
  { title: "Output and log", flags: "--config --yes --once --by --json --log-level --log-format" },
];

/** What stands in no table of options. */
export const extra: Record<string, Rows> = {
  Kafka: [
    [
      "-X key=value",
      "librdkafka property for all Kafka clients; repeatable [SALESBOARD_RDKAFKA_<KEY>, _ for .]",
    ],
  ],
  "Output and log": [
    ["-h", "print the commands and the options that most people need"],
    ["--help", "print this text"],
    ["--version", "print the version"],
  ],
};

/** The help, in 80 columns. */
export function helpText(version: string): string {
  const tables = groups.map(({ title, flags }) => ({
    title,
    entries: [...entriesOf(flags), ...(extra[title] ?? [])],
  }));
  const width = widthOf(tables.flatMap(({ entries }) => entries));
  return [
    ...head(version),
    "",
    "Options [environment variable; default]",
    ...tables.flatMap(({ title, entries }) => ["", title, ...table(entries, width)]),
    "",
    ...wrap(`Precedence: ${PRECEDENCE}`, COLUMNS),
    ...wrap(`Exit status: ${EXIT_STATUS}`, COLUMNS),
  ].join("\n");
}

/** What most people need, on one screen. */
export function shortHelpText(version: string): string {
  const entries = entriesOf("--brokers --input-topic --map --port");
  return [
    ...head(version),
    "",
    "The options that most people need [environment variable; default]",
    ...table(entries, widthOf(entries)),
    "",
    "salesboard --help lists all options.",
  ].join("\n");
}

function head(version: string): string[] {
  const entries = Object.entries(commands);
  return [
    `Salesboard ${version}: a real-time sales dashboard on Kafka.`,
    "",
    "Usage: salesboard [command] [options]",
    "",
    "Commands",
    ...table(entries, widthOf(entries)),
  ];
}

export function entriesOf(flags: string): Rows {
  return flags.split(" ").flatMap((flag) => {
    return rows.flatMap(([, row]) => (row.flag === flag ? [entryOf(row)] : []));
  });
}

function entryOf(row: Option<unknown>): [string, string] {
  return [row.argument ? `${row.flag} ${row.argument}` : row.flag, describe(row)];
}

function describe({ meaning, env, default: value, absent, argument }: Option<unknown>): string {
  const facts = [env, argument && (value ?? absent)].filter(Boolean).join("; ");
  return facts ? `${meaning} [${facts}]` : meaning;
}

function widthOf(entries: Rows): number {
  return Math.max(...entries.map(([name]) => name.length)) + INDENT;
}

function table(entries: Rows, width: number): string[] {
  const margin = " ".repeat(INDENT + width);
  return entries.flatMap(([name, meaning]) =>
    wrap(meaning, COLUMNS - margin.length).map((line, i) =>
      i === 0 ? `${" ".repeat(INDENT)}${name.padEnd(width)}${line}` : `${margin}${line}`,
    ),
  );
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Librdkafka properties that can hold a secret. */
const secretProperty =
  /password|passphrase|secret|token|\.pem$|^ssl\.key\.|private\.key|oauthbearer\.config/;

export function isSecretProperty(name: string): boolean {
  return secretProperty.test(name);
}

const REDACTED = "[redacted]";

interface Entry {
  name: string;
  /** For the table … */
  text: string;
  /** … and for JSON. */
  value: unknown;
  source: string;
}

/** The effective settings and the source of each. Secrets are redacted. */
export function settingsText({ config, given, properties }: Settings): string {
  const entries = rows.map(([key, { flag, kind, absent, isPublic }]): Entry => {
    const entry = given.get(key);
    const value = config[key];
    const shown = kind.format && value !== undefined ? kind.format(value) : value;
    const text = shown === undefined ? (absent ?? "") : String(shown);
    const isFile = entry?.origin === "file" && !isPublic && !kind.redacts;
    return isFile || (entry?.isSecret && !kind.redacts)
      ? { name: flag, text: REDACTED, value: REDACTED, source: sourceOf(entry) }
      : { name: flag, text, value: shown ?? null, source: sourceOf(entry) };
  });
  for (const [property, entry] of properties) {
    const isSecret = entry.origin === "file" || isSecretProperty(property);
    const value = isSecret ? REDACTED : entry.text;
    const text = quoted(value);
    entries.push({ name: `-X ${property}`, text, value, source: sourceOf(entry) });
  }
  if (config.json) {
    const byName = entries.map(({ name, value, source }) => [name, { value, source }]);
    return JSON.stringify(Object.fromEntries(byName), null, 2);
  }
  // A text of several lines stands behind the table.
  const long = entries.filter(({ text }) => text.includes("\n"));
  const cells = entries.map((entry) =>
    long.includes(entry) ? { ...entry, text: "below" } : entry,
  );
  const widthOf = (column: "name" | "text") => Math.max(...cells.map((e) => e[column].length));
  const table = [{ name: "option", text: "value", source: "source" }, ...cells]
    .map(({ name, text, source }) =>
      `${name.padEnd(widthOf("name"))}  ${text.padEnd(widthOf("text"))}  ${source}`.trimEnd(),
    )
    .join("\n");
  return [table, ...long.map(({ name, text }) => `\n${name}\n${text}`)].join("\n");
}

function sourceOf(given: GivenValue | undefined): string {
  if (!given) return "default";
  return given.origin === "option" ? "option" : `${given.origin} ${given.name}`;
}
