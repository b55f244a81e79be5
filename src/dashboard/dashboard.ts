/**
 * The dashboard: committed totals (follow.ts) → view → hub → the same bytes to every open page.
 * Listens first, so that a page is there before Kafka has answered, and says what it waits for.
 */

import { type Clock, systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import type { Figures, RoleContext } from "../worker.ts";
import { Alerts, alertsJson } from "./alerts.ts";
import { loadAssets } from "./assets.ts";
import { Backlog } from "./backlog.ts";
import { Follower } from "./follow.ts";
import { Graph } from "./graph.ts";
import { Hub } from "./hub.ts";
import { Metrics } from "./metrics.ts";
import { streamsMax } from "./open-files.ts";
import { Pace } from "./pace.ts";
import { buildOf } from "./pages.ts";
import { Past } from "./past.ts";
import { orAborted } from "./pause.ts";
import { publish, snapshot } from "./publish.ts";
import { Records } from "./records.ts";
import { createApp } from "./routes.ts";
import { listen } from "./server.ts";
import type { Site } from "./site.ts";
import { Source } from "./source.ts";
import { Table } from "./table.ts";
import { type Board, SalesView, type Status } from "./view.ts";
import { Webhook } from "./webhook.ts";

/** The contract says 5 s; each one also moves the "as of" time of the pages. */
const HEARTBEAT_MS = 1_000;

/** Serves until `context.signal` is aborted. @throws SalesboardError when it cannot listen */
export async function runDashboard(context: RoleContext): Promise<void> {
  const { config, kafka, clock, log, signal } = context;
  const view = new SalesView();
  const shared = { kafka, view, log, signal, onChange: () => dashboard.changed() };
  const follower = new Follower({ ...shared, topic: config.outputTopic });
  const isCurrent = () => follower.status.state === "live";
  const { inputTopic: topic, commitIntervalMs } = config;
  const backlog = new Backlog({ ...shared, topic, commitIntervalMs, isCurrent });
  const past = new Past();
  const historian = new Follower({ ...shared, topic: config.historyTopic, view: past });
  const source = new Source(follower, backlog);
  const records = new Records(kafka, signal);
  const dashboard = await createDashboard({
    config,
    view,
    past,
    source,
    clock,
    log,
    records,
  });
  context.onStats((_role, stats) => {
    source.report(stats);
    dashboard.metrics.report(stats.figures ?? {});
  });
  const server = listen(dashboard.app, config);
  context.ready({ url: server.url });
  const isKept = config.history === "on";
  const following = Promise.all([follower.run(), backlog.run(), isKept && historian.run()]);
  try {
    await orAborted(following, signal);
  } finally {
    dashboard.close();
    await server.stop();
    await records.end();
  }
  await following;
}

export interface Dashboard {
  readonly app: ReturnType<typeof createApp>;
  readonly metrics: Metrics;
  /** The view or its source may have changed: publishes soon. */
  changed(): void;
  /** Says `bye` to all pages. */
  close(): void;
}

/** A dashboard without Kafka and without a socket: what `view` holds, as pages and streams. */
export async function createDashboard(options: {
  config: Config;
  view: SalesView;
  past: Past;
  records: Pick<Records, "latest">;
  source: Pick<Source, "status" | "reasons">;
  /** Of alerts. */
  clock?: Clock;
  log: Log;
}): Promise<Dashboard> {
  const { config, view, past, records, source, clock = systemClock, log } = options;
  const site = siteOf(config);
  const assets = await loadAssets(site.base);
  const [graph, table] = [new Graph(past), new Table(site, past)];
  const scene = () => ({ board: view.board, view, site, graph, table });
  const build = buildOf(site, assets.paths);
  const alarm = openAlarm({ config, site, clock, log });
  const { alerts } = alarm;
  const hub = new Hub({
    snapshot: (look) => snapshot(scene(), look),
    heartbeat: () => heartbeat(source.status, view.board, build),
    log,
    streamsMax: streamsMax(),
  });
  const reasons = () => {
    // Ready is who shows what was read, so that a script that waits for it gets the totals.
    const isShown = view.board.state === "live" || view.board.state === "behind";
    if (isShown || source.reasons.length > 0) return source.reasons;
    return ["The totals are about to be shown."];
  };
  const metrics = new Metrics({ view, hub, reasons });
  const app = createApp({
    site,
    hub,
    metrics,
    assets,
    build,
    scene,
    records,
    alerts: () => alertsJson(alerts),
    reasons,
    onError: (error) =>
      log.error("A request failed.", { reason: error.message, stack: error.stack }),
  });
  const pace = new Pace(() => {
    const status = { ...source.status, alerts: alerts.lines };
    return publish({ view, status, hub, scene });
  });
  const changed = () => {
    if (view.hasNews || source.status.state !== view.board.state) pace.request();
    // A board for the rate or the lag alone would take the turn of one with sales.
    else pace.requestAfter(HEARTBEAT_MS / 2);
  };
  const beat = setInterval(() => {
    changed();
    if (alerts.evaluate(view)) pace.request();
    metrics.report(alarm.stats());
    hub.beat();
  }, HEARTBEAT_MS);
  pace.request();
  const close = () => {
    clearInterval(beat);
    pace.stop();
    alarm.close();
    hub.close();
  };
  return { app, metrics, changed, close };
}

/** The alerts of the settings, and who hears of them. */
function openAlarm(options: { config: Config; site: Site; clock: Clock; log: Log }) {
  const { config, site, clock, log } = options;
  const url = config.alertWebhook;
  const webhook = url === undefined ? undefined : new Webhook({ url, site, log });
  const alerts = new Alerts({
    rules: config.alerts ?? [],
    clock,
    onEvent: (event) => {
      const { rule, state } = event;
      log.info(`An alert is ${state}.`, { rule: rule.text, since: event.since.toISOString() });
      webhook?.post(event);
    },
  });
  const stats = (): Figures => ({
    salesboard_alerts_firing: alerts.firing,
    salesboard_alerts_webhook_delivered_total: webhook?.stats.delivered ?? 0,
    salesboard_alerts_webhook_failed_total: webhook?.stats.failed ?? 0,
    salesboard_alerts_webhook_retried_total: webhook?.stats.retried ?? 0,
  });
  return { alerts, stats, close: () => void webhook?.close() };
}

function siteOf(config: Config): Site {
  return {
    base: config.basePath === "/" ? "" : config.basePath,
    currency: config.currency,
    inputTopic: config.inputTopic,
    outputTopic: config.outputTopic,
    deadLetterTopic: config.deadLetterTopic,
    historyTopic: config.historyTopic,
    keepsHistory: config.history === "on",
    isEmbedded: config.brokers === undefined,
  };
}

/**
 * `t`: the server's clock, `asOf`: until when the numbers are complete; epoch milliseconds.
 * `sales`: how many are in the totals, by which a page knows that another server shows less.
 * `build`: by which it knows that there is a newer version of it.
 */
function heartbeat({ state }: Status, board: Board, build: string): string {
  const sales = board.isComplete ? String(board.total.sales) : null;
  return JSON.stringify({ t: Date.now(), state, asOf: board.asOf ?? null, sales, build });
}
