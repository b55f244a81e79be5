/** What monitoring asks: whether the dashboard lives, whether it is ready, and its metrics. */

import { type Context, Hono } from "hono";
import { type Env, json } from "./answers.ts";
import { hostProblem } from "./hosts.ts";
import type { Metrics } from "./metrics.ts";

type Handler = (c: Context<Env>) => Response | Promise<Response>;

/** Adds a route at each of these paths. */
export type Get = (paths: readonly string[], handle: Handler) => void;

export interface ProbesDeps {
  readonly metrics: Metrics;
  /** Why the dashboard is not ready; empty when it is. */
  readonly reasons: () => readonly string[];
}

/** Routes that answer GET and HEAD alone; `refuse` answers other methods. */
export function getter(
  app: Hono<Env>,
  base: string,
  refuse: (c: Context<Env>, message: string) => Response | Promise<Response>,
): Get {
  return (paths, handle) => {
    for (const path of paths) {
      app.get(`${base}${path}`, handle);
      app.all(`${base}${path}`, (c) => {
        c.header("Allow", "GET, HEAD");
        return refuse(c, "This address accepts only GET and HEAD.");
      });
    }
  };
}

/** `/livez` and `/readyz`, which say nothing of sales. */
export function addProbes(get: Get, { reasons }: ProbesDeps): void {
  get(["/livez"], (c) => json(c, 200, '{"live":true}'));
  get(["/readyz"], (c) => {
    const found = reasons();
    if (found.length === 0) return json(c, 200, '{"ready":true}');
    return json(c, 503, JSON.stringify({ ready: false, reasons: found }));
  });
}

export function addMetrics(get: Get, { metrics }: ProbesDeps): void {
  get(["/metrics"], async (c) => {
    const { contentType, text } = await metrics.read();
    return c.body(text, 200, { "Content-Type": contentType, "Cache-Control": "no-store" });
  });
}

/**
 * What a port of its own answers: probes and metrics, without a login and without a base path.
 * Metrics have no amounts. `names`: as of the pages; a stranger's web page reads no metrics either.
 */
export function createMetricsApp(
  deps: ProbesDeps & {
    readonly names: ReadonlySet<string> | undefined;
    readonly onError: (error: Error) => void;
  },
): Hono<Env> {
  const app = new Hono<Env>();
  const say = (c: Context<Env>, message: string, status: 403 | 404 | 405 | 500) =>
    c.text(`${message}\n`, status, { "Cache-Control": "no-store" });
  app.use(async (c, next) => {
    await next();
    c.res.headers.set("X-Content-Type-Options", "nosniff");
    c.res.headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  });
  app.notFound((c) => say(c, "This port answers only /metrics, /livez and /readyz.", 404));
  app.onError((error, c) => {
    deps.onError(error);
    return say(c, "See the server log for the reason.", 500);
  });
  const get = getter(app, "", (c, message) => say(c, message, 405));
  addProbes(get, deps);
  app.use("/metrics", (c, next) => {
    const problem = deps.names && hostProblem(c.req.header("Host") ?? "localhost", deps.names);
    return problem === undefined ? next() : Promise.resolve(say(c, problem, 403));
  });
  addMetrics(get, deps);
  return app;
}
