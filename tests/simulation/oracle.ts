/** What the totals must be: the sales as they were sent, folded by code of its own. */

import { type BoardTopic, boardTopics, type Config } from "../../src/config/config.ts";
import type { OutgoingRecord } from "../../src/kafka/kafka.ts";
import { START_MS } from "./clock.ts";
import type { SimulatedCluster } from "./cluster.ts";
import { HistoryLedger } from "./history-ledger.ts";
import { Ledger, linesBy, type Sent } from "./ledger.ts";
import type { PartitionLog } from "./log.ts";
import { flatSaleOf, orderOf, type Times } from "./made-sales.ts";
import type { World } from "./world.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const DAY_MS = 24 * HOUR_MS;
/** Sales begin long before the clocks of the processes, and come closer. */
const FIRST_SALE_MS = START_MS - 200 * DAY_MS;
const encoder = new TextEncoder();

export interface Topics {
  inputTopic: string;
  /** What another deployment reads that has the same output topic. */
  secondInput: string | undefined;
  outputTopic: string;
  deadLetterTopic: string;
  historyTopic: string;
  /** Undefined: records are flat sales, else orders by `ORDER_RULES`. */
  mapping: Config["mapping"];
}

export class Oracle {
  readonly #world: World;
  readonly #cluster: SimulatedCluster;
  readonly #topics: Topics;
  /** Of each input topic, by partition, then offset. */
  readonly #sent = new Map<string, Sent[][]>();
  /** From which input topic the first totals of a partition were counted. */
  readonly #inputs = new Map<number, string>();
  readonly #ledgers = new Map<number, Ledger>();
  readonly #histories = new Map<number, HistoryLedger>();
  readonly #dimensions = new Map<PartitionLog, Ledger>();
  readonly #boards: readonly BoardTopic[];
  #soldAt = FIRST_SALE_MS;
  /** How many records each partition says it has skipped. */
  readonly #skipped = new Map<number, number>();

  constructor(world: World, cluster: SimulatedCluster, topics: Topics) {
    this.#world = world;
    this.#cluster = cluster;
    this.#topics = topics;
    this.#boards = boardTopics(topics);
  }

  /** Makes up the next record of the input topic, or of the second one. */
  send(): void {
    const { random, faults } = this.#world;
    const { inputTopic, secondInput } = this.#topics;
    const isSecond = secondInput !== undefined && random.chance(0.5);
    const log = random.pick(this.#cluster.topic(isSecond ? secondInput : inputTopic));
    const sent = this.#sentTo(log);
    const isPoison = faults.happens("poison");
    const times = this.#times();
    const isBy = this.#boards.length > 0;
    const made = this.#topics.mapping ? orderOf(random, times, isBy) : flatSaleOf(random, times);
    sent[log.high] = isPoison ? "poison" : made.lines;
    const where = `${log.partition}/${log.high}`;
    const value = isPoison ? this.#poison(where) : made.text;
    log.append([{ key: null, value: encoder.encode(value), timestamp: times.recordMs }]);
    this.#world.logsChanged();
  }

  #sentTo({ topic, partition }: Pick<PartitionLog, "topic" | "partition">): Sent[] {
    const all = this.#sent.get(topic) ?? [];
    this.#sent.set(topic, all);
    all[partition] ??= [];
    return all[partition];
  }

  /** Whose totals the partition holds for ever: of whoever committed there first. */
  inputOf(partition: number): string | undefined {
    const known = this.#inputs.get(partition);
    if (known !== undefined || this.#topics.secondInput === undefined) {
      return known ?? this.#topics.inputTopic;
    }
    const log = this.#cluster.log(this.#topics.outputTopic, partition);
    for (const { record, keyText } of log.read(0, Number.POSITIVE_INFINITY).entries) {
      if (keyText !== "\0bookkeeping" || !record?.value) continue;
      const { inputTopic } = JSON.parse(Buffer.from(record.value).toString());
      this.#inputs.set(partition, inputTopic);
      return inputTopic;
    }
    return undefined;
  }

  /** What is sent and committed of the input whose totals the partition holds. */
  #source(partition: number) {
    const topic = this.inputOf(partition) ?? this.#topics.inputTopic;
    const group = this.#cluster.groupOf(topic);
    const offset = group.offsets.get(partition) ?? 0;
    return { topic, group, offset, sent: this.#sentTo({ topic, partition }) };
  }

  /** What is no sale, and each unlike the others; of an order, one line is good. */
  #poison(where: string): string {
    if (!this.#topics.mapping) return `{"product":"${where}`;
    const line = { product: "Tea", quantity: 1, cents: 100, back: false, void: false };
    return JSON.stringify({ kind: "order", items: [line, { ...line, quantity: where }] });
  }

  /** Seconds apart, or after a pause of any length; late, without a time, or ahead of the clock. */
  #times(): Times {
    const { random } = this.#world;
    const span = () => random.pick([3 * SECOND_MS, 3 * SECOND_MS, 0.5 * HOUR_MS, 30 * HOUR_MS]);
    if (random.chance(0.7)) this.#soldAt += random.below(span());
    if (random.chance(0.03)) return { timestamp: undefined, recordMs: -1 };
    if (random.chance(0.03)) return { timestamp: undefined, recordMs: START_MS + DAY_MS };
    const recordMs = this.#soldAt;
    if (random.chance(0.6)) return { timestamp: undefined, recordMs };
    if (random.chance(0.05)) return { timestamp: -1 - random.below(9), recordMs };
    if (random.chance(0.1)) return { timestamp: recordMs + random.below(DAY_MS), recordMs };
    const lateMs = random.below(random.chance(0.2) ? 70 * DAY_MS : span());
    return { timestamp: recordMs - lateMs, recordMs };
  }

  /**
   * Retention removes some of a partition's input, also what the group has not read. Once for each
   * partition, so that the number of skipped records says which they were; and only of one that has
   * totals, for a group that starts later knows of no earlier record.
   */
  removeOldest(): void {
    const { random } = this.#world;
    const log = random.pick(this.#cluster.topic(this.#topics.inputTopic));
    const committed = this.#cluster.group.offsets.get(log.partition) ?? 0;
    if (log.low > 0 || committed === 0) return;
    log.truncate(committed + random.below(log.high - committed + 1));
    this.#world.trace("retention", log.partition, committed, log.low);
    this.#world.logsChanged();
  }

  /** Everything sent is in the committed totals. */
  get caughtUp(): boolean {
    return this.#cluster.topic(this.#topics.inputTopic).every(({ partition }) => {
      const { topic, offset } = this.#source(partition);
      return offset === this.#cluster.topic(topic)[partition]?.high;
    });
  }

  /** Compares what is committed in these logs: the output first, which says what was skipped. */
  check(logs: readonly PartitionLog[], options: { fromStart?: boolean } = {}): void {
    for (const log of logs) this.#checkOutput(log, options);
    for (const log of logs) this.#checkHistory(log, options);
    for (const log of logs) this.#checkDimension(log, options);
  }

  /**
   * Compares what is committed of a partition, unless something there is still undecided: all that
   * has changed since the last time, or `fromStart` everything, as a reader that begins now.
   */
  #checkOutput(log: PartitionLog, { fromStart = false } = {}): void {
    const { partition } = log;
    if (log.topic !== this.#topics.outputTopic || log.stable < log.high) return;
    const { group, offset, sent } = this.#source(partition);
    if (group.isPending(partition)) return;
    const known = fromStart ? undefined : this.#ledgers.get(partition);
    const ledger = known ?? new Ledger();
    this.#ledgers.set(partition, ledger);
    ledger.read(log);
    this.#noteSkipped(partition, ledger);
    ledger.fold(sent, offset);
    this.#tell(ledger, `partition ${partition} up to offset ${offset}`);
  }

  #tell(ledger: Ledger, where: string): void {
    for (const { key, is, must } of ledger.differences()) {
      const what = `${where}: ${key} is ${is ?? "missing"}`;
      this.#world.violate(`${what}, must be ${must ?? "missing"}`);
    }
  }

  /** As the output, of what is committed by a dimension: the same lines under other names. */
  #checkDimension(log: PartitionLog, { fromStart = false } = {}): void {
    const { topic, partition } = log;
    const board = this.#boards.find((one) => one.topic === topic);
    if (!board || log.stable < log.high) return;
    const output = this.#cluster.log(this.#topics.outputTopic, partition);
    if (output.stable < output.high) return;
    const { group, offset, sent } = this.#source(partition);
    if (group.isPending(partition)) return;
    const ledger = (fromStart ? undefined : this.#dimensions.get(log)) ?? new Ledger();
    this.#dimensions.set(log, ledger);
    ledger.read(log);
    ledger.fold(linesBy(board.name, sent, { from: ledger.folded, to: offset }), offset);
    this.#world.met.add("totals by a dimension");
    this.#tell(ledger, `by ${board.name}, partition ${partition} up to offset ${offset}`);
  }

  /** As the output, of what is committed of a partition's history. */
  #checkHistory(log: PartitionLog, { fromStart = false } = {}): void {
    const { partition } = log;
    if (log.topic !== this.#topics.historyTopic || log.stable < log.high) return;
    const { group, offset, sent } = this.#source(partition);
    // Which sales were skipped is known from the output alone.
    const output = this.#cluster.log(this.#topics.outputTopic, partition);
    if (output.stable < output.high || group.isPending(partition)) return;
    const known = fromStart ? undefined : this.#histories.get(partition);
    const ledger = known ?? new HistoryLedger();
    this.#histories.set(partition, ledger);
    ledger.read(log);
    ledger.fold(sent, offset);
    for (const ring of ledger.rings) this.#world.met.add(`history ${ring}`);
    for (const difference of ledger.differences(offset)) {
      this.#world.violate(`history of partition ${partition} up to ${offset}: ${difference}`);
    }
  }

  /** Records that are skipped are in no total, and no others than those that were removed. */
  #noteSkipped(partition: number, { skipped, folded }: Ledger): void {
    const noted = this.#skipped.get(partition) ?? 0;
    if (skipped === noted) return;
    this.#skipped.set(partition, skipped);
    this.#world.met.add("input skipped");
    const { topic, sent } = this.#source(partition);
    const { low } = this.#cluster.log(topic, partition);
    if (noted > 0 || low - skipped < folded) {
      const what = `partition ${partition} skips ${skipped} records before offset ${low}`;
      this.#world.violate(`${what}; it had skipped ${noted} and read up to offset ${folded}`);
    } else sent.fill("skipped", low - skipped, low);
  }

  /**
   * Each record that is no sale is one dead letter, if its offset is committed, and else none. The
   * letters of a dead instance can stay undecided for ever, because nobody waits for them.
   */
  checkDeadLetters(): void {
    const counts = new Map<string, number>();
    for (const log of this.#cluster.topic(this.#topics.deadLetterTopic)) {
      for (const { record } of log.committed()) {
        const where = `${header(record, "source.partition")}/${header(record, "source.offset")}`;
        counts.set(where, (counts.get(where) ?? 0) + 1);
        const value = record?.value ? Buffer.from(record.value).toString() : "";
        if (value !== this.#poison(where)) this.#world.violate(`dead letter ${where} is ${value}`);
      }
    }
    for (const [partition, sent] of (this.#sent.get(this.#topics.inputTopic) ?? []).entries()) {
      const offset = this.#cluster.group.offsets.get(partition) ?? 0;
      for (const [at, each] of (sent ?? []).slice(0, offset).entries()) {
        const where = `${partition}/${at}`;
        const count = counts.get(where) ?? 0;
        if (count !== (each === "poison" ? 1 : 0))
          this.#world.violate(`${where} has ${count} dead letters`);
        counts.delete(where);
      }
    }
    for (const where of counts.keys()) {
      this.#world.violate(`${where} is a dead letter and not committed`);
    }
  }
}

function header(record: OutgoingRecord | undefined, name: string): string {
  const value = record?.headers?.find((each) => each.name === name)?.value;
  return value ? Buffer.from(value).toString() : "";
}
