/**
 * Reports what the brokers hold against the clients, also while the aggregator waits for them, and
 * logs which other programs are in the group.
 */

import type { Admin } from "../../kafka/kafka.ts";
import type { RoleContext } from "../../role.ts";
import { Strangers } from "./strangers.ts";

const INTERVAL_MS = 2_000;

/** Resolves when the role is stopped, or at once when the clients cannot tell. */
export async function reportTrouble(
  context: Pick<RoleContext, "kafka" | "clock" | "config" | "log" | "report" | "signal">,
  admin: Pick<Admin, "groupMembers">,
): Promise<void> {
  const { kafka, clock, report, signal } = context;
  if (!kafka.trouble) return;
  const strangers = new Strangers(context, admin);
  let told = "";
  while (!signal.aborted) {
    const hindrance = kafka.trouble() ?? "";
    if (hindrance !== told) report({ hindrance });
    told = hindrance;
    void strangers.tick();
    await clock.sleep(INTERVAL_MS, signal);
  }
}
