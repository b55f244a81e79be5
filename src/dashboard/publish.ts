/** One frame for each look, and when there is something to say in it. */

import { changeFrame, snapshotFrame } from "./fragments.ts";
import type { Graph } from "./graph.ts";
import { pastNotes } from "./graph-page.ts";
import type { Hub } from "./hub.ts";
import type { Look } from "./look.ts";
import { partial } from "./partial.ts";
import type { Scene } from "./scene.ts";
import { encodeMessage, joinMessages } from "./sse.ts";
import type { SalesView, Status } from "./view.ts";

/** What the pages show, drawn or written. */
export interface Stage extends Scene {
  readonly graph: Graph;
}

/** All that a page of `look` shows, for one that has nothing. */
export function snapshot(stage: Stage, look: Look): Uint8Array {
  const { graph } = stage;
  const frame = snapshotFrame(stage, look);
  if (!drawsHistory(look)) return frame;
  const notes = notesMessage(stage, look);
  // Without one, a page keeps what it draws until there is: its server may just have started.
  if (!graph.past.isKept) return joinMessages(frame, notes);
  return joinMessages(frame, notes, historyMessage(graph.whole(look)));
}

/**
 * Sends what changed since the last board to all pages, as the difference between the two, and to
 * those that draw it what changed of history. False when nothing did.
 */
export function publish(of: {
  view: SalesView;
  status: Status;
  hub: Hub;
  /** As of now: with the board that the view has published. */
  scene: () => Stage;
}): boolean {
  const { view, status, hub, scene } = of;
  const change = view.publish(status);
  const stage = scene();
  const now = Date.now();
  const hasHistory = stage.graph.turn(now);
  const hasRows = stage.table.turn(change, now);
  if (!change && !hasHistory && !hasRows) return false;
  // Before the first numbers: so that a page can compare them with what it has shown.
  if (change && !change.before.isComplete) hub.beat();
  const removes = change?.changed.some((row) => row.sales === 0n) ?? false;
  const encode = (look: Look) => {
    const hasGraph = drawsHistory(look);
    const history = hasGraph ? stage.graph.changes(look) : undefined;
    const parts = [
      changeFrame(stage, change, look),
      hasGraph && stage.graph.notes.isNew ? notesMessage(stage, look) : undefined,
      history === undefined ? undefined : historyMessage(history),
    ].filter((part) => part !== undefined);
    return parts.length === 0 ? undefined : joinMessages(...parts);
  };
  hub.publish(encode, { removes });
  return true;
}

function drawsHistory({ view }: Look): boolean {
  return view === "graph" || view === "product";
}

function notesMessage({ graph, site }: Stage, look: Look): Uint8Array {
  return encodeMessage({ data: String(partial("past", pastNotes({ graph, site, look }))) });
}

function historyMessage(data: string): Uint8Array {
  return encodeMessage({ event: "history", data });
}
