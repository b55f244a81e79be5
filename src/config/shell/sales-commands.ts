/** What is typed to see sales on the board: one's own, one by hand, or generated ones. */

import { shellQuoted } from "../../lib/text.ts";
import { type Config, HISTORY } from "../config.ts";
import { options } from "../options.ts";
import { whereOptions } from "../reset-command.ts";

/** For somebody who looks at the demo, and has a Kafka of their own. */
export const OWN_SALES_COMMAND = "salesboard --brokers HOST:9092 --input-topic TOPIC";

const SALE = '{"product": "Laptop", "quantity": 2, "price": 499.99}';

/** Command lines for a shell on this machine. They name no secret. */
export interface SalesCommands {
  /** Writes one sale. */
  readonly write: string;
  /** Writes generated sales, until it is stopped. */
  readonly generate: string;
  /** Looks at the records of the topic. */
  readonly inspect: string;
}

/** `brokers`: the bootstrap servers, of the user or of the embedded broker. */
export function salesCommands(
  config: Pick<Config, "inputTopic" | "rdkafka">,
  brokers: string,
): SalesCommands {
  const { inputTopic, rdkafka } = config;
  const outputTopic = options.outputTopic.default;
  const usual = { outputTopic, historyTopic: `${outputTopic}${HISTORY}` };
  const group = options.group.default;
  const inputs = [inputTopic];
  const where = whereOptions({ brokers, inputs, ...usual, group, rdkafka }).join(" ");
  return {
    write: `echo ${shellQuoted(SALE)} | salesboard produce ${where} --input -`,
    generate: `salesboard produce ${where}`,
    inspect: `salesboard inspect ${where}`,
  };
}
