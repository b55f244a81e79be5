/**
 * Reads the latest records of a topic on request, within bounds, with a separate reader, so that
 * the live numbers never wait.
 */

import type { Kafka } from "../../kafka/kafka.ts";
import { pause } from "../../lib/wait.ts";
import {
  BusyError,
  byTime,
  type Latest,
  Reading,
  type RecordSearch,
  type StoredRecord,
} from "./reading.ts";

export {
  BusyError,
  dateOf,
  type Latest,
  type RecordSearch,
  recordAt,
  type StoredRecord,
} from "./reading.ts";

/** Readings at a time. A further request is told to try again. */
const READINGS_MAX = 2;
/** The longest time of one, from the moment at which the ends of the partitions are known. */
const READ_MS_MAX = 1_500;
/** The least time for each of several topics. */
const SHARE_MS_MIN = 500;
/** A command has nobody who waits for a page. */
export const COMMAND_READ_MS_MAX = 8_000;
/** An answer may come so long after the time to read. Then the clients are closed. */
const CLOSING_MS_MAX = 1_500;
/** How long `end` waits for closing clients, because the role has 4 s for its stop. */
const END_MS_MAX = 2_000;

export class Records {
  readonly #kafka: Kafka;
  readonly #signal: AbortSignal;
  readonly #readMsMax: number;
  readonly #open = new Set<Promise<void>>();

  /** When `signal` is aborted, readings end early. `readMsMax`: the longest time of one. */
  constructor(kafka: Kafka, signal: AbortSignal, readMsMax = READ_MS_MAX) {
    this.#kafka = kafka;
    this.#signal = signal;
    this.#readMsMax = readMsMax;
  }

  /**
   * The latest records of all searches, one of each topic, which share the time and the place of
   * one. They are made one after the other.
   * @throws BusyError @throws KafkaError when a topic may not be read
   */
  async latest<T extends StoredRecord>(
    first: RecordSearch<T>,
    ...others: readonly RecordSearch<T>[]
  ): Promise<Latest<T>> {
    if (this.#open.size >= READINGS_MAX) {
      throw new BusyError(`${READINGS_MAX} other requests are searching Kafka at the moment.`);
    }
    const closings: Promise<void>[] = [];
    const answer = this.#searchAll([first, ...others], closings);
    const over = Promise.allSettled([answer]).then(() => Promise.all(closings));
    const place = over.then(() => void this.#open.delete(place));
    this.#open.add(place);
    return answer;
  }

  /** `closings`: of the clients of each search. */
  async #searchAll<T extends StoredRecord>(
    wishes: readonly [RecordSearch<T>, ...RecordSearch<T>[]],
    closings: Promise<void>[],
  ): Promise<Latest<T>> {
    const [first] = wishes;
    if (wishes.length === 1) return this.#search(first, this.#readMsMax, closings);
    const found: (readonly [topic: string, Latest<T>])[] = [];
    const share = Math.max(SHARE_MS_MIN, this.#readMsMax / wishes.length);
    for (const wish of wishes) {
      found.push([wish.topic, await this.#search(wish, share, closings)]);
    }
    return joined(found, first.count);
  }

  async #search<T extends StoredRecord>(
    wish: RecordSearch<T>,
    msMax: number,
    closings: Promise<void>[],
  ): Promise<Latest<T>> {
    const admin = this.#kafka.admin();
    const reader = this.#kafka.reader({ topic: wish.topic });
    const reading = new Reading(wish, admin, reader, this.#signal).run(msMax);
    const settled = Promise.allSettled([reading]).then(() => {});
    const over = pause(msMax + CLOSING_MS_MAX, this.#signal, settled);
    // Also while it reads: its calls would be repeated for minutes, and hold the place of others.
    const closing = over.then(() => Promise.allSettled([settled, reader.close(), admin.close()]));
    closings.push(closing.then(() => {}));
    const latest = await Promise.race([reading, over.then(() => undefined)]);
    if (!latest) throw new BusyError("Kafka does not answer.");
    return latest;
  }

  /** Resolves when all clients are closed, or after 2 s. The thread ends any others. */
  async end(): Promise<void> {
    const closed = Promise.all(this.#open).then(() => {});
    await pause(END_MS_MAX, new AbortController().signal, closed);
  }
}

/** The latest of several topics. What is older than `since` is not known of all. */
function joined<T extends StoredRecord>(
  found: readonly (readonly [topic: string, Latest<T>])[],
  count: number,
): Latest<T> {
  const all = found.flatMap(([topic, { records }]) => records.map((each) => ({ ...each, topic })));
  const records = all.sort(byTime).slice(0, count);
  const latest = found.map(([, each]) => each);
  const cut = latest.flatMap(({ isAll, since }) => (isAll ? [] : (since ?? [])));
  const starts = latest.flatMap(({ since }) => since ?? []);
  return {
    records,
    at: Math.max(...latest.map(({ at }) => at)),
    looked: latest.reduce((sum, { looked }) => sum + looked, 0),
    since: cut.length > 0 ? Math.max(...cut) : starts.length > 0 ? Math.min(...starts) : undefined,
    isAll: latest.every(({ isAll }) => isAll) && records.length === all.length,
  };
}
