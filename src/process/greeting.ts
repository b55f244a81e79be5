/** What a person at a terminal reads when a dashboard has started, and how much log beside it. */

import { type Config, isPattern } from "../config/config.ts";
import { OWN_SALES_COMMAND } from "../config/shell/sales-commands.ts";
import type { LogOptions } from "../lib/log.ts";

const BOLD = "\u001b[1m";
const PLAIN = "\u001b[0m";

/** Only a process with a dashboard greets. */
export function logOptions({ command, roles, logLevel, logFormat }: Config): LogOptions {
  const isGreeted = ["run", "serve"].includes(command) && roles.includes("dashboard");
  // What doctor finds stands on its page: warnings of its clients would say it once more.
  const level = command === "doctor" && logLevel === "auto" ? "error" : logLevel;
  return { level, format: logFormat, isGreeted };
}

interface Greeting {
  config: Pick<Config, "demoPast" | "isEmbedded" | "roles" | "inputs">;
  url: string;
  /** The bootstrap servers of the user, or of the embedded broker. */
  brokers: string;
  hasColours: boolean;
}

/** The address stands last. */
export function greeting({ config, url, brokers, hasColours }: Greeting): string {
  return [
    "Salesboard is running. Ctrl+C stops it.",
    ...(config.isEmbedded ? ofEmbedded(config, brokers) : [fromTopic(config, brokers)]),
    "",
    hasColours ? `${BOLD}${url}${PLAIN}` : url,
    "",
  ].join("\n");
}

function ofEmbedded(config: Greeting["config"], brokers: string): string[] {
  const yours = `Your own sales: ${OWN_SALES_COMMAND}`;
  const data = "The data is in memory, and is lost when Salesboard stops.";
  if (!config.roles.includes("producer")) return [fromTopic(config, brokers), data, yours];
  const { demoPast } = config;
  const days = demoPast === 1 ? "a day" : `${demoPast} days`;
  const what =
    demoPast === 0 ? "the sales are made up" : `${days} of made-up sales, and more to come`;
  return [`This is a demo: ${what}.`, data, yours];
}

function fromTopic({ inputs }: Greeting["config"], brokers: string): string {
  const isOne = inputs.length === 1 && !inputs.some(isPattern);
  const what = isOne ? "the topic" : "the topics";
  return `The sales come from ${what} ${inputs.join(", ")} at ${brokers}.`;
}
