/** The socket: the one place where serving differs between Bun and Deno. */

import { messageOf, SalesboardError } from "../../lib/errors.ts";
import { limitSendBuffers } from "../stream/send-buffer.ts";
import { type OpenStream, openDirectStream } from "../stream/stream.ts";

/** How long open streams get to hear their `bye` before their connections are closed. */
const FAREWELL_MS_MAX = 300;

/**
 * How long a stream may make no progress. A heartbeat each second keeps one that is read far from
 * it, and one that is not would hold megabytes of the kernel's memory for ever.
 */
const STREAM_IDLE_SECONDS_MAX = 60;

/** What a server has for streams; the standard's ways will do where it has nothing. */
export interface StreamSupport {
  /** Lets the response go on for as long as it is read. */
  readonly keepOpen?: () => void;
  readonly openStream?: OpenStream;
}

/** Answers requests. */
export interface App {
  fetch(request: Request, support: StreamSupport): Response | Promise<Response>;
}

export interface Server {
  /** Where it can be reached from this machine. */
  readonly url: string;
  /** Resolves within half a second, whatever is still open. */
  stop(): Promise<void>;
}

/** What we use of Deno; its types would clash with those of Bun. */
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
  /** Resolves when all that is open has ended. */
  finish(): Promise<void>;
  /** Ends what is open. */
  abort(): void;
}

function listenOnBun(app: App, hostname: string, port: number): Listener {
  const server = Bun.serve({
    hostname,
    port,
    // No stack traces in answers. It would also let a second server take the same port, unnoticed.
    development: false,
    reusePort: false,
    fetch: (request, server) =>
      app.fetch(request, {
        keepOpen: () => server.timeout(request, STREAM_IDLE_SECONDS_MAX),
        openStream: openDirectStream,
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
  // Deno has nothing to end any more once it has shut down, and says so by an error.
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
