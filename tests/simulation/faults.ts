/**
 * Which faults a schedule meets. Each seed switches on some of them, at rates of its own: all at
 * once would drown the rare sequences that only two or three faults together bring about.
 */

import type { Random } from "./random.ts";

/** What befalls a request. Late: it arrives when its sender has given it up. */
export type Fate = "prompt" | "slow" | "requestLost" | "responseLost" | "late" | "duplicated";

/** What an aggregator asks for between a poll and the end of a transaction, and on a restore. */
export const APIS = [
  "InitProducerId",
  "AddPartitionsToTxn",
  "Produce",
  "AddOffsetsToTxn",
  "TxnOffsetCommit",
  "EndTxn",
  "JoinGroup",
  "SyncGroup",
  "Heartbeat",
  "LeaveGroup",
  "OffsetFetch",
  "ListOffsets",
  "Metadata",
] as const;
export type Api = (typeof APIS)[number];

/**
 * Requests of which a late one would hit the next transaction of the same epoch: when no answer
 * comes, the client library must give the producer up.
 */
export const SENT_ONCE: ReadonlySet<Api> = new Set(["TxnOffsetCommit", "EndTxn"]);

export const FATES = ["slow", "requestLost", "responseLost", "late", "duplicated"] as const;
/** What befalls a process, before or after any of its requests. */
export const DISASTERS = ["crash", "pause", "silence", "leave", "fence"] as const;
export type Disaster = (typeof DISASTERS)[number];

/** Rates above which a schedule would do nothing but fail. */
const FATE_RATE_MAX = 0.08;
const DISASTER_RATE_MAX = 0.04;
const DISASTERS_MAX = 4;

/** What else can happen, and the highest rate of it, of the occasions on which it can. */
const OTHERS = {
  /** A call of a producer says that it is to be made again. */
  callTimesOut: 0.15,
  /** The producer's own time-out ends a transaction whose offsets or commit are under way. */
  transactionTimesOut: 0.3,
  /** The broker finds a record too large for its topic. */
  refusesRecords: 0.1,
  /** The producer finds records too large, or knows of no such partition. */
  dropsRecords: 0.05,
  /** A question gets no answer within its time. */
  givesUp: 0.1,
  /** The consumer tells of an error. */
  reportsError: 0.02,
  /** The group's offsets never hear of a transaction that its time-out has aborted. */
  losesMarker: 1,
  /** The session ends while the application is slow to answer a revocation. */
  slowRevocation: 0.2,
  /** A partition hears late how a transaction has ended. */
  slowMarkers: 0.15,
  /** The producer takes only a part of a batch. */
  queueFull: 0.2,
  /** What is sent is no sale. */
  poison: 0.2,
  /** Another program leaves a transaction open on the output topic. */
  foreignTransaction: 0.2,
  /** The input topic gets another partition. */
  sprouts: 0.15,
  /** Retention removes input, whoever has read it. */
  retention: 0.1,
};
export type Other = keyof typeof OTHERS;
export const OTHER_FAULTS = Object.keys(OTHERS) as Other[];

export class Faults {
  /** From here on nothing goes wrong any more; what is under way still arrives. */
  healed = false;
  /** The client library sends again what it must not: see `SENT_ONCE`. */
  resends = false;
  /** The client library keeps partitions when it joins the group as another member. */
  keepsPartitions = false;
  readonly #random: Random;
  readonly #met: Set<string>;
  readonly #fates: [Fate, number][] = [];
  readonly #disasters: [Disaster, number][] = [];
  readonly #others = new Map<Other, number>();
  #disastersLeft: number;
  #mayForget: boolean;

  constructor(random: Random, met: Set<string>) {
    this.#random = random;
    this.#met = met;
    for (const fate of FATES) this.#fates.push([fate, this.#rate(FATE_RATE_MAX)]);
    for (const disaster of DISASTERS) {
      this.#disasters.push([disaster, this.#rate(DISASTER_RATE_MAX)]);
    }
    for (const [other, max] of Object.entries(OTHERS)) {
      this.#others.set(other as Other, this.#rate(max));
    }
    this.#mayForget = random.chance(0.1);
    this.#disastersLeft = random.below(DISASTERS_MAX + 1);
  }

  /** Has these happen in every schedule, as often as they may. */
  favour(names: readonly (Fate | Other)[]): void {
    for (const entry of this.#fates) if (names.includes(entry[0])) entry[1] = FATE_RATE_MAX;
    for (const [other, max] of Object.entries(OTHERS) as [Other, number][]) {
      if (names.includes(other)) this.#others.set(other, max);
    }
  }

  fate(api: Api): Fate {
    if (this.healed) return "prompt";
    for (const [fate, rate] of this.#fates) {
      if (!this.#random.chance(rate)) continue;
      // The network doubles nothing; only a client does, and this one does not send these again.
      if (fate === "duplicated" && SENT_ONCE.has(api) && !this.resends) return "prompt";
      return fate;
    }
    return "prompt";
  }

  disaster(): { kind: Disaster; when: "before" | "after" } | undefined {
    if (this.healed || this.#disastersLeft === 0) return undefined;
    for (const [kind, rate] of this.#disasters) {
      if (!this.#random.chance(rate)) continue;
      this.#disastersLeft--;
      return { kind, when: this.#random.chance(0.5) ? "before" : "after" };
    }
    return undefined;
  }

  happens(other: Other): boolean {
    const happens = !this.healed && this.#random.chance(this.#others.get(other) ?? 0);
    if (happens) this.#met.add(other);
    return happens;
  }

  /** The group's offsets exist and an answer does not know of them (KAFKA-20416): only once. */
  forgetsOffsets(): boolean {
    const forgets = this.#mayForget && !this.healed && this.#random.chance(0.3);
    if (forgets) {
      this.#mayForget = false;
      this.#met.add("forgetsOffsets");
    }
    return forgets;
  }

  /** One way through the network. */
  delayMs(fate: Fate): number {
    return fate === "slow" ? this.#random.between(3, 200) : this.#random.between(0.1, 2);
  }

  /** Until a client notices that no answer will come. */
  lossMs(): number {
    return this.#random.between(1, 60);
  }

  /** How long a request wanders about whose sender has given it up. */
  lateMs(): number {
    // As often from 1 to 10 ms as from 10 to 100: what comes just after its time is worst.
    return 800 ** this.#random.next();
  }

  /** Until a partition has the marker of a transaction that is decided. */
  markerMs(): number {
    return this.happens("slowMarkers")
      ? this.#random.between(10, 250)
      : this.#random.between(0.2, 3);
  }

  /** Half of the faults are off in a schedule. */
  #rate(max: number): number {
    return this.#random.chance(0.5) ? this.#random.between(0, max) : 0;
  }
}
