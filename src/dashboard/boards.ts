/** The boards of a dashboard: of products, and by each dimension, which has a topic of its own. */

import { type BoardTopic, boardTopics, type Config, perTopic } from "../config/config.ts";
import { messageOf } from "../lib/errors.ts";
import { Agreement } from "./follow/agreement.ts";
import type { BacklogLike } from "./follow/backlog.ts";
import { DemoPast } from "./follow/demo-past.ts";
import { Follower, type FollowOptions } from "./follow/follow.ts";
import { inTopic } from "./follow/stall.ts";
import { StatusSource } from "./follow/status-source.ts";
import { Table } from "./fragments/table.ts";
import { joinedFollower } from "./joined.ts";
import type { Site } from "./look/site.ts";
import type { HistoryView } from "./model/history-view.ts";
import { partOf } from "./model/topic-view.ts";
import { SalesView } from "./model/view.ts";

const RETRY_MS = 5_000;

/** What a board is made of. */
interface BoardParts {
  readonly view: SalesView;
  readonly source: Pick<StatusSource, "status" | "reasons">;
}

export interface DimensionBoard extends BoardTopic, BoardParts {}

/** A board that pages can ask for. */
interface ShownBoard extends BoardParts {
  readonly table: Table;
}

/** All boards, by their dimension; undefined = products. */
export class ShownBoards {
  readonly #products: ShownBoard;
  readonly #all: ReadonlyMap<string | undefined, ShownBoard>;

  constructor(
    products: BoardParts,
    dimensions: readonly DimensionBoard[],
    { site, history }: { site: Site; history: HistoryView },
  ) {
    this.#products = { ...products, table: new Table(site, history) };
    const others = dimensions.map(({ name, view, source }) => {
      return [name, { view, source, table: new Table(site, history, name) }] as const;
    });
    this.#all = new Map([[undefined, this.#products], ...others]);
  }

  of(by: string | undefined): ShownBoard {
    return this.#all.get(by) ?? this.#products;
  }

  /** A board has sales or a state that its pages do not show yet. */
  get hasNews(): boolean {
    return [...this.#all.values()].some(({ view, source }) => {
      return view.hasNews || source.status.state !== view.board.state;
    });
  }

  /** Why the boards are not ready, each reason once; empty when all are. */
  get reasons(): string[] {
    return [...new Set([...this.#all.values()].flatMap(reasonsOf))];
  }
}

function reasonsOf({ view, source }: BoardParts): readonly string[] {
  // Ready only once the totals are shown, because scripts wait for that to read them.
  const isShown = view.board.state === "live" || view.board.state === "behind";
  if (isShown || source.reasons.length > 0) return source.reasons;
  return ["The totals are read, but not shown yet."];
}

export interface FollowedBoard extends DimensionBoard {
  readonly source: StatusSource;
  /** Follows the topic until the signal is aborted. Never fails: the other boards go on. */
  run(): Promise<void>;
}

type BoardsOptions = Omit<FollowOptions, "topic" | "view"> & {
  config: Config;
  /** Of products. */
  view: SalesView;
  /** Of the inputs, which all boards have in common. */
  backlog: BacklogLike;
};

/** One for each rule `by` of the mapping, of all input topics. */
export function followBoards(of: BoardsOptions): FollowedBoard[] {
  const { config, clock, backlog, view: products, ...shared } = of;
  const topics = perTopic(config);
  const [first = config] = topics;
  return boardTopics(first).map(({ name, topic }, at) => {
    const view = new SalesView({ mayLackDays: config.isEmbedded });
    const parts = topics.map((own, i) => {
      const { topic = "" } = boardTopics(own)[at] ?? {};
      const options = { ...shared, clock, topic, view: partOf(view, i) };
      const follower = new Follower(options);
      const ofProducts = {
        partition: partOf(products, i).partition,
        get board() {
          return products.board;
        },
      };
      const views = { products: ofProducts, values: options.view };
      const agreement = new Agreement(name, views, clock);
      const named = topics.length === 1 ? undefined : own.inputTopic;
      const problems = () => {
        const { state, partitions } = follower.status;
        // While it is not read to its end it may lack anything, and says so.
        const found = state === "live" ? agreement.problems(partitions) : [];
        return found.map((sentence) => inTopic(named, sentence));
      };
      return { follower, problems, run: () => runAlone(follower, options) };
    });
    const ofBoard = {
      get stall() {
        return backlog.stall;
      },
      get late() {
        return backlog.late;
      },
      get arrears() {
        return backlog.arrears;
      },
      get blindness() {
        return backlog.blindness;
      },
      get strangers() {
        return [...backlog.strangers, ...parts.flatMap(({ problems }) => problems())];
      },
    };
    const past = new DemoPast({ config, view, clock });
    const follower = joinedFollower(parts.map((part) => part.follower));
    const source = new StatusSource(follower, ofBoard, clock, { past, trouble: of.kafka.trouble });
    const run = async () => void (await Promise.all(parts.map((part) => part.run())));
    return { name, topic, view, source, run };
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
