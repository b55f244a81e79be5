/** Kafka's own topics that counting needs, and what to say when Kafka cannot create them. */

import type { Danger } from "./dangers.ts";

/** By what they hold: the topic, and the setting of the brokers that says its replicas. */
export const KAFKAS_OWN = {
  transactions: {
    topic: "__transaction_state",
    setting: "transaction.state.log.replication.factor",
  },
  group: { topic: "__consumer_offsets", setting: "offsets.topic.replication.factor" },
} as const;

/** What both settings are when nobody set them. */
export const DEFAULT_REPLICAS = 3;

/**
 * A sentence. On a slow or new cluster such a topic may be made soon: nobody can ask which.
 * @param brokers their number, where it is known
 */
export function notCreated(
  { topic, setting }: (typeof KAFKAS_OWN)[keyof typeof KAFKAS_OWN],
  brokers?: number,
): string {
  const is = brokers === 1 ? "there is 1 broker" : `there are ${brokers} brokers`;
  return (
    `Kafka has not created its topic ${topic}, without which nothing is counted: it never does ` +
    `while ${setting}, which is ${DEFAULT_REPLICAS} by default, is larger than the number of ` +
    `brokers${brokers === undefined ? "" : `, and ${is}`}.`
  );
}

/**
 * With fewer brokers than replicas, Kafka never makes its own topics, and says so to nobody.
 * @param isMissing false also when it is not known
 */
export async function dangersOfKafka(
  brokers: number,
  isMissing: (topic: string) => Promise<boolean>,
): Promise<Danger[]> {
  if (brokers >= DEFAULT_REPLICAS) return [];
  const found: Danger[] = [];
  for (const own of Object.values(KAFKAS_OWN)) {
    const { topic, setting } = own;
    if (!(await isMissing(topic))) continue;
    found.push({
      topic,
      text: notCreated(own, brokers),
      command: `${setting}=${brokers} in the properties of the broker, and its restart`,
      weight: "problem",
    });
  }
  return found;
}
