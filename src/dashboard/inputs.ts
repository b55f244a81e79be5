/**
 * Follows what was counted of each input topic. The views are those of all: the partitions of a
 * topic have numbers of their own there, so that the sums of all topics add up by themselves.
 */

import { type Config, perTopic } from "../config/config.ts";
import { commitIntervalsMs } from "../lib/timeouts.ts";
import { orAborted } from "../lib/wait.ts";
import { type FollowedBoard, followBoards } from "./boards.ts";
import { Backlog, type BacklogLike, type BacklogOptions } from "./follow/backlog.ts";
import { Follower, type FollowOptions } from "./follow/follow.ts";
import { joinedBacklog, joinedFollower } from "./joined.ts";
import { HistoryView } from "./model/history-view.ts";
import type { RateMeter } from "./model/rate-meter.ts";
import { partOf } from "./model/topic-view.ts";
import { SalesView } from "./model/view.ts";

/** Of history nobody sees how new it is, so that its brokers are asked less often. */
const HISTORY_PROBE_MS = 3_000;

export interface FollowedInputs {
  readonly view: SalesView;
  readonly history: HistoryView;
  /** All committed history of all topics is read; true where none is kept. */
  isHistoryCurrent(): boolean;
  readonly follower: Pick<Follower, "status" | "reasons">;
  readonly backlog: BacklogLike;
  readonly boards: readonly FollowedBoard[];
  /** Follows all until the signal is aborted. */
  run(): Promise<void>;
}

export function followInputs(
  of: Omit<FollowOptions, "topic" | "view"> &
    Pick<BacklogOptions, "isExplained"> & { config: Config; rate?: RateMeter },
): FollowedInputs {
  const { config, rate, ...shared } = of;
  const topics = perTopic(config);
  const view = new SalesView({ mayLackDays: config.isEmbedded, ...(rate && { rate }) });
  // Before the first topic is known, nothing is read, and nothing is whole.
  const history = new HistoryView({ topics: Math.max(1, topics.length) });
  const { commitIntervalMs = commitIntervalsMs.few } = config;
  const inputs = topics.map((own, i) => {
    const part = partOf(view, i);
    const { inputTopic: topic } = own;
    const log = topics.length === 1 ? of.log : of.log.with({ inputTopic: topic });
    const follower = new Follower({ ...shared, log, topic: own.outputTopic, view: part });
    const isCurrent = () => follower.status.state === "live";
    const isFound = config.foundTopics.includes(topic);
    const counting = { topic, isFound, config: own, commitIntervalMs, isCurrent };
    const backlog = new Backlog({ ...shared, ...counting, log, view: part });
    const historyFollower = new Follower({
      ...shared,
      log,
      topic: own.historyTopic,
      view: partOf(history, i),
      probeMs: HISTORY_PROBE_MS,
    });
    return { topic, follower, backlog, historyFollower };
  });
  const backlog = joinedBacklog(inputs);
  const boards = followBoards({ ...of, view, backlog });
  const isKept = config.history === "on";
  const isCurrent = () => inputs.every(({ historyFollower: of }) => of.status.state === "live");
  return {
    view,
    history,
    // Without history, what is compared comes from the days of the totals alone.
    isHistoryCurrent: () => !isKept || (inputs.length > 0 && isCurrent()),
    follower: joinedFollower(inputs.map(({ follower }) => follower)),
    backlog,
    boards,
    run: async () => {
      await Promise.all([
        orAborted(new Promise(() => {}), of.signal),
        ...inputs.flatMap(({ follower, backlog, historyFollower }) => {
          return [follower.run(), backlog.run(), isKept && historyFollower.run()];
        }),
        ...boards.map((board) => board.run()),
      ]);
    },
  };
}
