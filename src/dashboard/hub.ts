/**
 * The hub: every open page is a subscriber, and one frame is encoded once for each locale and sent
 * to all as the same bytes.
 *
 * Nobody is waited for. A subscriber whose queue is full is behind: frames pass it by, and once it
 * has read what it has, it gets the state of that moment instead. So a page on a bad line costs one
 * queue of shared frames, and never delays another one.
 */

import type { Log } from "../log.ts";
import { encodeComment, encodeMessage } from "./sse.ts";

/** Frames waiting for a subscriber. They are shared by all, so this costs pointers, not copies. */
const QUEUED_BYTES_MAX = 256 * 1024;
/** A subscriber that stayed behind for so long reads nothing any more. */
const STALLED_MS_MAX = 30_000;
/** Open streams. */
export const STREAMS_MAX = 20_000;

interface Subscriber {
  readonly locale: string;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** Since when frames pass it by, epoch milliseconds; undefined = it has everything. */
  behindSince: number | undefined;
}

export interface HubOptions {
  /** The whole state as last published, in `locale`. */
  snapshot: (locale: string) => Uint8Array;
  /** Data of the `hb` message. */
  heartbeat: () => string;
  log: Log;
  streamsMax?: number;
}

export class Hub {
  readonly #options: HubOptions;
  readonly #streamsMax: number;
  readonly #subscribers = new Set<Subscriber>();
  /** Snapshots of the state as last published, by locale: thousands may come back at once. */
  readonly #snapshots = new Map<string, Uint8Array>();
  #closed = false;
  #resynced = 0;
  #dropped = 0;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#streamsMax = options.streamsMax ?? STREAMS_MAX;
  }

  /** Open streams now; subscribers that were sent a snapshot to catch up, or dropped, so far. */
  get stats(): { streams: number; resynced: number; dropped: number } {
    return { streams: this.#subscribers.size, resynced: this.#resynced, dropped: this.#dropped };
  }

  /**
   * A new stream: one comment at once (Firefox hands a stream over with its first byte), then the
   * snapshot, then what is published from now on. All of it happens before this returns, so that
   * nothing can be published in between. Undefined when there are too many streams, or at the end.
   */
  subscribe(locale: string): ReadableStream<Uint8Array> | undefined {
    if (this.#closed || this.#subscribers.size >= this.#streamsMax) return undefined;
    let subscriber: Subscriber;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          subscriber = { locale, controller, behindSince: undefined };
          this.#subscribers.add(subscriber);
          controller.enqueue(encodeComment("ok"));
          controller.enqueue(this.#heartbeat());
          controller.enqueue(this.#snapshot(locale));
        },
        pull: () => this.#catchUp(subscriber),
        cancel: () => {
          this.#subscribers.delete(subscriber);
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: QUEUED_BYTES_MAX }),
    );
  }

  /**
   * Sends a frame to all. `encode` runs once for each locale that somebody reads.
   * `removes`: the frame takes something away, which a snapshot cannot say. Whoever is behind is
   * sent off, and starts from nothing when it comes back.
   */
  publish(encode: (locale: string) => Uint8Array, { removes = false } = {}): void {
    this.#snapshots.clear();
    const frames = new Map<string, Uint8Array>();
    const now = Date.now();
    for (const subscriber of this.#subscribers) {
      if (!hasRoom(subscriber)) {
        subscriber.behindSince ??= now;
        if (removes) this.#drop(subscriber, "missed a removal");
        continue;
      }
      let frame = frames.get(subscriber.locale);
      if (!frame) {
        frame = encode(subscriber.locale);
        frames.set(subscriber.locale, frame);
      }
      subscriber.controller.enqueue(frame);
    }
  }

  /** Says "still here" to all, and drops those that no longer read. Call at least every 5 s. */
  beat(): void {
    const frame = this.#heartbeat();
    const now = Date.now();
    for (const subscriber of this.#subscribers) {
      if (hasRoom(subscriber)) {
        subscriber.controller.enqueue(frame);
        continue;
      }
      subscriber.behindSince ??= now;
      if (now - subscriber.behindSince > STALLED_MS_MAX) {
        this.#drop(subscriber, `read nothing for ${STALLED_MS_MAX} ms`);
      }
    }
  }

  /** Says `bye` to all and ends their streams. Idempotent. */
  close(): void {
    this.#closed = true;
    const bye = encodeMessage({ event: "bye", data: "{}" });
    for (const { controller } of this.#subscribers) {
      controller.enqueue(bye);
      controller.close();
    }
    this.#subscribers.clear();
  }

  /** The queue has room again: whoever missed frames gets all of it anew. */
  #catchUp(subscriber: Subscriber): void {
    if (subscriber.behindSince === undefined || !this.#subscribers.has(subscriber)) return;
    subscriber.behindSince = undefined;
    this.#resynced++;
    subscriber.controller.enqueue(this.#snapshot(subscriber.locale));
  }

  #drop(subscriber: Subscriber, reason: string): void {
    this.#subscribers.delete(subscriber);
    this.#dropped++;
    this.#options.log.info("A stream was dropped.", { reason });
    // An error, unlike a close, does not wait for the queue to drain, which it never would.
    subscriber.controller.error(new Error(`The stream ${reason}.`));
  }

  #snapshot(locale: string): Uint8Array {
    let snapshot = this.#snapshots.get(locale);
    if (!snapshot) {
      snapshot = this.#options.snapshot(locale);
      this.#snapshots.set(locale, snapshot);
    }
    return snapshot;
  }

  #heartbeat(): Uint8Array {
    return encodeMessage({ event: "hb", data: this.#options.heartbeat() });
  }
}

function hasRoom({ behindSince, controller }: Subscriber): boolean {
  return behindSince === undefined && (controller.desiredSize ?? 0) > 0;
}
