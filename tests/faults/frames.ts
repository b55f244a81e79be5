/** Just enough of Kafka's protocol to stop at a named point: whose frame it is, and where it ends. */

/** Numbers of the protocol's requests. */
export const API = { produce: 0, fetch: 1, txnOffsetCommit: 28, endTxn: 26 } as const;

export interface Frame {
  direction: "request" | "answer";
  /** The request's number, of an answer too; -1 for an answer that nobody asked for. */
  api: number;
  correlationId: number;
  /** Number of the connection that it travels on. */
  connection: number;
  /** All of it, with the length in front. */
  bytes: Buffer;
}

const LENGTH_BYTES = 4;

/** Cuts one direction of a connection into frames, however its bytes arrive. */
export class FrameSplitter {
  #rest: Buffer = Buffer.alloc(0);

  *push(chunk: Buffer): Generator<Buffer> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.#rest.readInt32BE(0);
      if (this.#rest.length < end) return;
      yield this.#rest.subarray(0, end);
      this.#rest = this.#rest.subarray(end);
    }
  }
}

/** Names the frames of one connection: an answer by the request that it belongs to. */
export class FrameNamer {
  readonly connection: number;
  readonly #asked = new Map<number, number>();

  constructor(connection: number) {
    this.connection = connection;
  }

  request(bytes: Buffer): Frame {
    const api = bytes.readInt16BE(LENGTH_BYTES);
    const correlationId = bytes.readInt32BE(LENGTH_BYTES + 4);
    this.#asked.set(correlationId, api);
    return { direction: "request", api, correlationId, connection: this.connection, bytes };
  }

  answer(bytes: Buffer): Frame {
    const correlationId = bytes.readInt32BE(LENGTH_BYTES);
    const api = this.#asked.get(correlationId) ?? -1;
    this.#asked.delete(correlationId);
    return { direction: "answer", api, correlationId, connection: this.connection, bytes };
  }
}

export const isRequest = (api: number) => (frame: Frame) =>
  frame.direction === "request" && frame.api === api;

export const isAnswer = (api: number) => (frame: Frame) =>
  frame.direction === "answer" && frame.api === api;

/**
 * The error code in an answer to EndTxn (version 0 to 2) or TxnOffsetCommit (version 3, the last
 * partition's), as librdkafka asks for them; 0 is success.
 */
export function errorIn({ api, bytes }: Frame): number {
  // Behind length, correlation id and throttle time; or before the code of the end of three lists.
  return bytes.readInt16BE(api === API.endTxn ? LENGTH_BYTES + 8 : bytes.length - 5);
}
