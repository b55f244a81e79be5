/** Detects sales that wait in the input and are not counted. */

import {
  type Admin,
  type Identity,
  type Kafka,
  ledPartitions,
  readProblem,
  undecidedProblem,
  type Watermarks,
} from "../../kafka/kafka.ts";
import { type Clock, momentOf } from "../../lib/clock.ts";
import { messageOf } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { orAborted } from "../../lib/wait.ts";
import type { SalesView } from "../model/view.ts";
import { strangersIn } from "./belonging.ts";
import { Description } from "./description.ts";
import { Arrears, Lateness } from "./lateness.ts";
import { fresh, lookForRecords, type Mark, noteHeld } from "./look.ts";
import { GroupOwners, type GroupSettings } from "./owners.ts";
import { joinedStalls, type Stall, stallSentences, withoutOwner } from "./stall.ts";

const PROBE_INTERVAL_MS = 2_000;
/** Until the input is asked for the first time, the pages show no numbers. */
const FIRST_INTERVAL_MS = 100;
/** Probes from one question for the identity of the input to the next. */
const PROBES_PER_IDENTITY = 5;
/** A slower answer is outdated: Kafka was away, so nothing could be counted. */
const PROBE_MS_MAX = 6_000;
/** The wait after a failure. The dashboard may lack the right to read the input for good. */
const RETRY_INTERVAL_MS = 10_000;
/** How long a restart or a takeover of the aggregator may take, besides the commit interval. */
const UNCOUNTED_MS_MAX = 10_000;
/** A transaction that holds up readers for so long does not end soon. */
const HELD_MS_MIN = 5_000;
/** Looks without an answer, after which records are said to wait. */
const SILENCES_MAX = 2;
/** Answers in a row that no topic is there. A broker that starts may not know it. */
const ABSENCES_MAX = 2;

export interface BacklogOptions {
  kafka: Kafka;
  topic: string;
  /** A pattern found the topic. Others may go on without it, and the process says so. */
  isFound?: boolean;
  /** Of the group that counts; undefined = nobody is asked who owns the partitions. */
  config?: GroupSettings;
  /** The time between two commits of the aggregator. */
  commitIntervalMs: number;
  view: Pick<SalesView, "partition">;
  /** Whether `view` holds what is committed. */
  isCurrent: () => boolean;
  clock: Clock;
  log: Log;
  /** `stall` may have changed. */
  onChange: () => void;
  /** Whether this process knows why nothing is counted. The log then names no owner. */
  isExplained?: (() => boolean) | undefined;
  signal: AbortSignal;
}

/** What a status needs of a backlog. */
export type BacklogLike = Pick<Backlog, "stall" | "late" | "blindness" | "strangers"> &
  Partial<Pick<Backlog, "arrears">>;

/**
 * Compares the end of the input with the offset in the bookkeeping of the output topic. So it needs
 * no group, and knows an aggregator only by its records.
 */
export class Backlog {
  readonly #options: BacklogOptions;
  readonly #marks = new Map<number, Mark>();
  readonly #lateness = new Lateness();
  readonly #arrears: Arrears;
  readonly #owners: GroupOwners;
  readonly #description = new Description();
  #stall: Stall | undefined;
  #strangers: readonly string[] = [];
  #absences = 0;
  #identity: Identity | undefined;
  #probes = 0;
  #blindness: string | undefined;
  #hasLogged: string | undefined;

  constructor(options: BacklogOptions) {
    this.#options = options;
    this.#owners = new GroupOwners(options.config, options.clock);
    const patienceMs = options.commitIntervalMs + UNCOUNTED_MS_MAX;
    const look = (from: ReadonlyMap<number, number>) => lookForRecords(from, options);
    this.#arrears = new Arrears({ ...options, patienceMs, look });
  }

  /** Undefined while sales are counted in time, and while nothing is known. */
  get stall(): Stall | undefined {
    return this.#stall;
  }

  /** The stall, or sales that are counted late, although counting goes on. */
  get late(): Stall | undefined {
    const patienceMs = this.#options.commitIntervalMs + UNCOUNTED_MS_MAX;
    const late = this.#lateness.after(patienceMs, this.#options.clock.now(), this.#stall?.waiting);
    return joinedStalls([this.#stall, late]);
  }

  /** What waited uncounted when the input was first asked; "asking" until there is an answer. */
  get arrears(): Stall | "asking" | undefined {
    const { now } = this.#arrears;
    const isAnswered = this.#blindness !== undefined || this.#absences > 0;
    return now === "asking" && isAnswered ? undefined : now;
  }

  /** Sentences about totals of something else than the input, and about an input that is gone. */
  get strangers(): readonly string[] {
    return this.#strangers;
  }

  /** Why it is not known whether sales wait; undefined = it is known. */
  get blindness(): string | undefined {
    return this.#blindness;
  }

  /** Resolves after a stop. Survives every failure of Kafka. */
  async run(): Promise<void> {
    const { clock, kafka, signal } = this.#options;
    while (!signal.aborted) {
      const admin = kafka.admin();
      try {
        while (!signal.aborted) {
          // A slow answer must not delay the stop.
          await orAborted(this.#probe(admin), signal);
          const isAsked = this.#arrears.isKnown || this.#absences > 0;
          const ms = isAsked ? PROBE_INTERVAL_MS : FIRST_INTERVAL_MS;
          await clock.sleep(ms, signal);
        }
      } catch (error) {
        this.#forget();
        this.#blind(messageOf(error));
      } finally {
        await admin.close().catch(() => {});
      }
      await clock.sleep(RETRY_INTERVAL_MS, signal);
    }
  }

  async #probe(admin: Admin): Promise<void> {
    const { clock, isCurrent, onChange, topic, view } = this.#options;
    const startedAt = clock.now();
    if (!isCurrent()) return this.#forget();
    const { topic: described } = await this.#description.of(topic, admin);
    if (!described) return this.#miss();
    this.#absences = 0;
    const partitions = ledPartitions(described);
    const behind = new Map<number, Watermarks>();
    // Taken before the ends are asked for: what is written meanwhile can go beyond them.
    const notes = new Map(partitions.map((id) => [id, view.partition(id).bookkeeping]));
    const isDue = this.#probes++ % PROBES_PER_IDENTITY === 0;
    if (isDue) this.#identity = await admin.identity(topic);
    const ends = await admin.allWatermarks(topic, partitions, (problem) => this.#blind(problem));
    this.#strangers = strangersIn(notes, { topic, identity: this.#identity, marks: ends });
    for (const [partition, marks] of ends) {
      if (this.#isBehind(partition, marks)) behind.set(partition, marks);
    }
    await noteHeld(this.#marks, ends, { ...this.#options, admin });
    await this.#arrears.note(ends);
    await this.#look(behind);
    const held = new Map<number, number>();
    const waiting = new Map<number, number>();
    const since: number[] = [];
    for (const [partition, { high }] of behind) {
      const mark = this.#marks.get(partition);
      const hold = mark?.held;
      const isHeld = hold && clock.now() - hold.since >= HELD_MS_MIN;
      if (isHeld) held.set(partition, hold.offset);
      const isUnseen = (mark?.silences ?? 0) >= SILENCES_MAX;
      if (!mark || !(isHeld || isUnseen || mark.looked?.waits)) continue;
      waiting.set(partition, high - mark.next);
      since.push(this.#since(partition));
    }
    const isOld = clock.now() - startedAt > PROBE_MS_MAX;
    const ids = [...waiting.keys()].filter((id) => !held.has(id));
    const { stranger, other } = await this.#owners.of(isOld ? [] : ids, admin);
    if (isOld || !isCurrent()) return this.#forget();
    this.#blind(readProblem(topic, described));
    const hold = held.size > 0 ? undecidedProblem(topic, held) : undefined;
    const causes = [hold, stranger].filter((cause) => cause !== undefined);
    const stall = { since: Math.min(...since), waiting, causes, owner: other };
    this.#tell(waiting.size > 0 ? stall : undefined);
    onChange();
  }

  /** There is no such topic. */
  #miss(): void {
    const { topic, isFound, log, onChange } = this.#options;
    this.#forget();
    this.#arrears.clear();
    this.#blind(isFound ? "the topic does not exist" : undefined);
    if (isFound || ++this.#absences < ABSENCES_MAX) return;
    const sentence = `The input topic ${topic} does not exist: nothing can be counted.`;
    if (this.#absences === ABSENCES_MAX) log.warning(sentence);
    this.#strangers = [sentence];
    onChange();
  }

  /** Says once in the log that sales wait, again with another cause, and when none waits. */
  #tell(stall: Stall | undefined): void {
    const { isExplained = () => false, log } = this.#options;
    const before = this.#stall;
    this.#stall = stall;
    const isNews = stall?.causes?.some((cause) => !before?.causes?.includes(cause)) || !before;
    if (stall && isNews) {
      const told = isExplained() ? withoutOwner(stall) : stall;
      for (const sentence of stallSentences(told)) log.warning(sentence);
    }
    if (!stall && before) log.info("No sale waits any more.");
  }

  /** Says once per reason that waiting sales cannot be seen. */
  #blind(reason: string | undefined): void {
    const { log, topic, onChange } = this.#options;
    this.#blindness = reason && `It is not known whether sales wait in ${topic}: ${reason}.`;
    if (this.#blindness && this.#blindness !== this.#hasLogged) log.warning(this.#blindness);
    if (this.#blindness !== this.#hasLogged) onChange();
    this.#hasLogged = this.#blindness;
  }

  /** Records wait in the partition, and none has been counted for long. */
  #isBehind(partition: number, { low, high }: Watermarks): boolean {
    const { bookkeeping, lines } = this.#options.view.partition(partition);
    // Totals without bookkeeping come from another program, so what they contain is unknown.
    if (!bookkeeping && lines > 0n) return false;
    const next = Math.max(low, bookkeeping?.inputOffset ?? low);
    const now = momentOf(this.#options.clock);
    const last = this.#marks.get(partition);
    const isEmpty = last?.looked?.high === high && !last.looked.waits && !last.held;
    this.#lateness.note(partition, { next, high }, { asked: now, isEmpty });
    if (high <= next) {
      this.#marks.set(partition, { ...fresh, next, behindAt: now, countedAt: now });
      return false;
    }
    if (last?.next !== next) {
      this.#marks.set(partition, { ...fresh, next, behindAt: now, countedAt: last?.countedAt });
      return false;
    }
    // Nothing but markers of transactions waits: the next sale has its own time.
    if (isEmpty) this.#marks.set(partition, { ...last, behindAt: now });
    const { commitIntervalMs } = this.#options;
    return !isEmpty && now.at - last.behindAt.at >= commitIntervalMs + UNCOUNTED_MS_MAX;
  }

  /** Reads, because the last offsets can be markers of producers' transactions. */
  async #look(behind: ReadonlyMap<number, Watermarks>): Promise<void> {
    const open = new Map<number, Mark>();
    for (const [partition, { high }] of behind) {
      const mark = this.#marks.get(partition);
      if (!mark || mark.looked?.waits || mark.looked?.high === high) continue;
      open.set(partition, mark);
    }
    if (open.size === 0) return;
    const from = new Map([...open].map(([id, { next }]) => [id, next]));
    const found = await lookForRecords(from, this.#options);
    for (const [id, mark] of open) {
      const [waits, high] = [found.get(id), behind.get(id)?.high ?? 0];
      // The next probe looks again. Who gets no answer twice has the trouble of the aggregator.
      mark.looked = waits === undefined ? undefined : { high, waits };
      mark.silences = waits === undefined ? mark.silences + 1 : 0;
    }
  }

  /** When the partition was last counted to its end, else when its bookkeeping last moved. */
  #since(partition: number): number {
    const mark = this.#marks.get(partition);
    const { bookkeeping } = this.#options.view.partition(partition);
    const countedAt = mark?.countedAt?.date.getTime() ?? 0;
    return Math.max(countedAt, bookkeeping?.writtenAt ?? 0) || (mark?.behindAt.date.getTime() ?? 0);
  }

  /** Forgets all marks, because nothing can be counted while Kafka is away. */
  #forget(): void {
    this.#marks.clear();
    this.#lateness.clear();
    this.#tell(undefined);
    this.#strangers = [];
  }
}
