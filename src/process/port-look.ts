/** Looks at what listens at an address when no broker answers there. */

import { connect } from "node:net";

/**
 * `kafka`: a broker that answers in plaintext. `closed`: the connection was closed without a word.
 * `silent`: it stays open, and nothing comes.
 */
export type Seen =
  | "kafka"
  | "tls"
  | "http"
  | "other"
  | "closed"
  | "silent"
  | "refused"
  | "unresolved";

/** The longest wait for an answer, milliseconds. */
const LOOK_MS_MAX = 1_500;
/** ApiVersions, version 0, of client "look": size, API 18, version, correlation id, client id. */
const CORRELATION_ID = 0x5a1e;
const REQUEST = Buffer.from("0000000e" + "0012" + "0000" + "00005a1e" + "0004" + "6c6f6f6b", "hex");
const WEB_REQUEST = Buffer.from("GET / HTTP/1.0\r\n\r\n");
const ANSWER_BYTES_MIN = 8;
const TLS_ALERT = 0x15;
const TLS_HANDSHAKE = 0x16;

/** Connects, asks as a Kafka client does, and says what came. Never rejects. */
export async function lookAt(address: string): Promise<Seen> {
  const seen = await ask(address, REQUEST);
  // A web server may wait for the end of a line that never comes.
  return seen === "silent" && (await ask(address, WEB_REQUEST)) === "http" ? "http" : seen;
}

function ask(address: string, request: Uint8Array): Promise<Seen> {
  const { promise, resolve } = Promise.withResolvers<Seen>();
  const [, host = "", port = "9092"] =
    /^(?:\w+:\/\/)?\[?([^\]]*?)\]?(?::(\d+))?$/.exec(address) ?? [];
  let received = Buffer.alloc(0);
  const socket = connect({ host, port: Number(port) }, () => void socket.write(request));
  const end = (seen: Seen) => {
    clearTimeout(timer);
    socket.destroy();
    resolve(seen);
  };
  const timer = setTimeout(() => end(socket.connecting ? "refused" : "silent"), LOOK_MS_MAX);
  socket.on("data", (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    const seen = seenIn(received);
    if (seen) end(seen);
  });
  socket.on("close", () => end(received.length > 0 ? "other" : "closed"));
  socket.on("error", (error: NodeJS.ErrnoException) => {
    if (/ENOTFOUND|EAI_/.test(error.code ?? "")) end("unresolved");
    else end(error.code === "ECONNRESET" || error.code === "EPIPE" ? "closed" : "refused");
  });
  return promise;
}

function seenIn(bytes: Buffer): Seen | undefined {
  if (bytes[0] === TLS_ALERT || bytes[0] === TLS_HANDSHAKE) return "tls";
  if (bytes.length < ANSWER_BYTES_MIN) return undefined;
  if (bytes.toString("latin1", 0, 4) === "HTTP" || bytes[0] === 0x3c) return "http";
  return bytes.readInt32BE(4) === CORRELATION_ID ? "kafka" : "other";
}

/** A sentence about a mistake in the settings; undefined when waiting may help. */
export function mistakeOf(address: string, seen: Seen, protocol: string): string | undefined {
  const isTls = /SSL$/i.test(protocol);
  const isLogin = /^SASL/i.test(protocol);
  if (seen === "tls" && !isTls) {
    return `${address} speaks TLS: use -X security.protocol=${isLogin ? "SASL_SSL" : "SSL"}`;
  }
  if (seen === "http" || seen === "other") {
    const what = seen === "http" ? "a web server" : "another program";
    return `${what} listens at ${address}, and no Kafka broker: check --brokers`;
  }
  if (seen === "kafka" && isTls) {
    const plain = isLogin ? "SASL_PLAINTEXT" : "PLAINTEXT";
    return `${address} does not speak TLS: use -X security.protocol=${plain}, or the TLS port`;
  }
  if (seen === "kafka" && !isLogin) {
    return `the broker at ${address} wants a login: use -X security.protocol=SASL_PLAINTEXT`;
  }
  return undefined;
}

/** What was seen, for a warning while the brokers are waited for. */
export function describeSeen(address: string, seen: Seen): string {
  switch (seen) {
    case "closed":
      return (
        `${address} closes connections at once: is -X security.protocol right for it, and are not ` +
        "too many open (max.connections.per.ip and max.connections of the broker)?"
      );
    case "silent":
      return `${address} accepts connections and says nothing: is it a Kafka broker?`;
    case "unresolved":
      return `the host name of ${address} is not known here`;
    case "refused":
      return `nothing listens at ${address}`;
    default:
      return `${address} answers, but not to this client`;
  }
}

/** Brokers that answer, but send clients on to addresses that cannot be reached: for a sentence. */
export function advertisedProblem(addresses: readonly string[], reason: string): string {
  return (
    `they answer, but call themselves ${addresses.join(", ")}, and that cannot be reached from ` +
    `here (${reason}). Set advertised.listeners of the brokers to addresses that can`
  );
}
