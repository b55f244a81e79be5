/** Kafka's own topics that counting needs, and what to say when Kafka cannot create them. */

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

/** A sentence. @param brokers their number, where it is known */
export function cannotCreate(
  { topic, setting }: (typeof KAFKAS_OWN)[keyof typeof KAFKAS_OWN],
  brokers?: number,
): string {
  const is = brokers === 1 ? "there is 1 broker" : `there are ${brokers} brokers`;
  return (
    `Kafka cannot create its topic ${topic}, without which nothing is counted: ${setting}, which ` +
    `is ${DEFAULT_REPLICAS} by default, must be at most the number of brokers` +
    `${brokers === undefined ? "" : `, and ${is}`}.`
  );
}
