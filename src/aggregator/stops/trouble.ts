/** Reports what the brokers hold against the clients, also while the aggregator waits for them. */

import type { RoleContext } from "../../role.ts";

const INTERVAL_MS = 2_000;

/** Resolves when the role is stopped, or at once when the clients cannot tell. */
export async function reportTrouble({
  kafka,
  clock,
  report,
  signal,
}: Pick<RoleContext, "kafka" | "clock" | "report" | "signal">): Promise<void> {
  if (!kafka.trouble) return;
  let told = "";
  while (!signal.aborted) {
    const hindrance = kafka.trouble() ?? "";
    if (hindrance !== told) report({ hindrance });
    told = hindrance;
    await clock.sleep(INTERVAL_MS, signal);
  }
}
