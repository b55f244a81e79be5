/**
 * The role: serves the dashboard of the input topics, and another one as soon as there are more. It
 * listens first, so that the page answers before Kafka does and says what it waits for.
 */

import type { Config } from "../config/config.ts";
import type { Log } from "../lib/log.ts";
import { orAborted } from "../lib/wait.ts";
import type { RoleContext } from "../role.ts";
import { type Access, openAccess } from "./access/access.ts";
import { Alarm } from "./alerts/alarm.ts";
import { createDashboard, type Dashboard } from "./dashboard.ts";
import { DemoPast } from "./follow/demo-past.ts";
import { StatusSource } from "./follow/status-source.ts";
import { openCertificate } from "./http/certificate.ts";
import { allowedNames } from "./http/hosts.ts";
import { createRedirectApp } from "./http/redirect.ts";
import { type App, listen, type Server } from "./http/server.ts";
import { followInputs } from "./inputs.ts";
import { RateMeter } from "./model/rate-meter.ts";
import { Records } from "./records/records.ts";

/** Serves until `context.signal` is aborted. @throws SalesboardError when it cannot listen */
export async function runDashboard(context: RoleContext): Promise<void> {
  const { config, clock, log, signal } = context;
  // Whoever has logged in stays logged in.
  const access = openAccess({ config, clock, log });
  // An alert that fires gets its end, whatever joins meanwhile.
  const alarm = new Alarm({ config, clock, log });
  const kept = { access, alarm, rate: new RateMeter() };
  let shown = await openShow(context, config, kept);
  const current = (pick: (of: Dashboard) => App): App => ({
    fetch: (request, support) => pick(shown.dashboard).fetch(request, support),
  });
  const apps = { app: current(({ app }) => app), metricsApp: current((of) => of.metricsApp) };
  const servers = listenAll(apps, config, log);
  context.ready({ url: servers.url });
  const failure = Promise.withResolvers<never>();
  const follow = (show: Show) => void show.follow().catch(failure.reject);
  follow(shown);
  let changes = Promise.resolve();
  let newest = config;
  context.onConfig((next) => {
    newest = next;
    // What is shown lacks a topic, as it has heard, and must not hear that all are counted.
    context.onStats(() => {});
    const change = async () => {
      if (signal.aborted || next !== newest) return;
      const before = shown;
      shown = await openShow(context, next, kept);
      follow(shown);
      await before.close();
    };
    changes = changes.then(change);
    changes.catch(failure.reject);
  });
  try {
    await orAborted(failure.promise, signal);
  } finally {
    shown.dashboard.close();
    await servers.stop();
    await changes.catch(() => {});
    await shown.close();
    await alarm.close();
  }
  // An error of the readers during the stop is not lost.
  await shown.follow();
}

/** A dashboard with all that it reads. */
interface Show {
  readonly dashboard: Dashboard;
  /** Reads until `close`, or until the role is told to stop. Repeatable: it is the same reading. */
  follow(): Promise<void>;
  /** Says `bye` to all pages, which then connect anew. Resolves when nothing reads any more. */
  close(): Promise<void>;
}

async function openShow(
  context: RoleContext,
  config: Config,
  of: { readonly access: Access | undefined; readonly alarm: Alarm; readonly rate: RateMeter },
): Promise<Show> {
  const { kafka, clock, log } = context;
  const { rate, ...kept } = of;
  const closing = new AbortController();
  const signal = AbortSignal.any([context.signal, closing.signal]);
  const onChange = () => dashboard.changed();
  const isExplained = () => source.isExplained;
  const shared = { config, kafka, clock, log, signal, onChange };
  const inputs = followInputs({ ...shared, isExplained, rate });
  const { view, history, boards } = inputs;
  const past = new DemoPast({ config, view, clock });
  const joins = { past, trouble: kafka.trouble };
  const source = new StatusSource(inputs.follower, inputs.backlog, clock, joins);
  const records = new Records(kafka, signal);
  const dashboard = await createDashboard({
    config,
    brokers: context.brokers,
    view,
    history,
    isHistoryCurrent: inputs.isHistoryCurrent,
    boards,
    source,
    ...kept,
    clock,
    log,
    records,
  });
  context.onStats((role, stats) => {
    for (const each of [source, ...boards.map(({ source }) => source)]) each.report(stats, role);
    dashboard.changed();
    dashboard.metrics.report(stats.figures ?? {}, stats.topic);
  });
  let following: Promise<void> | undefined;
  const follow = () => {
    following ??= inputs.run();
    return following;
  };
  const close = async () => {
    dashboard.close();
    closing.abort();
    await records.end();
    await following?.catch(() => {});
  };
  return { dashboard, follow, close };
}

/**
 * The dashboard's port, and those for metrics and for http:// where they are asked for.
 * @throws SalesboardError when one cannot be bound
 */
function listenAll(
  { app, metricsApp }: { app: App; metricsApp: App },
  config: Config,
  log: Log,
): Pick<Server, "url" | "stop"> {
  const { host, port, basePath, metricsPort, httpRedirectPort } = config;
  const certificate = openCertificate(config, log);
  const first = listen(app, { host, port, basePath, certificate });
  const servers = [first];
  const add = (app: App, option: "--metrics-port" | "--http-redirect-port", port: number) => {
    const server = listen(app, { host, port, basePath: "/", option });
    servers.push(server);
    log.info(`Listening on the port of ${option}.`, { host, port: server.port });
  };
  if (metricsPort !== undefined) add(metricsApp, "--metrics-port", metricsPort);
  if (httpRedirectPort !== undefined && certificate) {
    const names = allowedNames(config);
    const redirect = createRedirectApp({ names, certificate, port: first.port });
    add(redirect, "--http-redirect-port", httpRedirectPort);
  }
  const stop = async () => void (await Promise.all(servers.map((server) => server.stop())));
  return { url: first.url, stop };
}
