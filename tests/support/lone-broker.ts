/** Just enough of a broker to be asked for metadata, and to answer what a test wants to be told. */

import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import { FrameSplitter } from "../faults/frames.ts";
import { waitFor } from "./wait.ts";

const API = { metadata: 3, saslHandshake: 17, apiVersions: 18, saslAuthenticate: 36 } as const;
const NO_ERROR = 0;
const REFUSED = 58;
const NO_LEADER = 5;
const NOBODY = -1;
const ID = 1;
/** So that a client is busy with them for a while. */
const TOPICS = 2_000;
/** With short names, librdkafka takes an answer for larger than it can be. */
const NAME_LENGTH = 100;
/** The length, the number and the version of the request stand before. */
const CORRELATION_AT = 8;

/** The only broker of its cluster. While it leaves, it says that nobody is there and leads. */
export class LoneBroker {
  isLeaving = false;
  /** While it leaves, it says that there are no topics either. */
  isEmpty = false;
  /** It refuses each login. */
  isRefusing = false;
  /** The logins that were tried. */
  logins = 0;
  /** By TLS: the handshakes that failed. */
  brokenHandshakes = 0;
  /** By TLS: the common name in the certificate of each client that connected. */
  readonly clients: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(tls: TlsOptions | undefined) {
    this.#server = tls
      ? createTlsServer(tls, (socket) => this.#greet(socket))
      : createServer((socket) => this.#serve(socket));
    this.#server.on("tlsClientError", () => this.brokenHandshakes++);
  }

  /** `tls`: speaks nothing else. */
  static async listen(tls?: TlsOptions): Promise<LoneBroker> {
    const broker = new LoneBroker(tls);
    broker.#server.listen(0, "127.0.0.1");
    await waitFor(() => broker.#server.listening, { what: "a broker to listen" });
    return broker;
  }

  get brokers(): string {
    return `127.0.0.1:${this.#port}`;
  }

  close(): void {
    this.#server.close();
    this.disconnect();
  }

  /** Ends all connections. Clients come back at once. */
  disconnect(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #greet(socket: TLSSocket): void {
    const { subject } = socket.getPeerCertificate();
    this.clients.push(String(subject?.CN));
    this.#serve(socket);
  }

  get #port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  #serve(socket: Socket): void {
    const splitter = new FrameSplitter();
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => {
      for (const request of splitter.push(bytes)) {
        const api = request.readInt16BE(4);
        const answer = new Answer().int32(request.readInt32BE(CORRELATION_AT));
        if (api === API.apiVersions) socket.write(versions(answer).framed());
        else if (api === API.metadata) socket.write(this.#metadata(answer).framed());
        else if (api === API.saslHandshake) socket.write(mechanisms(answer).framed());
        else if (api === API.saslAuthenticate) socket.write(this.#login(answer).framed());
        else socket.destroy();
      }
    });
  }

  #login(answer: Answer): Answer {
    this.logins++;
    return answer
      .int16(this.isRefusing ? REFUSED : NO_ERROR)
      .string("")
      .int32(0);
  }

  #metadata(answer: Answer): Answer {
    answer.int32(this.isLeaving ? 0 : 1);
    if (!this.isLeaving) answer.int32(ID).string("127.0.0.1").int32(this.#port).int16(-1);
    const topics = this.isEmpty ? 0 : TOPICS;
    answer.int32(this.isLeaving ? NOBODY : ID).int32(topics);
    for (let topic = 0; topic < topics; topic++) {
      answer.int16(NO_ERROR).string(`topic-${topic}`.padEnd(NAME_LENGTH, "-")).int8(0).int32(1);
      answer.int16(this.isLeaving ? NO_LEADER : NO_ERROR).int32(0);
      answer.int32(this.isLeaving ? NOBODY : ID);
      for (const _ of ["replicas", "in sync"]) answer.int32(1).int32(ID);
    }
    return answer;
  }
}

/** Version 3, whose arrays begin with their length plus one. */
function versions(answer: Answer): Answer {
  const supported = [
    [API.metadata, 0, 1],
    [API.saslHandshake, 0, 1],
    [API.saslAuthenticate, 0, 0],
    [API.apiVersions, 0, 3],
  ] as const;
  answer.int16(NO_ERROR).int8(supported.length + 1);
  for (const [api, from, to] of supported) answer.int16(api).int16(from).int16(to).int8(0);
  return answer.int32(0).int8(0);
}

function mechanisms(answer: Answer): Answer {
  return answer.int16(NO_ERROR).int32(1).string("PLAIN");
}

class Answer {
  readonly #parts: Buffer[] = [];

  int8(value: number): this {
    return this.#add(1, (bytes) => bytes.writeInt8(value));
  }

  int16(value: number): this {
    return this.#add(2, (bytes) => bytes.writeInt16BE(value));
  }

  int32(value: number): this {
    return this.#add(4, (bytes) => bytes.writeInt32BE(value));
  }

  string(value: string): this {
    this.int16(value.length);
    this.#parts.push(Buffer.from(value));
    return this;
  }

  framed(): Buffer {
    const bytes = Buffer.concat(this.#parts);
    const length = Buffer.alloc(4);
    length.writeInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  }

  #add(size: number, write: (bytes: Buffer) => void): this {
    const bytes = Buffer.alloc(size);
    write(bytes);
    this.#parts.push(bytes);
    return this;
  }
}
