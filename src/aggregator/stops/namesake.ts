/**
 * Another process with the same -X group.instance.id: Kafka gives the place in the group to whoever
 * came last. Who was there first waits. Otherwise both would take it from each other for ever.
 */

import { type Admin, KafkaError } from "../../kafka/kafka.ts";
import type { RoleContext } from "../../role.ts";

/** Kafka's error for a member whose place another process has taken. */
const FENCED = "FENCED_INSTANCE_ID";
const LOOK_INTERVAL_MS = 5_000;

type Waiting = Pick<RoleContext, "clock" | "config" | "log" | "report" | "signal">;

/**
 * Waits for `work`. When another process takes our place in the group, logs and reports that, and
 * waits until the group has no such member any more: a dead one leaves with its session.
 * @throws what `work` rejects with, so that the role starts again
 */
export async function yieldingToNamesake<T>(
  work: Promise<T>,
  { context, admin }: { context: Waiting; admin: Pick<Admin, "groupMembers"> },
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { config, clock, log, report, signal } = context;
    const id = config.rdkafka["group.instance.id"];
    if (!(error instanceof KafkaError) || error.code !== FENCED || id === undefined) throw error;
    const late =
      `Another process has taken the place of this one in the group ${config.group}: both have ` +
      `-X group.instance.id=${id}. This one counts nothing until the other one has ended: give ` +
      "each process an id of its own";
    log.warning(`${late}.`);
    report({ late: `${late}.` });
    while (!signal.aborted && (await isTaken(id, { group: config.group, admin }))) {
      await clock.sleep(LOOK_INTERVAL_MS, signal);
    }
    report({ late: "" });
    throw error;
  }
}

/** Brokers that do not answer change nothing. Without the right Describe nobody can wait. */
async function isTaken(
  id: string,
  { group, admin }: { group: string; admin: Pick<Admin, "groupMembers"> },
): Promise<boolean> {
  try {
    return (await admin.groupMembers(group)).some(({ instance }) => instance === id);
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    return error.verdict === "retry";
  }
}
