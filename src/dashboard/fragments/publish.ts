/** Publishes changes to the pages: one frame for each look. */

import { isNothing } from "../../domain/sums.ts";
import type { Moment } from "../../lib/clock.ts";
import { type Look, type Period, periodAsked } from "../look/look.ts";
import type { Html } from "../look/site.ts";
import type { Publication } from "../model/board.ts";
import type { Status } from "../model/status.ts";
import type { SalesView } from "../model/view.ts";
import type { Hub } from "../stream/hub.ts";
import { partial } from "../stream/partial.ts";
import { encodeMessage, joinMessages } from "../stream/sse.ts";
import { changeFrame, snapshotFrame } from "./fragments.ts";
import { legend, pastNotes } from "./graph-panel.ts";
import type { Scene } from "./scene.ts";

/** Everything that a page of `look` shows, for a page that has nothing yet. */
export function snapshot(scene: Scene, look: Look): Uint8Array {
  const { graph } = scene;
  const frame = snapshotFrame(scene, look);
  if (!drawsHistory(look)) return frame;
  // Until history is read, the page keeps its drawing, because the server may just have started.
  const whole = graph.history.isKept ? wholeMessages(scene, look) : [];
  return joinMessages(frame, notesMessage(scene, look), ...whole);
}

/** A board that may be due: of products, or by a dimension. */
interface Due {
  readonly by?: string | undefined;
  readonly view: SalesView;
  readonly status: Status;
}

/** What has changed on a board. */
interface Turn {
  readonly change: Publication | undefined;
  readonly isNew: boolean;
}

/**
 * Sends all pages the difference to the last board, and the changes of history to pages that draw
 * it. Returns false if nothing changed.
 */
export function publish(of: {
  view: SalesView;
  status: Status;
  /** The boards by dimension. */
  others?: readonly Due[];
  hub: Hub;
  /** The scene with the board that the view has just published. */
  currentScene: (period?: Period, by?: string) => Scene;
  now: Moment;
}): boolean {
  const { hub, currentScene, now, others = [] } = of;
  const turnOf = ({ view, status, by }: Due): [string | undefined, Turn] => {
    const change = view.publish(status, now);
    const scene = currentScene("all", by);
    const hasHistory = by === undefined && scene.graph.turn(now);
    const hasRows = scene.table.turn(change, now.date.getTime());
    return [by, { change, isNew: change !== undefined || hasHistory || hasRows }];
  };
  const turns = new Map([of, ...others].map(turnOf));
  const all = [...turns.values()];
  if (!all.some(({ isNew }) => isNew)) return false;
  // Before the first numbers, so that a page can compare them with those that it shows.
  if (all.some(({ change }) => change && !change.before.isComplete)) hub.beat();
  const changes = all.flatMap(({ change }) => (change ? [change, ...change.periods.values()] : []));
  const removes = changes.some(({ changed }) => changed.some(isNothing));
  const encode = (look: Look) => {
    const { change, isNew } = turns.get(look.by) ?? { change: undefined, isNew: false };
    if (!isNew) return undefined;
    const scene = currentScene(periodAsked(look), look.by);
    const frame = frameOf(scene, change, look);
    const parts = [
      ...(frame ? [frame] : []),
      ...(drawsHistory(look) ? historyMessages(scene, look) : []),
    ];
    return parts.length === 0 ? undefined : joinMessages(...parts);
  };
  hub.publish(encode, { removes });
  return true;
}

/** Another period than in the last frame, or one that nobody looked at, begins with everything. */
function frameOf(scene: Scene, change: Publication | undefined, look: Look) {
  if (!change) return changeFrame(scene, undefined, look);
  const { period } = scene.board;
  const ofPeriod = period === "all" ? change : change.periods.get(period);
  const isOther = (change.before.days === undefined) !== (change.after.days === undefined);
  if (!ofPeriod || isOther) return snapshotFrame(scene, look);
  return changeFrame(scene, ofPeriod, look);
}

function drawsHistory({ view }: Look): boolean {
  return view === "graph" || view === "product";
}

/** The changes of history since the last turn. */
function historyMessages(scene: Scene, look: Look): Uint8Array[] {
  const { graph } = scene;
  const notes = graph.notes.isNew ? [notesMessage(scene, look)] : [];
  if (graph.isAnew(look)) return [...notes, ...wholeMessages(scene, look)];
  const changes = graph.changes(look);
  return changes === undefined ? notes : [...notes, historyMessage(changes)];
}

/** The legend comes first, because the drawing takes its colours from there. */
function wholeMessages({ graph, site }: Scene, look: Look): Uint8Array[] {
  return [
    regionMessage("time-legend", legend({ graph, site, look })),
    historyMessage(graph.whole(look)),
  ];
}

function notesMessage({ graph, site }: Scene, look: Look): Uint8Array {
  return regionMessage("past", pastNotes({ graph, site, look }));
}

function regionMessage(id: string, content: Html): Uint8Array {
  return encodeMessage({ data: String(partial(id, content)) });
}

function historyMessage(data: string): Uint8Array {
  return encodeMessage({ event: "history", data });
}
