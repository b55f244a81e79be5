/** The command line that counts with a proposal, ready to be pasted into a shell. */

import type { Proposal } from "./proposal/propose.ts";

export interface CommandParts {
  /** Undefined = a file was inspected without brokers. */
  readonly brokers: string | undefined;
  readonly topic: string;
  /** Of the settings; another one of the proposal is named. */
  readonly currency: string;
}

export function commandLine(proposal: Proposal, parts: CommandParts): string {
  const { brokers, topic, currency } = parts;
  const options = [
    `--brokers ${brokers ? shellQuoted(brokers) : "HOST:9092"}`,
    `--input-topic ${brokers ? shellQuoted(topic) : "TOPIC"}`,
    ...(proposal.currency === currency ? [] : [`--currency ${shellQuoted(proposal.currency)}`]),
    ...(proposal.format === "json" ? [] : [`--input-format ${proposal.format}`]),
  ];
  const rules = proposal.rules.map(({ rule }) => `  ${rule}`).join("\n");
  return `salesboard ${options.join(" ")} --map ${inQuotes(`\n${rules}\n`)}`;
}

/** All rules as one text, as `--map` takes it. */
export function mapText({ rules }: Proposal): string {
  return rules.map(({ rule }) => rule).join("; ");
}

function shellQuoted(text: string): string {
  return /^[\w.,:@%+/-]+$/.test(text) ? text : inQuotes(text);
}

/** Nothing in single quotes means anything to a shell. */
function inQuotes(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
