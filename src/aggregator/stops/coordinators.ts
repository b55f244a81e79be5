/** Says what is wrong when Kafka finds no coordinator: for transactions, or for the group. */

import { type Admin, KafkaError } from "../../kafka/kafka.ts";
import type { RoleContext } from "../../role.ts";
import { cureOf, DEFAULT_REPLICAS, KAFKAS_OWN, notShown } from "../../topics/kafkas-own.ts";

/** Longer than a coordinator takes to start, milliseconds. */
const LATE_MS = 8_000;
const PING_MS_MAX = 5_000;

const LATE = {
  transactions: "Kafka has not opened the transactions of this process yet",
  group: "The group has given this process no answer yet",
} as const;

const AWAY =
  "its coordinator may be away, or take no more connections (max.connections.per.ip of the brokers)";

/**
 * Waits for `work`. When that is late, logs and reports why, until the work is done.
 * @throws what `work` rejects with
 */
export async function explainedWhenLate<T>(
  kind: keyof typeof LATE,
  work: Promise<T>,
  { context, admin }: { context: RoleContext; admin: Pick<Admin, "describeTopic" | "ping"> },
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
  kind: keyof typeof LATE,
  admin: Pick<Admin, "describeTopic" | "ping">,
): Promise<string | undefined> {
  const [late, own] = [LATE[kind], KAFKAS_OWN[kind]];
  try {
    const isThere = (await admin.describeTopic(own.topic)) !== undefined;
    if (isThere) return `${late}: ${AWAY}.`;
    const { brokers } = await admin.ping(PING_MS_MAX);
    if (brokers >= DEFAULT_REPLICAS) return `${late}: ${AWAY}. ${notShown(own, brokers)}`;
    return `${late}. ${notShown(own, brokers)} Mend it by: ${cureOf(own, brokers)}.`;
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    // The role has failed meanwhile, and says why itself.
    if (error.code === "_DESTROY") return undefined;
    // Who counts needs no right to see the topic, so the lack of one is not why.
    const isHidden = error.code === "TOPIC_AUTHORIZATION_FAILED";
    const hidden = `${AWAY}, or ${own.setting} is larger than the number of brokers`;
    return `${late}: ${isHidden ? hidden : error.message}.`;
  }
}
