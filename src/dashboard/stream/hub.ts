/**
 * The hub: every open page is a subscriber, and one frame is encoded once for each look and sent
 * to all who share it as the same bytes.
 *
 * The hub never waits. A subscriber whose queue is full is behind: it gets no frames, and once it
 * has read its queue, it gets a snapshot instead. So a page on a bad line costs one queue of shared
 * frames, and never delays another page.
 */

import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Look } from "../look/look.ts";
import { encodeComment, encodeMessage } from "./sse.ts";
import { type OpenStream, type Outlet, openStream } from "./stream.ts";

/** A subscriber that is behind for longer is taken for dead. */
const STALLED_MS_MAX = 30_000;

/** Different looks. Each frame is encoded once for each of them. */
const LOOK_KEYS_MAX = 100;

const hello = encodeComment("ok");

interface Subscriber {
  readonly look: Look;
  readonly outlet: Outlet;
  /** False ends the stream. */
  readonly isLetIn: (() => boolean) | undefined;
  /** Since when its queue is full, by `Clock.now`; undefined = there is room. */
  fullSince: number | undefined;
  /** It has missed frames. */
  isBehind: boolean;
}

export interface HubOptions {
  /** The last published state as a frame. */
  snapshot: (look: Look) => Uint8Array;
  /** Data of the `hb` message, for pages of the same board. */
  heartbeat: (board: Pick<Look, "by">) => string;
  clock: Pick<Clock, "now">;
  log: Log;
  /** The most open streams. */
  streamsMax: number;
}

export class Hub {
  readonly #options: HubOptions;
  readonly #subscribers = new Set<Subscriber>();
  /** The number of subscribers by look key. */
  readonly #looks = new Map<string, number>();
  /** Snapshots by look, because thousands of pages may reconnect at once. */
  readonly #snapshots = new Map<string, Uint8Array>();
  #closed = false;
  #resynced = 0;
  #dropped = 0;
  #refused = 0;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  /** Open streams now; subscribers resynced by a snapshot, dropped and refused so far. */
  get stats(): { streams: number; resynced: number; dropped: number; refused: number } {
    return {
      streams: this.#subscribers.size,
      resynced: this.#resynced,
      dropped: this.#dropped,
      refused: this.#refused,
    };
  }

  /**
   * Opens a stream: first a comment (Firefox hands a stream over with its first byte), then the
   * snapshot, then all later frames. The stream opens in one step, so that nothing is published in
   * between. Undefined if there are too many streams, or after `close`. `isLetIn` is asked with
   * each heartbeat; the stream ends when its reader is not let in any more.
   */
  subscribe(
    look: Look,
    open: OpenStream = openStream,
    isLetIn?: () => boolean,
  ): ReadableStream<Uint8Array> | undefined {
    if (this.#closed) return undefined;
    if (this.#subscribers.size >= this.#options.streamsMax || this.#isOneTooMany(look)) {
      this.#refuse();
      return undefined;
    }
    let subscriber: Subscriber | undefined;
    return open({
      onOpen: (outlet) => {
        subscriber = { look, outlet, isLetIn, fullSince: undefined, isBehind: false };
        this.#add(subscriber);
        this.#send(subscriber, hello);
        this.#send(subscriber, this.#heartbeat(look));
        this.#send(subscriber, this.#snapshot(look));
        if (this.#closed) this.#sayGoodbye(subscriber);
      },
      onRoom: () => subscriber && this.#catchUp(subscriber),
      onGone: () => subscriber && this.#remove(subscriber),
    });
  }

  /**
   * Sends a frame to all. `encode` runs once for each look that is in use; undefined = send
   * nothing. `removes`: the frame removes something, which a snapshot cannot say. Subscribers that
   * are behind are dropped, and start from nothing when they come back.
   */
  publish(encode: (look: Look) => Uint8Array | undefined, { removes = false } = {}): void {
    this.#snapshots.clear();
    const frames = new Map<string, Uint8Array | undefined>();
    for (const subscriber of this.#subscribers) {
      if (subscriber.fullSince !== undefined) {
        subscriber.isBehind = true;
        if (removes) this.#drop(subscriber, "missed a removal");
        continue;
      }
      const { look } = subscriber;
      if (!frames.has(look.key)) frames.set(look.key, encode(look));
      const frame = frames.get(look.key);
      if (frame) this.#send(subscriber, frame);
    }
  }

  /** Sends a heartbeat to all, and drops those that stopped reading. Call at least every 5 s. */
  beat(): void {
    const frames = new Map<string | undefined, Uint8Array>();
    const frameOf = ({ by }: Look) => {
      const frame = frames.get(by) ?? this.#heartbeat({ by });
      frames.set(by, frame);
      return frame;
    };
    const now = this.#options.clock.now();
    for (const subscriber of this.#subscribers) {
      const { fullSince, isLetIn, look } = subscriber;
      if (isLetIn && !isLetIn()) {
        if (fullSince === undefined) this.#sayGoodbye(subscriber);
        else this.#drop(subscriber, "was of a reader who is not let in any more");
      } else if (fullSince === undefined) this.#send(subscriber, frameOf(look));
      else if (now - fullSince > STALLED_MS_MAX) {
        this.#drop(subscriber, `read nothing for ${STALLED_MS_MAX} ms`);
      }
    }
  }

  /** Sends `bye` to all and ends their streams. Idempotent. */
  close(): void {
    this.#closed = true;
    for (const subscriber of this.#subscribers) this.#sayGoodbye(subscriber);
  }

  #send(subscriber: Subscriber, frame: Uint8Array): void {
    if (!subscriber.outlet.send(frame)) subscriber.fullSince ??= this.#options.clock.now();
  }

  /** There is room again: a subscriber that missed frames gets a snapshot. */
  #catchUp(subscriber: Subscriber): void {
    if (!this.#subscribers.has(subscriber)) return;
    subscriber.fullSince = undefined;
    if (!subscriber.isBehind) return;
    subscriber.isBehind = false;
    this.#resynced++;
    this.#send(subscriber, this.#snapshot(subscriber.look));
  }

  #isOneTooMany({ key }: Look): boolean {
    return this.#looks.size >= LOOK_KEYS_MAX && !this.#looks.has(key);
  }

  #add(subscriber: Subscriber): void {
    const { key } = subscriber.look;
    this.#subscribers.add(subscriber);
    this.#looks.set(key, (this.#looks.get(key) ?? 0) + 1);
  }

  /** Idempotent, because an ended stream may also report that its reader is gone. */
  #remove(subscriber: Subscriber): void {
    if (!this.#subscribers.delete(subscriber)) return;
    const { key } = subscriber.look;
    const left = (this.#looks.get(key) ?? 0) - 1;
    if (left > 0) this.#looks.set(key, left);
    else this.#looks.delete(key);
  }

  #refuse(): void {
    const { log, streamsMax } = this.#options;
    const message = "A stream was refused because all are in use; further ones are only counted.";
    if (this.#refused++ === 0) log.warning(message, { streamsMax });
  }

  #sayGoodbye(subscriber: Subscriber): void {
    this.#remove(subscriber);
    subscriber.outlet.send(encodeMessage({ event: "bye", data: "{}" }));
    subscriber.outlet.end();
  }

  #drop(subscriber: Subscriber, reason: string): void {
    this.#remove(subscriber);
    this.#dropped++;
    this.#options.log.info("A stream was dropped.", { reason });
    // An orderly end would wait for a queue that never drains.
    subscriber.outlet.abort(new Error(`The stream ${reason}.`));
  }

  #snapshot(look: Look): Uint8Array {
    let snapshot = this.#snapshots.get(look.key);
    if (!snapshot) {
      snapshot = this.#options.snapshot(look);
      // Without sales nothing is published, and each address that somebody opens adds a look.
      this.#snapshots.set(look.key, snapshot);
      const [oldest] = this.#snapshots.keys();
      if (this.#snapshots.size > LOOK_KEYS_MAX && oldest !== undefined)
        this.#snapshots.delete(oldest);
    }
    return snapshot;
  }

  #heartbeat(board: Pick<Look, "by">): Uint8Array {
    return encodeMessage({ event: "hb", data: this.#options.heartbeat(board) });
  }
}
