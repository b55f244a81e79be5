/**
 * The port's consumer on the simulated cluster: a group member, or a reader on its own.
 *
 * Unlike librdkafka it fetches nothing ahead: what comes is what stands in the log at that moment.
 */

import type {
  Consumer,
  ConsumerEvent,
  KafkaError,
  Position,
  RecordBatch,
  SaleSums,
} from "../../src/kafka/kafka.ts";
import { sumUp } from "../support/sums.ts";
import type { SimulatedProcess } from "./clock.ts";
import type { SimulatedCluster } from "./cluster.ts";
import type { GroupCoordinator, Member } from "./group.ts";
import { Membership } from "./membership.ts";
import { cutAt, isOutOfRange, type Reading } from "./reading.ts";

const FETCH_RECORDS_MAX = 8;
/** Longer than a transaction can last, and its markers be late. */
const COMMITTED_MS_MAX = 1_500;
const LARGEST_RECORD_BYTES = 4_096;

export class SimulatedConsumer implements Consumer {
  readonly #process: SimulatedProcess;
  readonly #cluster: SimulatedCluster;
  readonly #topic: string;
  readonly #isMember: boolean;
  readonly #isUndecidedToo: boolean;
  readonly #assigned = new Map<number, Reading>();
  #membership: Membership | undefined;
  #ready: (() => void) | undefined;
  #isClosed = false;
  #isExpelled = false;
  /** Partitions that the group has given and not taken back, read or not. */
  readonly #given = new Set<number>();
  /** The member that they were given to: "" when that has ended by then; undefined without any. */
  #assignedAs: string | undefined;

  constructor(
    process: SimulatedProcess,
    cluster: SimulatedCluster,
    options: { topic: string; isMember: boolean; isUndecidedToo: boolean },
  ) {
    this.#process = process;
    this.#cluster = cluster;
    this.#topic = options.topic;
    this.#isMember = options.isMember;
    this.#isUndecidedToo = options.isUndecidedToo;
  }

  /** The group that it is a member of. */
  get group(): GroupCoordinator {
    return this.#cluster.groupOf(this.#topic);
  }

  get member(): Member {
    return this.#membership?.member ?? { id: "", generation: -1 };
  }

  /** What offsets are sent with. @throws KafkaError when the partitions are another member's */
  metadata(): Member {
    if (this.#isAnotherMember) this.#isExpelled = true;
    if (this.#isExpelled) throw this.#lost("abort");
    return { ...this.member };
  }

  /**
   * librdkafka can lose its session while it waits for the answer to a rebalance, says nothing of
   * it, and joins again with what it believes to own. The addon notices when it sends offsets
   * (`Consumer::group_metadata`), and no poll succeeds after that.
   */
  get #isAnotherMember(): boolean {
    const { id } = this.member;
    const { keepsPartitions } = this.#cluster.world.faults;
    const isOther = this.#assignedAs !== undefined && id !== this.#assignedAs;
    return id !== "" && isOther && !keepsPartitions;
  }

  #lost(verdict: "abort" | "fatal"): KafkaError {
    const message = "The consumer has become another member of its group";
    this.#cluster.world.met.add("another member");
    return this.#cluster.error(message, { code: "_ASSIGNMENT_LOST", verdict });
  }

  async poll(batch: RecordBatch, waitMs: number, sums?: SaleSums): Promise<ConsumerEvent[]> {
    const events = await this.#poll(batch, waitMs);
    if (sums) {
      sumUp(batch, sums);
      for (let i = 0; i < sums.advances; i++) {
        const partition = sums.advancedPartitions[i] as number;
        sums.leaderEpochs[i] = this.#assigned.get(partition)?.epoch ?? -1;
      }
    }
    return events;
  }

  async #poll(batch: RecordBatch, waitMs: number): Promise<ConsumerEvent[]> {
    if (this.#isMember) {
      this.#membership ??= new Membership(this.#process, this.#cluster, {
        group: this.group,
        wake: () => this.#ready?.(),
      });
    }
    batch.clear();
    if (this.#isExpelled) throw this.#lost("fatal");
    await this.#process.sleep(this.#cluster.world.random.between(0.05, 0.5));
    if (!this.#hasNews()) await this.#news(waitMs);
    if (this.#isClosed) throw this.#cluster.closed("poll");
    const events = this.#membership?.events.splice(0) ?? [];
    for (const event of events) this.#noteGiven(event);
    if (this.#cluster.world.faults.happens("reportsError")) events.push(this.#trouble());
    // What was fetched before the event comes with it, or was discarded.
    if (events.length > 0 && this.#cluster.world.random.chance(0.5)) return events;
    for (const [partition, reading] of this.#assigned) {
      if (this.#fill(batch, partition, reading)) events.push(...this.#end(partition, reading));
    }
    return events;
  }

  #noteGiven(event: ConsumerEvent): void {
    if (event.type === "assigned") for (const id of event.partitions) this.#given.add(id);
    if (event.type === "revoked") for (const id of event.partitions) this.#given.delete(id);
  }

  async assign(positions: readonly Position[]): Promise<void> {
    await this.#local("assign");
    if (this.#given.size > 0) this.#assignedAs ??= this.member.id;
    for (const { partition, offset, epoch = -1 } of positions) {
      const log = this.#log(partition);
      this.#assigned.set(partition, { position: offset, epoch, log, endedAt: -1 });
    }
    this.#readsAgain(positions);
    this.#membership?.answered("assigned");
  }

  async unassign(partitions: readonly number[]): Promise<void> {
    await this.#process.sleep(this.#membership?.revocationMs ?? 0);
    await this.#local("unassign");
    for (const partition of partitions) this.#assigned.delete(partition);
    if (this.#given.size === 0) this.#assignedAs = undefined;
    this.#membership?.answered("revoked");
  }

  /** Only delays what comes, as many faults do. */
  rest(): void {}

  async seek(positions: readonly Position[]): Promise<void> {
    await this.#local("seek");
    for (const { partition, offset, epoch = -1 } of positions) {
      const reading = this.#assigned.get(partition);
      if (!reading) {
        throw this.#cluster.error(`Cannot seek: partition ${partition} is not assigned`, {
          code: "_STATE",
          verdict: "fatal",
        });
      }
      reading.position = offset;
      reading.epoch = epoch;
      reading.log = this.#log(partition);
      reading.endedAt = -1;
    }
    this.#readsAgain(positions);
  }

  /** What is read again in order is not delivered twice. */
  #readsAgain(positions: readonly Position[]): void {
    const { transactions } = this.#cluster;
    const again = positions.some(({ partition }) => {
      return partition === transactions.redelivered?.partition;
    });
    if (this.#isMember && again) transactions.redelivered = undefined;
  }

  async committed(partitions: readonly number[]) {
    const { world } = this.#cluster;
    const { group } = this;
    const serve = () => group.fetchOffsets(partitions);
    const giveUpAt = this.#process.now() + COMMITTED_MS_MAX;
    const until = () => this.#process.now() >= giveUpAt;
    const asking = this.#cluster.ask(this.#process, "OffsetFetch", serve, until);
    const answer = await asking.catch((error: unknown) => {
      if (!until()) throw error;
      const message = "The offsets are not decided";
      throw this.#cluster.error(message, { code: "_TIMED_OUT", verdict: "retry" });
    });
    if (!world.faults.forgetsOffsets()) return answer;
    return answer.map(({ partition }) => ({ partition, offset: null }));
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#ready?.();
    await this.#membership?.close();
  }

  async #local(what: string): Promise<void> {
    await this.#process.sleep(this.#cluster.world.random.between(0.01, 0.2));
    if (this.#isClosed) throw this.#cluster.closed(what);
  }

  #trouble(): ConsumerEvent {
    const verdict = this.#cluster.world.random.chance(0.5) ? "retry" : "fatal";
    const error = this.#cluster.error("All brokers are down", { code: "_TRANSPORT", verdict });
    return { type: "error", error };
  }

  #hasNews(): boolean {
    if (this.#isClosed || this.#membership?.events.length) return true;
    for (const [partition, reading] of this.#assigned) {
      if (reading.position < this.#readable(partition)) return true;
      if (this.#isOutOfRange(partition, reading)) return true;
      if (!this.#isMember && reading.endedAt !== reading.position) return true;
    }
    return false;
  }

  #news(waitMs: number): Promise<void> {
    const { world } = this.#cluster;
    return new Promise((resolve) => {
      const wake = () => {
        if (this.#hasNews()) this.#process.do(ready);
      };
      const ready = () => {
        this.#ready = undefined;
        world.forget(wake);
        resolve();
      };
      this.#ready = ready;
      world.onLogs(wake);
      this.#process.later(waitMs, ready);
    });
  }

  /** False when the batch is full or some fetch is still under way. */
  #fill(batch: RecordBatch, partition: number, reading: Reading): boolean {
    const log = this.#log(partition);
    const { random, faults } = this.#cluster.world;
    if (this.#isOutOfRange(partition, reading)) return true;
    if (!faults.healed && random.chance(0.1)) return false;
    const recordsMax = 1 + random.below(FETCH_RECORDS_MAX);
    const isUndecidedToo = this.#isUndecidedToo;
    const { entries, position } = log.read(reading.position, recordsMax, { isUndecidedToo });
    for (const { offset, record, epoch } of entries) {
      const i = batch.count;
      if (!record || !batch.append({ ...record, partition })) {
        reading.position = offset;
        if (batch.count === 0) batch.grow(LARGEST_RECORD_BYTES);
        return false;
      }
      batch.offsets[i] = offset;
      reading.epoch = epoch;
    }
    reading.position = position;
    const last = entries.at(-1)?.offset;
    if (last !== undefined && this.#deliversTwice(partition, last)) reading.position = last;
    return true;
  }

  /** Only to the partition's owner: what others read is not committed. */
  #deliversTwice(partition: number, offset: number): boolean {
    const { transactions } = this.#cluster;
    const { group } = this;
    if (transactions.breach !== "delivery" || transactions.redelivered) return false;
    if (!this.#isMember || group.owner(partition) !== this.member.id) return false;
    transactions.redelivered = { partition, offset };
    return true;
  }

  *#end(partition: number, reading: Reading): Iterable<ConsumerEvent> {
    const stable = this.#readable(partition);
    if (this.#isOutOfRange(partition, reading)) {
      this.#cluster.world.met.add("a position out of range");
      const cut = cutAt(this.#log(partition), reading);
      yield { type: "outOfRange", partition, ...(cut !== undefined && { cutAt: cut }) };
      return;
    }
    if (this.#isMember || reading.position !== stable || reading.endedAt === stable) return;
    reading.endedAt = stable;
    yield { type: "end", partition, offset: stable };
  }

  #isOutOfRange(partition: number, reading: Reading): boolean {
    return isOutOfRange(this.#log(partition), reading);
  }

  /** How far the partition can be read. */
  #readable(partition: number): number {
    const { high, stable } = this.#log(partition);
    return this.#isUndecidedToo ? high : stable;
  }

  #log(partition: number) {
    return this.#cluster.log(this.#topic, partition);
  }
}
