/** Listens for requests: the only place where serving differs between Bun and Deno. */

import { messageOf, SalesboardError } from "../../lib/errors.ts";
import { limitSendBuffers } from "../stream/send-buffer.ts";
import { type OpenStream, openDirectStream } from "../stream/stream.ts";

/** How long open streams may take to receive `bye` before their connections are closed. */
const FAREWELL_MS_MAX = 300;

/**
 * How long a stream may make no progress. A heartbeat each second keeps a stream alive while it is
 * read. A stream that nobody reads would hold megabytes of kernel memory for ever.
 */
const STREAM_IDLE_SECONDS_MAX = 60;

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
  /** Resolves within half a second, even if connections are open. */
  stop(): Promise<void>;
}

/** The part of Deno that we use, because Deno's types clash with those of Bun. */
interface DenoServe {
  serve(
    options: { hostname: string; port: number; signal: AbortSignal; onListen: () => void },
    handler: (request: Request) => Response | Promise<Response>,
  ): { addr: { port: number }; shutdown(): Promise<void> };
}

/** @throws SalesboardError when the address cannot be bound */
export function listen(
  app: App,
  { host, port, basePath }: { host: string; port: number; basePath: string },
): Server {
  const deno = (globalThis as { Deno?: DenoServe }).Deno;
  try {
    const server = deno ? listenOnDeno(deno, app, host, port) : listenOnBun(app, host, port);
    const url = `http://${reachable(host)}:${server.port}${basePath === "/" ? "/" : `${basePath}/`}`;
    return { url, stop: () => stop(server) };
  } catch (cause) {
    throw new SalesboardError(bindingError(cause, host, port), {
      exitStatus: 1,
      final: true,
      cause,
    });
  }
}

interface Listener {
  port: number;
  /** Resolves when all connections have ended. */
  finish(): Promise<void>;
  /** Ends all connections. */
  abort(): void;
}

function listenOnBun(app: App, hostname: string, port: number): Listener {
  const server = Bun.serve({
    hostname,
    port,
    // Development mode puts stack traces into answers, and lets a second server share the port.
    development: false,
    reusePort: false,
    fetch: (request, server) =>
      app.fetch(request, {
        keepOpen: () => server.timeout(request, STREAM_IDLE_SECONDS_MAX),
        openStream: openDirectStream,
        address: () => server.requestIP(request)?.address,
      }),
  });
  void limitSendBuffers(server.port ?? port);
  return {
    port: server.port ?? port,
    finish: () => server.stop(),
    abort: () => void server.stop(true),
  };
}

function listenOnDeno(deno: DenoServe, app: App, hostname: string, port: number): Listener {
  const abort = new AbortController();
  const options = { hostname, port, signal: abort.signal, onListen: () => {} };
  const server = deno.serve(options, (request) => app.fetch(request, {}));
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

function bindingError(error: unknown, host: string, port: number): string {
  const { code, name } = error as { code?: string; name?: string };
  if (code === "EADDRINUSE" || name === "AddrInUse") {
    return `Cannot listen on ${host}:${port}: the port is in use. Choose another --port, or 0 for a free one.`;
  }
  if (code === "EACCES" || name === "PermissionDenied") {
    return `Cannot listen on ${host}:${port}: this user is not allowed to use the port. Choose a --port above 1023.`;
  }
  return `Cannot listen on ${host}:${port}: ${messageOf(error)}. Check --host and --port.`;
}
