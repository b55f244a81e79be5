/** Looks at what listens at an address when no broker answers there. */

import { connect } from "node:net";

/**
 * `open`: a broker that serves clients in plaintext, without a login. `kafka`: a broker that answers
 * in plaintext, and serves nobody yet. `controller`: a port of Kafka's own, which serves no clients.
 * `closed`: the connection was closed without a word. `silent`: it stays open, and nothing comes.
 */
export type Seen =
  | "open"
  | "controller"
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
/** Metadata, version 1, of no topics, with the same client and correlation id. */
const WHO_REQUEST = Buffer.from(
  "00000012" + "0003" + "0001" + "00005a1e" + "0004" + "6c6f6f6b" + "00000000",
  "hex",
);
const METADATA = 3;
const WEB_REQUEST = Buffer.from("GET / HTTP/1.0\r\n\r\n");
const ANSWER_BYTES_MIN = 8;
const TLS_ALERT = 0x15;
const TLS_HANDSHAKE = 0x16;

/** Connects, asks as a Kafka client does, and says what came. Never rejects. */
export async function lookAt(address: string): Promise<Seen> {
  const { seen, received } = await ask(address, REQUEST);
  if (seen === "kafka" && lacksMetadata(received)) return "controller";
  if (seen === "kafka") return (await advertisedBy(address)) ? "open" : "kafka";
  // A web server may wait for the end of a line that never comes.
  return seen === "silent" && (await ask(address, WEB_REQUEST)).seen === "http" ? "http" : seen;
}

/** Whether an answer about versions names requests, and none for metadata. */
function lacksMetadata(answer: Buffer): boolean {
  const first = ANSWER_BYTES_MIN + 6;
  if (answer.length < first) return false;
  const count = Math.min(answer.readInt32BE(first - 4), Math.floor((answer.length - first) / 6));
  const requests = Array.from({ length: Math.max(0, count) }, (_, i) => {
    return answer.readInt16BE(first + 6 * i);
  });
  return requests.length > 0 && !requests.includes(METADATA);
}

/**
 * How the brokers call themselves; undefined when they do not say so without a login. It never
 * rejects.
 */
export async function advertisedBy(address: string): Promise<string[] | undefined> {
  const { seen, received } = await ask(address, WHO_REQUEST);
  try {
    return seen === "kafka" ? brokersIn(received) : undefined;
  } catch {
    // Shorter than it says.
    return undefined;
  }
}

/** The addresses in an answer about metadata. */
function brokersIn(answer: Buffer): string[] {
  const addresses: string[] = [];
  let at = ANSWER_BYTES_MIN + 4;
  for (let left = answer.readInt32BE(ANSWER_BYTES_MIN); left > 0; left--) {
    const hostAt = at + 6;
    const portAt = hostAt + answer.readInt16BE(at + 4);
    const host = answer.toString("utf8", hostAt, portAt);
    addresses.push(`${host.includes(":") ? `[${host}]` : host}:${answer.readInt32BE(portAt)}`);
    const rackLength = answer.readInt16BE(portAt + 4);
    at = portAt + 6 + Math.max(0, rackLength);
  }
  return addresses;
}

interface Answer {
  seen: Seen;
  received: Buffer;
}

function ask(address: string, request: Uint8Array): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const [, host = "", port = "9092"] =
    /^(?:\w+:\/\/)?\[?([^\]]*?)\]?(?::(\d+))?$/.exec(address) ?? [];
  let received = Buffer.alloc(0);
  const socket = connect({ host, port: Number(port) }, () => void socket.write(request));
  const end = (seen: Seen) => {
    clearTimeout(timer);
    socket.destroy();
    resolve({ seen, received });
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
  if (bytes.readInt32BE(4) !== CORRELATION_ID) return "other";
  return bytes.length >= 4 + bytes.readInt32BE(0) ? "kafka" : undefined;
}

/** A sentence about a mistake in the settings; undefined when waiting may help. */
export function mistakeOf(address: string, seen: Seen, protocol: string): string | undefined {
  const isTls = /SSL$/i.test(protocol);
  const isLogin = /^SASL/i.test(protocol);
  if (seen === "tls" && !isTls) {
    return `${address} speaks TLS: use -X security.protocol=${isLogin ? "SASL_SSL" : "SSL"}`;
  }
  if (seen === "controller") {
    return `${address} is a port of a controller, which serves no clients: check --brokers`;
  }
  if (seen === "http" || seen === "other") {
    const what = seen === "http" ? "a web server" : "another program";
    return `${what} listens at ${address}, and no Kafka broker: check --brokers`;
  }
  if ((seen === "kafka" || seen === "open") && isTls) {
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
        `${address} closes connections at once: is -X security.protocol right for it, or are too ` +
        "many connections open (max.connections.per.ip and max.connections of the broker)?"
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
