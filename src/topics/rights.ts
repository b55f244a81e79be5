/** The rights on the cluster that the roles need: the smallest set, as docs/operate.md lists it. */

import { type Config, pairedTopics } from "../config/config.ts";
import type { Right } from "../kafka/kafka.ts";
import { shellQuoted } from "../lib/text.ts";

export interface NeededRight {
  readonly resource: "Topic" | "Group" | "TransactionalId";
  /** Of groups and transactional ids: the beginning of their names. */
  readonly name: string;
  readonly right: Right;
  /** Without it the role works, and shows less. */
  readonly isOptional: boolean;
}

type RightsSettings = Pick<
  Config,
  | "roles"
  | "inputTopic"
  | "outputTopic"
  | "historyTopic"
  | "deadLetterTopic"
  | "history"
  | "group"
  | "mapping"
>;

export function neededRights(config: RightsSettings): NeededRight[] {
  const { roles, inputTopic, deadLetterTopic, group } = config;
  const needed = new Map<string, NeededRight>();
  const need = (resource: NeededRight["resource"], name: string, right: Right) =>
    needed.set(`${resource} ${name} ${right}`, { resource, name, right, isOptional: false });
  const readings = pairedTopics(config);
  if (roles.includes("producer")) need("Topic", inputTopic, "Write");
  if (roles.includes("aggregator")) {
    need("Topic", inputTopic, "Read");
    for (const topic of readings) {
      need("Topic", topic, "Read");
      need("Topic", topic, "Write");
    }
    need("Topic", deadLetterTopic, "Write");
    need("Group", group, "Read");
    need("TransactionalId", group, "Write");
  }
  if (roles.includes("dashboard")) {
    for (const topic of readings) need("Topic", topic, "Read");
    for (const topic of [inputTopic, deadLetterTopic]) {
      const key = `Topic ${topic} Read`;
      if (needed.has(key)) continue;
      needed.set(key, { resource: "Topic", name: topic, right: "Read", isOptional: true });
    }
  }
  return [...needed.values()];
}

/** What gives the right. @param user the name that the brokers know us by */
export function allowCommand(
  of: Pick<NeededRight, "resource" | "name"> & { right: Right | "DescribeConfigs" },
  { brokers = "HOST:9092", user = "USER" }: { brokers?: string; user?: string | undefined },
): string {
  const { resource, name, right } = of;
  const option = { Topic: "--topic", Group: "--group", TransactionalId: "--transactional-id" };
  const isPrefix = resource !== "Topic";
  return (
    `kafka-acls.sh --bootstrap-server ${brokers} --add ` +
    `--allow-principal ${shellQuoted(`User:${user}`)}` +
    `${isPrefix ? " --resource-pattern-type prefixed" : ""} ${option[resource]} ` +
    `${shellQuoted(name)} --operation ${right}`
  );
}
