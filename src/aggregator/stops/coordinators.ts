/** Says what is wrong when Kafka finds no coordinator: for transactions, or for the group. */

import { type Admin, KafkaError } from "../../kafka/kafka.ts";
import type { RoleContext } from "../../role.ts";

/** Longer than a coordinator takes to start, milliseconds. */
const LATE_MS = 8_000;

/** Kafka's own topics, and the setting of the brokers that decides whether they can be made. */
const TOPICS = {
  transactions: {
    topic: "__transaction_state",
    setting: "transaction.state.log.replication.factor",
    late: "Kafka has not opened the transactions of this process yet",
  },
  group: {
    topic: "__consumer_offsets",
    setting: "offsets.topic.replication.factor",
    late: "The group has given this process no answer yet",
  },
} as const;

/**
 * Waits for `work`. When that is late, logs and reports why, until the work is done.
 * @throws what `work` rejects with
 */
export async function explainedWhenLate<T>(
  kind: keyof typeof TOPICS,
  work: Promise<T>,
  { context, admin }: { context: RoleContext; admin: Pick<Admin, "describeTopic"> },
): Promise<T> {
  const { clock, log, report, signal } = context;
  const isOver = new AbortController();
  const watch = async () => {
    await clock.sleep(LATE_MS, isOver.signal);
    if (isOver.signal.aborted || signal.aborted) return;
    const late = await reasonOf(kind, admin);
    if (!late || isOver.signal.aborted || signal.aborted) return;
    isTold = true;
    log.warning(late);
    report({ late });
  };
  let isTold = false;
  void watch();
  try {
    return await work;
  } finally {
    isOver.abort();
    if (isTold) report({ late: "" });
  }
}

async function reasonOf(
  kind: keyof typeof TOPICS,
  admin: Pick<Admin, "describeTopic">,
): Promise<string | undefined> {
  const { topic, setting, late } = TOPICS[kind];
  try {
    if (await admin.describeTopic(topic)) return `${late}: its coordinator may be away.`;
    return (
      `${late}: Kafka could not make its topic ${topic}. Set ${setting} of the brokers, which is 3 ` +
      "by default, to at most the number of brokers."
    );
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    // The role has failed meanwhile, and says why itself.
    return error.code === "_DESTROY" ? undefined : `${late}: ${error.message}.`;
  }
}
