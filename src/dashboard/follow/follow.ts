/** Follows a topic from its start, and puts each committed record into a view. */

import {
  type Admin,
  type Consumer,
  type ConsumerEvent,
  type Kafka,
  KafkaError,
  ledPartitions,
  RecordBatch,
} from "../../kafka/kafka.ts";
import type { Clock } from "../../lib/clock.ts";
import { messageOf, UnreadableRecordError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { orAborted, pause } from "../../lib/wait.ts";
import { skippedSentence } from "../../wire/foreign-record.ts";
import type { Status } from "../model/status.ts";
import type { TopicView } from "../model/topic-view.ts";
import { Description } from "./description.ts";
import { Freshness, type ReadFailure } from "./freshness.ts";
import { Gathering } from "./gather.ts";
import { PROBE_INTERVAL_MS, Probes } from "./probes.ts";
import {
  aim,
  askBounds,
  type Bounds,
  heldProblem,
  isRestored,
  type PartitionProgress,
  REREADS_MAX,
  ReadProgress,
  startsOf,
} from "./progress.ts";

const POLL_WAIT_MS_MAX = 400;
const BATCH_RECORDS_MAX = 4_096;
const BATCH_BYTES_MAX = 1024 * 1024;
/** How often to look for a missing topic. */
const MISSING_TOPIC_POLL_MS = 500;
const RESTART_DELAY_MS_MIN = 200;
const RESTART_DELAY_MS_MAX = 5_000;

export interface FollowOptions {
  kafka: Kafka;
  topic: string;
  view: TopicView;
  clock: Clock;
  log: Log;
  /** The view or the status may have changed. */
  onChange: () => void;
  /** Aborted = stop. */
  signal: AbortSignal;
  /** How often to ask for the ends of the partitions. */
  probeMs?: number;
}

/** Reads one topic into a view until it is stopped. Survives every failure of Kafka. */
export class Follower {
  readonly #options: FollowOptions;
  readonly #partitions = new ReadProgress();
  readonly #batch = new RecordBatch({ recordsMax: BATCH_RECORDS_MAX, bytesMax: BATCH_BYTES_MAX });
  readonly #freshness: Freshness;
  readonly #description = new Description();
  readonly #gathering = new Gathering();
  #lag: number | undefined;
  /** Partitions to read again from the start before the next poll. */
  readonly #doubtful = new Set<number>();
  /** The reader has not failed since its last record, so its silence means no records. */
  #isReading = true;
  /** The last logged failure, because a lasting failure is logged once. */
  #failure: ReadFailure | undefined;
  #hasLoggedUnreadable = false;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#freshness = new Freshness({ ...options, partitions: this.#partitions });
  }

  get status(): Status {
    const { state, asOf } = this.#freshness;
    const notices = state === "stale" ? this.reasons : [];
    return { state, partitions: this.#partitions.size, lag: this.#lag, notices, asOf };
  }

  /** Why the view is not ready; empty when it is. */
  get reasons(): string[] {
    return this.#freshness.reasons(this.#failure);
  }

  /** Resolves after a stop, with the clients closed. @throws when no client can be created */
  async run(): Promise<void> {
    const { clock, kafka, topic, signal } = this.#options;
    let delayMs = RESTART_DELAY_MS_MIN;
    while (!signal.aborted) {
      const admin = kafka.admin();
      const reader = kafka.reader({ topic, stays: true });
      const startedAt = clock.now();
      const probes = new Probes({
        clock,
        ask: () => this.#probe(admin, reader),
        onFailure: (error) => this.#noteFailure(error),
      });
      try {
        await this.#follow(admin, reader, probes);
      } catch (error) {
        this.#doubt();
        this.#noteFailure(error);
      } finally {
        probes.end();
        await reader.close().catch((error) => this.#noteFailure(error));
        await admin.close().catch((error) => this.#noteFailure(error));
        // A probe ends soon after its clients. It must not touch the partitions of the next ones.
        if (probes.current) await orAborted(probes.current, signal);
      }
      if (clock.now() - startedAt > RESTART_DELAY_MS_MAX) delayMs = RESTART_DELAY_MS_MIN;
      await pause(delayMs, signal);
      delayMs = Math.min(delayMs * 2, RESTART_DELAY_MS_MAX);
    }
  }

  async #follow(admin: Admin, reader: Consumer, probes: Probes): Promise<void> {
    const { signal, probeMs = PROBE_INTERVAL_MS } = this.#options;
    // A new reader continues where the last one was. From the start it would show the past.
    if (this.#partitions.size > 0) await reader.assign(this.#partitions.positions);
    while (!signal.aborted) {
      const isMissing = this.#partitions.size === 0;
      // Not awaited, because a slow answer must delay neither records nor the stop.
      probes.request(isMissing ? MISSING_TOPIC_POLL_MS : probeMs);
      // Between two polls, so that no poll returns records from before the restart.
      if (this.#doubtful.size > 0) await this.#restart([...this.#doubtful], admin, reader);
      if (isMissing) await pause(MISSING_TOPIC_POLL_MS, signal, probes.current);
      else await this.#poll(admin, reader);
    }
  }

  async #poll(admin: Admin, reader: Consumer): Promise<void> {
    const batch = this.#batch;
    const gathering = this.#gathering;
    const { clock, view } = this.#options;
    const waitMs = gathering.waitMs(clock.now()) ?? POLL_WAIT_MS_MAX;
    const events = await reader.poll(batch, waitMs);
    for (let i = 0; i < batch.count; i++) this.#take(i);
    for (const event of events) await this.#handle(event, admin, reader);
    if (batch.count > 0 || events.some((event) => event.type === "end")) {
      this.#isReading = true;
      this.#noteAnswer();
    }
    const now = clock.now();
    for (const id of new Set(batch.partitions.subarray(0, batch.count))) {
      if (view.partition(id).isWhole) gathering.add(id, now);
    }
    if ((gathering.waitMs(now) ?? 0) > 0) return;
    gathering.end();
    this.#options.onChange();
  }

  #take(i: number): void {
    const { view, log, topic } = this.#options;
    const partition = this.#batch.partitions[i] as number;
    const offset = this.#batch.offsets[i] as number;
    try {
      const timestamp = this.#batch.timestamps[i] as number;
      view.apply(partition, this.#batch.key(i), this.#batch.value(i), timestamp);
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) throw error;
      const place = { topic, partition, offset };
      if (!this.#hasLoggedUnreadable) log.warning(skippedSentence(place, error), place);
      this.#hasLoggedUnreadable = true;
    }
    this.#advance(partition, offset + 1);
  }

  #advance(partition: number, position: number): void {
    const progress = this.#partitions.get(partition);
    if (!progress) return;
    const wasRestored = isRestored(progress);
    progress.position = position;
    progress.isAtEnd = false;
    if (!wasRestored && isRestored(progress)) this.#options.view.markCaughtUp(partition);
  }

  async #handle(event: ConsumerEvent, admin: Admin, reader: Consumer): Promise<void> {
    if (event.type === "error") {
      if (event.error.verdict === "fatal") throw event.error;
      this.#doubt();
      this.#noteFailure(event.error);
    } else if (event.type === "end") {
      const progress = this.#partitions.get(event.partition);
      if (!progress) return;
      this.#advance(event.partition, Math.max(progress.position, event.offset));
      progress.isAtEnd = true;
    } else if (event.type === "outOfRange" && this.#partitions.has(event.partition)) {
      await this.#restart([event.partition], admin, reader);
    }
  }

  /**
   * Reads partitions again from their start: retention removed the position, the log was truncated
   * or recreated, or the totals contradict their bookkeeping. The view keeps what it shows.
   */
  async #restart(partitions: readonly number[], admin: Admin, reader: Consumer): Promise<void> {
    const { clock, topic } = this.#options;
    const asked = await askBounds(admin, clock, { topic, partitions });
    for (const [partition, bounds] of asked) {
      this.#start(partition, bounds);
      this.#doubtful.delete(partition);
    }
    await reader.seek(startsOf(asked));
  }

  #start(partition: number, bounds: Bounds): void {
    const { view } = this.#options;
    this.#partitions.start(partition, bounds);
    view.restart(partition);
    if (bounds.low === bounds.high) view.markCaughtUp(partition);
  }

  /** Finds new partitions, measures the lag, and learns whether Kafka answers. */
  async #probe(admin: Admin, reader: Consumer): Promise<void> {
    const { clock, topic } = this.#options;
    const { topic: described, isNew } = await this.#description.of(topic, admin);
    if (isNew) this.#freshness.noteTopic(described);
    if (!described) return;
    await this.#forgetFrom(described.partitions, reader);
    const added = new Map<number, Bounds>();
    let lag = 0;
    const onSilence = (problem: string) => this.#freshness.noteSilence(problem);
    const asked = { topic, partitions: ledPartitions(described), onSilence };
    for (const [partition, bounds] of await askBounds(admin, clock, asked)) {
      const progress = this.#partitions.get(partition);
      if (progress) aim(progress, bounds);
      else added.set(partition, bounds);
      if (progress?.isAtEnd) this.#look(partition, progress);
      lag += Math.max(0, bounds.high - (progress?.position ?? bounds.low));
    }
    if (added.size > 0) await this.#assign(reader, added);
    const of = { topic, described, partitions: this.#partitions };
    this.#freshness.noteHeld(await heldProblem(admin, clock, of));
    this.#lag = lag;
    // After a failure of the reader an answer alone does not prove that we have everything.
    if (!this.#isReading && lag > 0) return;
    this.#noteAnswer();
    this.#options.onChange();
  }

  /** Checks a partition that is read to its end: it must be whole. */
  #look(partition: number, progress: PartitionProgress): void {
    if (this.#options.view.partition(partition).isWhole) progress.looks = 0;
    else if (++progress.looks < REREADS_MAX) this.#doubtful.add(partition);
  }

  /** Drops partitions from `count` on, because the topic was recreated with fewer. */
  async #forgetFrom(count: number, reader: Consumer): Promise<void> {
    const gone = [...this.#partitions.keys()].filter((partition) => partition >= count);
    if (gone.length === 0) return;
    await reader.unassign(gone);
    for (const partition of gone) {
      this.#partitions.delete(partition);
      this.#options.view.restart(partition);
      this.#options.view.markCaughtUp(partition);
    }
  }

  /** The reader failed. Until it reads again, only watermarks show whether records are missing. */
  #doubt(): void {
    this.#isReading = false;
    for (const progress of this.#partitions.values()) progress.isAtEnd = false;
  }

  async #assign(reader: Consumer, added: ReadonlyMap<number, Bounds>): Promise<void> {
    for (const [partition, bounds] of added) this.#start(partition, bounds);
    try {
      await reader.assign(startsOf(added));
    } catch (error) {
      // Nobody would read these partitions. The next probe finds them again.
      for (const partition of added.keys()) this.#partitions.delete(partition);
      throw error;
    }
  }

  #noteAnswer(): void {
    const { log, topic } = this.#options;
    if (this.#partitions.isAtEnd) this.#lag = 0;
    if (this.#freshness.noteAnswer()) {
      log.info("Caught up with the topic.", { topic, partitions: this.#partitions.size });
    }
    if (this.#failure !== undefined) log.info("Kafka answers again.");
    this.#failure = undefined;
  }

  #noteFailure(error: unknown): void {
    const { log, signal, topic } = this.#options;
    const message = messageOf(error);
    if (message === this.#failure?.message || signal.aborted) return;
    const code = error instanceof KafkaError ? error.code : undefined;
    log.warning("Cannot read the topic. Trying again.", { topic, code, reason: message });
    this.#failure = { message, code };
  }
}
