/** Who owns which partitions, as the instances say in their logs. */

import { logOf } from "../support/board.ts";
import type { Salesboard } from "../support/executable.ts";
import { waitFor } from "../support/wait.ts";

/** What an instance says it owns now; a frozen or dead one says what it said last. */
export function ownedBy(run: Salesboard): Set<string> {
  const owned = new Set<string>();
  for (const { message, properties } of logOf({ stderr: run.stderr() })) {
    const partitions = String(properties.partitions ?? "")
      .split(",")
      .filter((id) => id !== "");
    if (message === "Partitions assigned.") for (const id of partitions) owned.add(id);
    if (message === "Partitions revoked." || message === "Partitions lost.") {
      for (const id of partitions) owned.delete(id);
    }
  }
  return owned;
}

/** Waits until these instances own so many partitions each. */
export async function untilOwned(...shares: readonly (readonly [Salesboard, number])[]) {
  const text = () => shares.map(([run]) => ownedBy(run).size).join(", ");
  await waitFor(() => shares.every(([run, count]) => ownedBy(run).size === count), {
    what: `shares of ${shares.map(([, count]) => count).join(", ")} partitions`,
  }).catch((error) => {
    throw new Error(`Owned: ${text()}. ${error.message}`);
  });
}
