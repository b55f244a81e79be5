/** Sales that wait in the input and are not counted, and the sentences about them. */

import { upperFirst } from "../../lib/text.ts";

export interface Stall {
  /** No sale after this time is counted, epoch milliseconds. */
  readonly since: number;
  /** Input partitions where nothing is counted → records that wait there. */
  readonly waiting: ReadonlyMap<number, number>;
  /** Earlier sales are counted meanwhile. */
  readonly isSlow?: boolean;
  /** Why nobody can count them, as clauses, each of some partitions; none = nobody says. */
  readonly causes?: readonly string[];
  /** Who of our name has the partitions, as a clause. Worth a word when nothing else is known. */
  readonly owner?: string | undefined;
  /** The input topic; undefined = there is one. */
  readonly topic?: string;
  /** What else waits: late sales of other partitions, and stalls of other input topics. */
  readonly others?: readonly Stall[];
}

/** A sentence about one of several input topics. */
export function inTopic(topic: string | undefined, sentence: string): string {
  return topic === undefined ? sentence : `In ${topic}: ${sentence}`;
}

/** What waits, and why, if that is known. */
export function stallSentences(stall: Stall): string[] {
  return [stall, ...(stall.others ?? [])].flatMap((each) => {
    return sentencesOf(each).map((sentence) => inTopic(each.topic, sentence));
  });
}

/** The stall without the owners: for a caller that knows a better reason. */
export function withoutOwner({ others = [], ...stall }: Stall): Stall {
  return { ...stall, owner: undefined, others: others.map(withoutOwner) };
}

/** All of them as one, the worst first: sales that nobody counts, and what waits for longest. */
export function joinedStalls(stalls: readonly (Stall | undefined)[]): Stall | undefined {
  const known = stalls.flatMap((stall) => {
    if (!stall) return [];
    const { others = [], ...one } = stall;
    return [one, ...others];
  });
  const [worst, ...others] = known.sort((a, b) => {
    return Number(a.isSlow ?? false) - Number(b.isSlow ?? false) || a.since - b.since;
  });
  if (!worst) return undefined;
  return others.length > 0 ? { ...worst, others } : worst;
}

/** No sale after this time is sure to be counted, epoch milliseconds. */
export function sinceOf({ since, others = [] }: Stall): number {
  return Math.min(since, ...others.map(sinceOf));
}

function sentencesOf({ since, waiting, isSlow, causes = [], owner }: Stall): string[] {
  const ids = [...waiting.keys()].join(", ");
  const records = [...waiting.values()].reduce((sum, count) => sum + count, 0);
  const wait = records === 1 ? "1 record waits" : `${records} records wait`;
  const time = new Date(since).toISOString();
  const stall = isSlow
    ? `Sales since ${time} are not counted yet: ${wait} in the input (partition ${ids}).`
    : `No sale has been counted since ${time}, though ${wait} in the input (partition ${ids}).`;
  const reasons = owner === undefined ? causes : [...causes, owner];
  return [stall, ...reasons.map((reason) => `${upperFirst(reason)}.`)];
}
