/** The command line of `salesboard reset` for the settings in effect, to be typed into a shell. */

import { shellQuoted } from "../lib/text.ts";
import type { Config } from "./config.ts";
import { isSecretProperty } from "./help.ts";
import { options } from "./options.ts";

/** What of the settings says which topics and offsets there are. */
export type ResetSettings = Pick<
  Config,
  "brokers" | "inputTopic" | "outputTopic" | "historyTopic" | "group" | "rdkafka"
>;

/** Names only what differs from the defaults. A property that can be a secret has no value. */
export function resetCommand(config: ResetSettings): string {
  const { inputTopic, outputTopic, historyTopic, group } = config;
  const given = ([flag, value, usual]: readonly [string, string, string]) =>
    value === usual ? [] : [`${flag} ${shellQuoted(value)}`];
  const properties = Object.entries(config.rdkafka).map(([name, value]) =>
    isSecretProperty(name) ? `-X ${name}=…` : `-X ${shellQuoted(`${name}=${value}`)}`,
  );
  const names = [
    [options.brokers.flag, config.brokers ?? "HOST:9092", ""],
    [options.inputTopic.flag, inputTopic, options.inputTopic.default],
    [options.outputTopic.flag, outputTopic, options.outputTopic.default],
    [options.historyTopic.flag, historyTopic, `${outputTopic}.history`],
    [options.group.flag, group, options.group.default],
  ] as const;
  return ["salesboard reset", ...names.flatMap(given), ...properties].join(" ");
}
