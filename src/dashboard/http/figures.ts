/** The figures that a program asks for: whole ones, because it cannot see that some are missing. */

import type { Scene } from "../fragments/scene.ts";
import { type Look, LookError, type Period } from "../look/look.ts";
import type { Graph } from "../model/graph.ts";
import { BusyError } from "../records/records.ts";

/** What the address names is not there. */
export class NotFoundError extends Error {}

interface Scenes {
  readonly scene: (period?: Period, by?: string) => Scene;
}

/**
 * A file or an answer to a program is of all time unless its address says otherwise.
 * @throws NotFoundError when sales are not counted by days
 */
export function totalsAsked({ scene }: Scenes, { period = "all", by }: Look): Scene {
  const found = scene(period, by);
  if (found.board.period === period) return found;
  throw new NotFoundError(
    `Cannot tell the sales of period=${period}: sales are not counted by days here.`,
  );
}

/**
 * Of a file, which has no place to say that its totals are not read.
 * @throws NotFoundError when sales are not counted by days
 * @throws BusyError until the totals are read
 */
export function wholeTotals(scenes: Scenes, look: Look): Scene {
  const found = totalsAsked(scenes, look);
  if (!found.board.isComplete) throw notReadYet("totals");
  return found;
}

/**
 * @throws LookError when the address asks for a dimension
 * @throws BusyError until history is read
 */
export function wholeHistory({ scene }: Scenes, { by }: Look): Graph {
  if (by !== undefined) {
    throw new LookError(
      `Cannot show the history by ${by}: history is kept by product only. ` +
        "Leave out the parameter by.",
    );
  }
  const { graph, board, site } = scene("all");
  // Until something is read of the topic, its history looks like that of one where none is kept.
  const isRead = board.isComplete && graph.history.state !== "reading";
  if (site.keepsHistory && !isRead) throw notReadYet("history");
  return graph;
}

function notReadYet(what: "totals" | "history"): BusyError {
  return new BusyError(`Cannot tell the ${what} yet: not everything is read from Kafka.`);
}
