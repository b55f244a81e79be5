/** The boards by dimension: each follows a topic of its own, beside the board of products. */

import type { BoardTopic, Config } from "../config/config.ts";
import { messageOf } from "../lib/errors.ts";
import { Agreement } from "./follow/agreement.ts";
import type { Backlog } from "./follow/backlog.ts";
import { DemoPast } from "./follow/demo-past.ts";
import { type FollowOptions, Follower } from "./follow/follow.ts";
import { StatusSource } from "./follow/status-source.ts";
import { SalesView } from "./model/view.ts";

const RETRY_MS = 5_000;

/** What a board by a dimension is made of. */
export interface DimensionBoard {
  readonly name: string;
  readonly view: SalesView;
  readonly source: Pick<StatusSource, "status" | "reasons">;
}

export interface FollowedBoard extends DimensionBoard {
  readonly source: StatusSource;
  /** Follows the topic until the signal is aborted. Never fails: the other boards go on. */
  run(): Promise<void>;
}

/** `view`: of products. `backlog`: of the input, which all boards have in common. */
export function followBoards(
  topics: readonly BoardTopic[],
  of: Omit<FollowOptions, "topic" | "view"> & {
    config: Config;
    view: SalesView;
    backlog: Pick<Backlog, "stall" | "blindness" | "strangers">;
  },
): FollowedBoard[] {
  const { config, clock, backlog } = of;
  return topics.map(({ name, topic }) => {
    const view = new SalesView({ mayLackDays: config.isEmbedded });
    const options = { ...of, topic, view };
    const follower = new Follower(options);
    const agreement = new Agreement(name, { products: of.view, values: view }, clock);
    const shared = {
      get stall() {
        return backlog.stall;
      },
      get blindness() {
        return backlog.blindness;
      },
      get strangers() {
        const { state, partitions } = follower.status;
        // While it is not read to its end it may lack anything, and says so.
        const problems = state === "live" ? agreement.problems(partitions) : [];
        return [...backlog.strangers, ...problems];
      },
    };
    const past = new DemoPast({ config, view, clock });
    const source = new StatusSource(follower, shared, clock, past);
    return { name, view, source, run: () => runAlone(follower, options) };
  });
}

/** A follower fails only when it can create no client, which may pass. */
async function runAlone(
  follower: Follower,
  { clock, log, signal, topic }: FollowOptions,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await follower.run();
    } catch (error) {
      log.error("Cannot follow the topic. Trying again.", { topic, reason: messageOf(error) });
      await clock.sleep(RETRY_MS, signal);
    }
  }
}
