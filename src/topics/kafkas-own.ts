/** Kafka's own topics that counting needs, and what to say when Kafka may not be able to make them. */

/** By what they hold: the topic, and the setting of the brokers that says its replicas. */
export const KAFKAS_OWN = {
  transactions: {
    topic: "__transaction_state",
    setting: "transaction.state.log.replication.factor",
  },
  group: { topic: "__consumer_offsets", setting: "offsets.topic.replication.factor" },
} as const;

export type KafkasOwn = (typeof KAFKAS_OWN)[keyof typeof KAFKAS_OWN];

/** What both settings are when nobody set them. */
export const DEFAULT_REPLICAS = 3;

/**
 * A sentence about a topic that the brokers do not show. Those of some managed Kafkas never do, and
 * a slow or new cluster may make it soon: it is no proof that nothing can be counted.
 * @param brokers their number
 */
export function notShown({ topic, setting }: KafkasOwn, brokers: number): string {
  const is = brokers === 1 ? "there is 1 broker" : `there are ${brokers} brokers`;
  if (brokers >= DEFAULT_REPLICAS) {
    return (
      `Kafka shows no topic ${topic}. It makes it when a client first needs it, but not while ` +
      `${setting} is larger than the number of brokers, and ${is}.`
    );
  }
  return (
    `Kafka shows no topic ${topic}. It never makes it while ${setting}, which is ` +
    `${DEFAULT_REPLICAS} by default, is larger than the number of brokers, and ${is}.`
  );
}

/** What to set when Kafka cannot make the topic. */
export function cureOf({ setting }: KafkasOwn, brokers: number): string {
  return `${setting}=${brokers} in the properties of the broker, and its restart`;
}
