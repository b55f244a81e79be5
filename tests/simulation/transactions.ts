/**
 * The transaction coordinator: producers, their epochs, and transactions in two phases (KIP-98), as
 * a client without the second part of KIP-890 meets them: the epoch stays from one transaction to
 * the next.
 *
 * Unlike Kafka's: a transaction that lasts too long ends at once, not at the next look every 10 s;
 * every partition refuses a fenced producer at once, not when it has the marker of the new epoch
 * (what is written meanwhile is aborted); an outcome stands as soon as it is decided. Like Kafka
 * 4.3.1 it can lose markers of a transaction that runs out of time: that for its offsets, and with
 * it those for its records on some of the partitions.
 */

import type { OutgoingRecord } from "../../src/kafka/kafka.ts";
import type { GroupCoordinator, Member } from "./group.ts";
import type { PartitionLog } from "./log.ts";
import { BrokerError } from "./network.ts";
import type { World } from "./world.ts";

/** Who a producer says it is. The epoch stays the same from one transaction to the next. */
export interface Identity {
  id: number;
  epoch: number;
}

type State = "empty" | "ongoing" | "committing" | "aborting" | "committed" | "aborted";

interface ProducerState {
  readonly id: number;
  epoch: number;
  state: State;
  /** Counts transactions, so that a time-out ends only the one that it was set for. */
  transaction: number;
  partitions: Set<PartitionLog>;
  sendsOffsets: boolean;
  /** The group of the offsets that it sent last. */
  group: GroupCoordinator;
  /** Offsets are pending that no marker has ended. */
  hasLostMarker: boolean;
  /** Partitions with records that no marker has ended. */
  unmarked: Set<PartitionLog>;
  /** Next sequence of each partition. */
  sequences: Map<PartitionLog, number>;
  /** Where the last batch of each partition stands, and which it was. */
  batches: Map<PartitionLog, { sequence: number; first: number }>;
}

/**
 * What Kafka promises never to do: to lose, of a transaction that is committed, its offsets, its
 * totals, or one of its products; and to deliver a record a second time.
 */
const PROMISES = ["offsets", "totals", "product", "delivery"] as const;
/** And what happens to logs without breaking a promise: they are cut, or other ones. */
export const BREACHES = [...PROMISES, "cut", "anew"] as const;
export type Breach = (typeof BREACHES)[number];
/** How the aggregator must say that it noticed. */
export const NOTICED: Record<Breach, RegExp> = {
  // The totals are whole.
  offsets: /^Partition \d+ goes on at offset/,
  totals: /^Partition \d+ goes on at offset|^Cannot aggregate partition/,
  product: /^Cannot aggregate partition \d+: \S+ holds totals of/,
  // By the fold, or on a restore.
  delivery: /^Cannot aggregate partition|failed: Error: Cannot fold partition/,
  cut: /^Cannot aggregate partition \d+: the log of the input topic/,
  anew: /^Cannot aggregate partition \d+: the input topic \S+ was deleted and created again/,
};

const TRANSACTION_MS_MAX = 400;

export class TransactionCoordinator {
  /** Called when a transaction has ended everywhere, with the partitions that it wrote. */
  onEnd: (partitions: ReadonlySet<PartitionLog>) => void = () => {};
  /** Befalls the next transaction that commits offsets, and has what can be lost. */
  breach: Breach | undefined;
  /** A record that its reader gets again; the breach is complete when that is committed. */
  redelivered: { partition: number; offset: number } | undefined;
  readonly #world: World;
  readonly #group: GroupCoordinator;
  readonly #producers = new Map<string, ProducerState>();
  readonly #byId: ProducerState[] = [];

  constructor(world: World, group: GroupCoordinator) {
    this.#world = world;
    this.#group = group;
  }

  /** InitProducerId: fences the predecessors and ends what they left open. */
  init(transactionalId: string): Identity {
    let producer = this.#producers.get(transactionalId);
    if (!producer) {
      producer = {
        id: this.#byId.length,
        epoch: -1,
        state: "empty",
        transaction: 0,
        partitions: new Set(),
        sendsOffsets: false,
        group: this.#group,
        hasLostMarker: false,
        unmarked: new Set(),
        sequences: new Map(),
        batches: new Map(),
      };
      this.#producers.set(transactionalId, producer);
      this.#byId.push(producer);
    }
    if (producer.state === "ongoing") {
      this.#world.met.add("aborted by a successor");
      producer.epoch++;
      this.#prepare(producer, "aborting");
    }
    this.#notEnding(producer);
    producer.epoch++;
    producer.state = "empty";
    producer.sequences.clear();
    producer.batches.clear();
    return { id: producer.id, epoch: producer.epoch };
  }

  addPartition(identity: Identity, log: PartitionLog): void {
    this.#begun(identity).partitions.add(log);
  }

  addOffsets(identity: Identity): void {
    this.#begun(identity).sendsOffsets = true;
  }

  /**
   * Appends a batch once, however often the request arrives, and returns where it stands; below 0
   * when that is forgotten.
   */
  produce(
    identity: Identity,
    log: PartitionLog,
    { records, sequence }: { records: readonly OutgoingRecord[]; sequence: number },
  ): number {
    const producer = this.#current(identity);
    // Brokers verify with the coordinator that the partition is in the transaction (KIP-890).
    if (producer.state !== "ongoing" || !producer.partitions.has(log)) {
      throw new BrokerError("INVALID_TXN_STATE");
    }
    const expected = producer.sequences.get(log) ?? 0;
    if (sequence < expected) {
      const last = producer.batches.get(log);
      return last?.sequence === sequence ? last.first : -1;
    }
    if (sequence > expected) throw new BrokerError("OUT_OF_ORDER_SEQUENCE_NUMBER");
    producer.sequences.set(log, expected + records.length);
    const first = log.append(records, producer.id);
    producer.batches.set(log, { sequence, first });
    this.#world.logsChanged();
    return first;
  }

  commitOffsets(
    identity: Identity,
    { group, ...member }: Member & { group: GroupCoordinator },
    positions: readonly { partition: number; offset: number }[],
  ): void {
    const producer = this.#current(identity);
    if (producer.state !== "ongoing" || !producer.sendsOffsets) {
      throw new BrokerError("INVALID_TXN_STATE");
    }
    producer.group = group;
    group.commitPending(producer.id, member, positions);
  }

  /**
   * EndTxn. Whichever transaction of this epoch is open is ended: a request that is late ends one
   * that it was not meant for (librdkafka lacks the second part of KIP-890).
   */
  end(identity: Identity, commit: boolean): void {
    const producer = this.#current(identity);
    if (producer.state === (commit ? "committed" : "aborted")) return;
    const isContrary = producer.state === (commit ? "aborting" : "committing");
    // Kafka says the former while it writes its state down, and the latter between.
    if (!isContrary || this.#world.random.chance(0.5)) this.#notEnding(producer);
    if (producer.state !== "ongoing") throw new BrokerError("INVALID_TXN_STATE");
    this.#world.met.add(commit ? "committed" : "aborted by its producer");
    this.#prepare(producer, commit ? "committing" : "aborting");
  }

  #begun(identity: Identity): ProducerState {
    const producer = this.#current(identity);
    this.#notEnding(producer);
    if (producer.state === "ongoing") return producer;
    producer.state = "ongoing";
    producer.partitions = new Set();
    producer.sendsOffsets = false;
    const transaction = ++producer.transaction;
    this.#world.time.later(TRANSACTION_MS_MAX, () => {
      if (producer.transaction !== transaction || producer.state !== "ongoing") return;
      this.#world.met.add("aborted by its time-out");
      producer.epoch++;
      const losesMarker = producer.sendsOffsets && this.#world.faults.happens("losesMarker");
      this.#prepare(producer, "aborting", { losesMarker });
    });
    return producer;
  }

  #current({ id, epoch }: Identity): ProducerState {
    const producer = this.#byId[id] as ProducerState;
    if (epoch !== producer.epoch) throw new BrokerError("INVALID_PRODUCER_EPOCH");
    return producer;
  }

  #notEnding({ state }: ProducerState): void {
    if (state === "committing" || state === "aborting") {
      throw new BrokerError("CONCURRENT_TRANSACTIONS");
    }
  }

  /**
   * The outcome is decided here; each partition and the offsets hear of it at times of their own.
   */
  #prepare(
    producer: ProducerState,
    state: "committing" | "aborting",
    { losesMarker = false } = {},
  ): void {
    producer.state = state;
    const { time, faults, random, met } = this.#world;
    const outcome = state === "committing" ? "committed" : "aborted";
    this.#world.trace(outcome, producer.id);
    const breach = outcome === "committed" && producer.sendsOffsets ? this.breach : undefined;
    if (breach === "offsets" || breach === "totals") this.breach = undefined;
    if (breach === "delivery" && this.#commitsRedelivered(producer)) this.breach = undefined;
    const ofTotals = breach === "totals" ? "aborted" : outcome;
    const ofOffsets = breach === "offsets" ? "aborted" : outcome;
    const marked = [...producer.partitions].filter(() => !losesMarker || random.chance(0.7));
    for (const log of producer.partitions) {
      const isMarked = marked.includes(log);
      if (isMarked && producer.unmarked.delete(log)) met.add("a lost marker of records made good");
      else if (!isMarked && log.isOpenFor(producer.id)) producer.unmarked.add(log);
    }
    const markers = marked.map((log) => () => {
      log.end(producer.id, ofTotals);
      if (breach === "product" && log.lose()) this.breach = undefined;
    });
    if (losesMarker) producer.hasLostMarker = true;
    else if (producer.sendsOffsets) {
      if (producer.hasLostMarker) this.#world.met.add("a lost marker made good");
      producer.hasLostMarker = false;
      const { group } = producer;
      markers.push(() => group.end(producer.id, ofOffsets));
    }
    let left = markers.length;
    const ended = () => {
      producer.state = outcome;
      this.onEnd(producer.partitions);
    };
    if (left === 0) ended();
    for (const write of markers) {
      time.later(faults.markerMs(), () => {
        write();
        if (--left === 0) ended();
        this.#world.logsChanged();
      });
    }
  }

  /** Later records of the partition come behind the one that came twice. */
  #commitsRedelivered({ id }: ProducerState): boolean {
    if (!this.redelivered) return false;
    const { partition, offset } = this.redelivered;
    return (this.#group.pendingOffset(id, partition) ?? 0) > offset + 1;
  }
}
