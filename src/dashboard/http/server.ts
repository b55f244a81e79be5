/** Listens for requests: the only place where serving differs between Bun and Deno. */

import { messageOf, SalesboardError, usageError } from "../../lib/errors.ts";
import type { WatchedFile } from "../access/watched-file.ts";
import { adjustListening } from "../stream/listening-socket.ts";
import { type OpenStream, openDirectStream } from "../stream/stream.ts";
import type { KeyPair } from "./certificate.ts";

/** How long open streams may take to receive `bye` before their connections are closed. */
const FAREWELL_MS_MAX = 300;

/**
 * How long a stream may make no progress. A heartbeat each second keeps a stream alive while it is
 * read. A stream that nobody reads would hold megabytes of kernel memory for ever.
 */
const STREAM_IDLE_SECONDS_MAX = 60;

/** How soon a new certificate is shown. */
const CERTIFICATE_CHECK_MS = 1_000;

/** What the server knows of a request. Without it, standard means are enough. */
export interface StreamSupport {
  /** Keeps the response open for as long as it is read. */
  readonly keepOpen?: () => void;
  readonly openStream?: OpenStream;
  /** The network address that the request comes from. */
  readonly address?: () => string | undefined;
}

/** Answers requests. */
export interface App {
  fetch(request: Request, support: StreamSupport): Response | Promise<Response>;
}

export interface Server {
  /** The address of the server on this machine. */
  readonly url: string;
  readonly port: number;
  /** Resolves within half a second, even if connections are open. */
  stop(): Promise<void>;
}

/** The part of Deno that we use, because Deno's types clash with those of Bun. */
interface DenoServe {
  serve(
    options: { hostname: string; port: number; signal: AbortSignal; onListen: () => void },
    handler: (
      request: Request,
      of: { remoteAddr: { hostname: string } },
    ) => Response | Promise<Response>,
  ): { addr: { port: number }; shutdown(): Promise<void> };
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly basePath: string;
  /** The option that chose the port. */
  readonly option?: "--metrics-port" | "--http-redirect-port";
  /** With it, the server speaks TLS; undefined = plain HTTP. */
  readonly certificate?: WatchedFile<KeyPair> | undefined;
}

/** @throws SalesboardError when the address cannot be bound */
export function listen(app: App, options: ListenOptions): Server {
  const { host, port, basePath, option = "--port", certificate } = options;
  const deno = (globalThis as { Deno?: DenoServe }).Deno;
  if (deno && certificate) throw usageError("Cannot use --tls-cert on Deno: only Bun renews it.");
  try {
    const server = deno ? listenOnDeno(deno, app, host, port) : listenOnBun(app, options);
    const scheme = certificate ? "https" : "http";
    const url = `${scheme}://${reachable(host)}:${server.port}${basePath === "/" ? "/" : `${basePath}/`}`;
    return { url, port: server.port, stop: () => stop(server) };
  } catch (cause) {
    throw new SalesboardError(bindingError(cause, `${host}:${port}`, option), {
      exitStatus: 1,
      final: true,
      cause,
    });
  }
}

/**
 * In HTTP/1.0, as load balancers use it for probes, a request may have no header `Host`. Bun then
 * gives it no address but a path, of which the first part was taken for a name.
 */
function withAddress(request: Request): Request {
  const { url } = request;
  return url.startsWith("/") ? new Request(`http://localhost${url}`, request) : request;
}

interface Listener {
  port: number;
  /** Resolves when all connections have ended. */
  finish(): Promise<void>;
  /** Ends all connections. */
  abort(): void;
}

function listenOnBun(app: App, { host: hostname, port, certificate }: ListenOptions): Listener {
  const serve = (port: number) =>
    Bun.serve({
      hostname,
      port,
      // Development mode puts stack traces into answers, and lets a second server share the port.
      development: false,
      reusePort: false,
      // Browsers speak HTTP/2 by TLS alone. All pages then share one connection.
      ...(certificate && { tls: certificate.value, http2: true }),
      fetch: (request, server) =>
        app.fetch(withAddress(request), {
          keepOpen: () => server.timeout(request, STREAM_IDLE_SECONDS_MAX),
          openStream: openDirectStream,
          address: () => server.requestIP(request)?.address,
        }),
    });
  const first = serve(port);
  const bound = first.port ?? port;
  /** The last one accepts connections; those before it still have some. */
  const servers = [first];
  void adjustListening(bound);
  /** Bun's `reload` keeps the old certificate. Connections go on, and streams with them. */
  const renew = () => {
    if (!certificate?.check()) return;
    const old = servers.at(-1);
    void old
      ?.stop()
      .then(() => servers.splice(0, servers.length, ...servers.filter((each) => each !== old)));
    servers.push(serve(bound));
    void adjustListening(bound);
  };
  const timer = certificate && setInterval(renew, CERTIFICATE_CHECK_MS);
  return {
    port: bound,
    finish: async () => {
      clearInterval(timer);
      await Promise.all(servers.map((server) => server.stop()));
    },
    abort: () => {
      for (const server of servers) void server.stop(true);
    },
  };
}

function listenOnDeno(deno: DenoServe, app: App, hostname: string, port: number): Listener {
  const abort = new AbortController();
  const options = { hostname, port, signal: abort.signal, onListen: () => {} };
  const server = deno.serve(options, (request, { remoteAddr }) =>
    app.fetch(request, { address: () => remoteAddr.hostname }),
  );
  return { port: server.addr.port, finish: () => server.shutdown(), abort: () => abort.abort() };
}

async function stop(server: Listener): Promise<void> {
  const finished = await Promise.race([
    server.finish().then(() => true),
    new Promise<false>((resolve) => setTimeout(() => resolve(false), FAREWELL_MS_MAX)),
  ]);
  // After a shutdown Deno has nothing to abort and would throw.
  if (!finished) server.abort();
}

function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}

function bindingError(error: unknown, address: string, option: string): string {
  const { code, name } = error as { code?: string; name?: string };
  if (code === "EADDRINUSE" || name === "AddrInUse") {
    return `Cannot listen on ${address}: the port is in use. Choose another ${option}, or 0 for a free one.`;
  }
  if (code === "EACCES" || name === "PermissionDenied") {
    return `Cannot listen on ${address}: this user is not allowed to use the port. Choose a ${option} above 1023.`;
  }
  return `Cannot listen on ${address}: ${messageOf(error)}. Check --host and ${option}.`;
}
