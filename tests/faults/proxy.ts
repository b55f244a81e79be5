/**
 * A TCP proxy in front of a broker that delays, cuts, half-closes and silences connections, and
 * that can stop at a named request or answer: no failpoint in the program that is tested.
 */

import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { type Frame, FrameNamer, FrameSplitter } from "./frames.ts";

const CHUNK_WAIT_MS_MAX = 5_000;

/** What is done with one frame. */
export interface Interception {
  fits(frame: Frame): boolean;
  /** Before it is delivered; what comes behind it on its connection waits too. */
  before?(frame: Frame): void | Promise<void>;
  /** Never delivered. */
  dropped?: boolean;
  /** When it has been handed to the other side's socket. */
  after?(frame: Frame): void;
}

/** How bytes travel. */
export interface Weather {
  /** So long a chunk is on its way; asked for each. At most 5 s. */
  delayMs?(): number;
  /** Nothing arrives before this is resolved, and then all of it does. */
  thaw?: Promise<void>;
  /** How many bytes of those left go out at once. */
  pieceBytes?(sent: number): number;
}

export class KafkaProxy {
  /** Of the broker's listener. */
  target = 0;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  #connections = 0;
  #interceptions: Interception[] = [];
  #weather: Weather = {};
  /** New connections are taken, and nothing travels. */
  #isHole = false;
  /** Connections that were ended or forgotten on purpose, and what met the weather. */
  struck = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (client: Socket) => this.#link(client));
  }

  /** Takes a free port. */
  static async listen(): Promise<KafkaProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.on("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    return new KafkaProxy(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get brokers(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Does this with each frame that fits, until the function that it returns is called. */
  intercept(interception: Interception): () => void {
    this.#interceptions.push(interception);
    return () => {
      this.#interceptions = this.#interceptions.filter((one) => one !== interception);
    };
  }

  /** Does this with the next frame that fits. Resolves when it has been done. */
  next({ fits, before, after, dropped = false }: Interception): Promise<Frame> {
    return new Promise((resolve) => {
      const end = this.intercept({
        fits: (frame) => {
          const isIt = fits(frame);
          if (isIt) end();
          return isIt;
        },
        before: async (frame) => {
          await before?.(frame);
          if (dropped) resolve(frame);
        },
        dropped,
        after: (frame) => {
          after?.(frame);
          resolve(frame);
        },
      });
    });
  }

  set weather(weather: Weather) {
    this.#weather = weather;
  }

  /** Ends all connections at once, both ways. */
  cut(): void {
    for (const link of this.#links) {
      this.struck++;
      link.destroy();
    }
  }

  /** Ends a connection for its client alone: what is held back of it can still be delivered. */
  hangUp(connection: number): void {
    for (const link of this.#links) {
      if (link.namer.connection === connection) link.client.destroy();
    }
  }

  /** Sends a FIN to one side of all connections; the other direction stays as it is. */
  halfClose(side: "client" | "broker"): void {
    for (const link of this.#links) {
      this.struck++;
      link[side].end();
    }
  }

  /**
   * Every connection stays open and never carries a byte again, as when a firewall has forgotten
   * it; new ones too, until `calm`.
   */
  swallow(): void {
    this.#isHole = true;
    for (const link of this.#links) {
      this.struck++;
      link.isForgotten = true;
    }
  }

  /** Good weather again, and nothing is intercepted any more. */
  calm(): void {
    this.#weather = {};
    this.#interceptions = [];
    this.#isHole = false;
  }

  close(): void {
    this.#server.close();
    for (const link of this.#links) link.destroy();
  }

  #link(client: Socket): void {
    const broker = connect({ port: this.target, host: "127.0.0.1", allowHalfOpen: true });
    broker.setNoDelay(true);
    const link = new Link(client, broker, this.#connections++);
    link.isForgotten = this.#isHole;
    if (link.isForgotten) this.struck++;
    this.#links.add(link);
    const { namer } = link;
    const ways = [
      this.#carry(link, { from: client, to: broker, named: (bytes) => namer.request(bytes) }),
      this.#carry(link, { from: broker, to: client, named: (bytes) => namer.answer(bytes) }),
    ];
    void Promise.all(ways).finally(() => {
      link.destroy();
      this.#links.delete(link);
    });
  }

  /** One direction of a connection, in order, to its end. */
  async #carry(
    link: Link,
    { from, to, named }: { from: Socket; to: Socket; named(bytes: Buffer): Frame },
  ): Promise<void> {
    const splitter = new FrameSplitter();
    try {
      // Reads no further than it has delivered, so that a slow reader slows its writer.
      for await (const chunk of from.iterator({ destroyOnReturn: false })) {
        await this.#travel();
        if (link.isForgotten) continue;
        for (const bytes of splitter.push(chunk)) await this.#pass(named(bytes), { link, to });
      }
    } catch {
      // It broke instead of ending: for the other side the end is the same.
    }
    // By a FIN and behind what was held back, also when who sent that is gone.
    to.end();
  }

  async #travel(): Promise<void> {
    const { delayMs, thaw } = this.#weather;
    if (!delayMs && !thaw) return;
    this.struck++;
    if (delayMs) await Bun.sleep(Math.min(delayMs(), CHUNK_WAIT_MS_MAX));
    await thaw;
  }

  async #pass(frame: Frame, { link, to }: { link: Link; to: Socket }): Promise<void> {
    const interceptions = this.#interceptions.filter(({ fits }) => fits(frame));
    for (const { before } of interceptions) await before?.(frame);
    if (link.isForgotten || interceptions.some(({ dropped }) => dropped)) return;
    await this.#write(to, frame.bytes);
    for (const { after } of interceptions) after?.(frame);
  }

  async #write(to: Socket, bytes: Buffer): Promise<void> {
    const { pieceBytes } = this.#weather;
    if (!pieceBytes) return written(to, bytes);
    this.struck++;
    for (let sent = 0; sent < bytes.length; ) {
      const end = Math.min(bytes.length, sent + Math.max(1, pieceBytes(sent)));
      await written(to, bytes.subarray(sent, end));
      // Else the pieces would travel as one.
      await new Promise((resolve) => setImmediate(resolve));
      sent = end;
    }
  }
}

/** A connection of a client, and the one to the broker that belongs to it. */
class Link {
  readonly client: Socket;
  readonly broker: Socket;
  readonly namer: FrameNamer;
  isForgotten = false;

  constructor(client: Socket, broker: Socket, connection: number) {
    this.client = client;
    this.broker = broker;
    this.namer = new FrameNamer(connection);
    // An error is followed by the end of the iteration, where it is looked at.
    for (const socket of [client, broker]) socket.on("error", () => {});
  }

  destroy(): void {
    this.client.destroy();
    this.broker.destroy();
  }
}

/** Waits until the system has taken the bytes; what is written to an ended socket is lost. */
function written(to: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (to.destroyed || to.writableEnded) resolve();
    else to.write(bytes, () => resolve());
  });
}
