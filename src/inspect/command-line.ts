/** The command line that counts with a proposal, ready to be pasted into a shell. */

import { shellQuoted } from "../lib/text.ts";
import type { JudgeSettings } from "../mapping/input-judge.ts";
import { publicUrl } from "../mapping/registry/http.ts";
import type { Proposal } from "./proposal/propose.ts";

/** Of the options: what is not named need not be given. */
const defaults = { currency: "USD", timeZone: "UTC" };

export interface CommandParts {
  /** Undefined = a file was inspected without brokers. */
  readonly brokers: string | undefined;
  readonly topic: string;
  /** IANA's name. */
  readonly timeZone: string;
  /** Options that say where schemas come from, without secrets. */
  readonly schema?: readonly (readonly [option: string, value: string])[] | undefined;
  /** Options that stand in place of brokers and topic, quoted for a shell. */
  readonly where?: readonly string[];
}

export function commandLine(proposal: Proposal, parts: CommandParts): string {
  const { brokers, topic, timeZone } = parts;
  const where = [
    `--brokers ${brokers ? shellQuoted(brokers) : "HOST:9092"}`,
    `--input-topic ${brokers ? shellQuoted(topic) : "TOPIC"}`,
  ];
  const options = [
    ...(parts.where ?? where),
    ...(proposal.currency === defaults.currency
      ? []
      : [`--currency ${shellQuoted(proposal.currency)}`]),
    ...(timeZone === defaults.timeZone ? [] : [`--time-zone ${shellQuoted(timeZone)}`]),
    ...(proposal.format === "json" ? [] : [`--input-format ${proposal.format}`]),
    ...(parts.schema ?? []).map(([option, value]) => `${option} ${shellQuoted(value)}`),
  ];
  const rules = proposal.rules.map(({ rule }) => `  ${rule}`).join("\n");
  return ["salesboard", ...options, `--map ${shellQuoted(`\n${rules}\n`)}`].join(" ");
}

/** Where schemas come from, as options. Secrets are left out, and have to be given again. */
export function schemaOptions(settings: JudgeSettings): CommandParts["schema"] {
  const { schemaRegistry, schemaRegistryCa, schemaRegistryCaFile, schemaFile, message } = settings;
  const options: [string, string | undefined][] = [
    ["--schema-registry", schemaRegistry && publicUrl(schemaRegistry)],
    ["--schema-registry-ca", schemaRegistryCaFile ?? (schemaRegistryCa && "FILE")],
    ["--schema", schemaFile?.path],
    ["--message", message],
  ];
  return options.flatMap(([option, value]) => (value === undefined ? [] : [[option, value]]));
}

/** All rules as one text, as `--map` takes it. */
export function mapText({ rules }: Proposal): string {
  return rules.map(({ rule }) => rule).join("; ");
}
