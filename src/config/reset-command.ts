/** The command line of `salesboard reset` for the settings in effect, to be typed into a shell. */

import { shellQuoted } from "../lib/text.ts";
import { type Config, HISTORY } from "./config.ts";
import { isSecretProperty } from "./help.ts";
import { options } from "./options.ts";

/** What of the settings says which topics and offsets there are. */
export type ResetSettings = Pick<
  Config,
  "brokers" | "inputs" | "inputTopic" | "outputTopic" | "historyTopic" | "group" | "rdkafka"
>;

/** What is typed to delete the totals, so that all is counted anew. */
export function resetCommand(config: ResetSettings): string {
  const where = whereOptions(config);
  const brokers = config.brokers === undefined ? ["--brokers HOST:9092"] : [];
  return ["salesboard reset", ...brokers, ...where].join(" ");
}

/**
 * The options that say where records and totals are, quoted for a shell: only those that differ
 * from their defaults. A property that can be a secret has no value.
 */
export function whereOptions(config: Omit<ResetSettings, "inputTopic">): string[] {
  const { brokers, inputs, outputTopic, historyTopic, group, rdkafka } = config;
  const names = [
    [options.brokers.flag, brokers ?? "", ""],
    [options.inputTopics.flag, inputs.join(","), options.inputTopics.default],
    [options.outputTopic.flag, outputTopic, options.outputTopic.default],
    [options.historyTopic.flag, historyTopic, `${outputTopic}${HISTORY}`],
    [options.group.flag, group, options.group.default],
  ] as const;
  const given = names.flatMap(([flag, value, usual]) =>
    value === usual ? [] : [`${flag} ${shellQuoted(value)}`],
  );
  const properties = Object.entries(rdkafka).map(([name, value]) =>
    isSecretProperty(name) ? `-X ${name}=…` : `-X ${shellQuoted(`${name}=${value}`)}`,
  );
  return [...given, ...properties];
}
