/** Several input topics as one: what their followers and backlogs say together. */

import type { Moment } from "../lib/clock.ts";
import type { BacklogLike } from "./follow/backlog.ts";
import type { Follower } from "./follow/follow.ts";
import { inTopic, joinedStalls, type Stall } from "./follow/stall.ts";
import type { Status } from "./model/status.ts";

type FollowerLike = Pick<Follower, "status" | "reasons">;

/** The worst comes first: numbers are only as good as those of the worst topic. */
const states = ["connecting", "restoring", "stale", "behind", "live"] as const;

/** One follower of each input topic. Its sentences name the topics of ours. */
export function joinedFollower(followers: readonly FollowerLike[]): FollowerLike {
  const [only] = followers;
  if (only && followers.length === 1) return only;
  return {
    get status() {
      return joinedStatus(followers.map(({ status }) => status));
    },
    get reasons() {
      if (!only) return ["No topic is known yet that matches --input-topic."];
      return [...new Set(followers.flatMap(({ reasons }) => reasons))];
    },
  };
}

function joinedStatus(all: readonly Status[]): Status {
  return {
    state: states.find((state) => all.some((each) => each.state === state)) ?? "connecting",
    partitions: all.reduce((sum, { partitions }) => sum + partitions, 0),
    lag: all.reduce<number | undefined>((sum, { lag }) => added(sum, lag), 0),
    notices: [...new Set(all.flatMap(({ notices }) => notices))],
    asOf: earliest(all.map(({ asOf }) => asOf)),
  };
}

function added(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

/** Undefined when one of them is: then nothing is known of all together. */
function earliest(moments: readonly (Moment | undefined)[]): Moment | undefined {
  const [first, ...others] = moments;
  return others.reduce((a, b) => (a && b ? (b.at < a.at ? b : a) : undefined), first);
}

/** The backlog of each input topic, with its name. */
export function joinedBacklog(
  all: readonly { readonly topic: string; readonly backlog: BacklogLike }[],
): BacklogLike {
  const [only] = all;
  if (only && all.length === 1) return only.backlog;
  return {
    get stall() {
      return joinedStalls(all.map(({ topic, backlog: { stall } }) => inItsTopic(stall, topic)));
    },
    get late() {
      return joinedStalls(all.map(({ topic, backlog: { late } }) => inItsTopic(late, topic)));
    },
    get arrears() {
      const each = all.map(({ topic, backlog: { arrears } }) => {
        return arrears === "asking" ? arrears : inItsTopic(arrears, topic);
      });
      const known = each.filter((one) => one !== "asking");
      return known.length < each.length ? "asking" : joinedStalls(known);
    },
    get blindness() {
      const sentences = all.flatMap(({ backlog }) => backlog.blindness ?? []);
      return sentences.length === 0 ? undefined : sentences.join(" ");
    },
    get strangers() {
      return all.flatMap(({ topic, backlog }) => {
        return backlog.strangers.map((sentence) => inTopic(topic, sentence));
      });
    },
  };
}

function inItsTopic(stall: Stall | undefined, topic: string): Stall | undefined {
  if (!stall) return undefined;
  const { others = [], ...worst } = stall;
  return { ...worst, topic, others: others.map((other) => ({ ...other, topic })) };
}
