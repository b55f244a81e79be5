/**
 * The dashboard: committed totals (follow.ts) → view → hub → the same bytes to every open page.
 * It listens first, so that the page answers before Kafka does and says what it waits for.
 */

import type { Config } from "../config/config.ts";
import { salesCommands } from "../config/shell/sales-commands.ts";
import { type Clock, momentOf, systemClock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { commitIntervalsMs } from "../lib/timeouts.ts";
import { orAborted } from "../lib/wait.ts";
import { binaryInput, inputJudge } from "../mapping/input-judge.ts";
import type { Figures, RoleContext } from "../role.ts";
import { openAccess } from "./access/access.ts";
import { Advisor } from "./advice/advisor.ts";
import { Alerts, alertsJson } from "./alerts/alerts.ts";
import { Webhook } from "./alerts/webhook.ts";
import { Backlog } from "./follow/backlog.ts";
import { DemoPast } from "./follow/demo-past.ts";
import { Follower } from "./follow/follow.ts";
import { StatusSource } from "./follow/status-source.ts";
import { publish, snapshot } from "./fragments/publish.ts";
import { Table } from "./fragments/table.ts";
import { openCertificate } from "./http/certificate.ts";
import { allowedNames } from "./http/hosts.ts";
import { Metrics } from "./http/metrics.ts";
import { createApp } from "./http/routes.ts";
import { listen } from "./http/server.ts";
import { type Period, periodAsked } from "./look/look.ts";
import type { Site } from "./look/site.ts";
import type { Board } from "./model/board.ts";
import { Comparer } from "./model/comparison.ts";
import { HourMeter } from "./model/days/day-hours.ts";
import { Graph } from "./model/graph.ts";
import { HistoryView } from "./model/history-view.ts";
import type { Status } from "./model/status.ts";
import { SalesView } from "./model/view.ts";
import { loadAssets } from "./pages/assets.ts";
import { buildOf } from "./pages/pages.ts";
import { Records } from "./records/records.ts";
import { Hub } from "./stream/hub.ts";
import { streamsMax } from "./stream/open-files.ts";
import { PublishTimer } from "./stream/publish-timer.ts";

/** Clients are promised one each 5 s. Each heartbeat also moves the "as of" time of the pages. */
const HEARTBEAT_MS = 1_000;

/** Serves until `context.signal` is aborted. @throws SalesboardError when it cannot listen */
export async function runDashboard(context: RoleContext): Promise<void> {
  const { config, kafka, clock, log, signal } = context;
  const view = new SalesView({ mayLackDays: config.isEmbedded });
  const shared = { kafka, view, clock, log, signal, onChange: () => dashboard.changed() };
  const follower = new Follower({ ...shared, topic: config.outputTopic });
  const isCurrent = () => follower.status.state === "live";
  const { inputTopic: topic, commitIntervalMs = commitIntervalsMs.few } = config;
  const backlog = new Backlog({ ...shared, topic, commitIntervalMs, isCurrent });
  const history = new HistoryView();
  const historyFollower = new Follower({ ...shared, topic: config.historyTopic, view: history });
  const past = new DemoPast({ config, view, clock });
  const source = new StatusSource(follower, backlog, clock, { past, trouble: kafka.trouble });
  const records = new Records(kafka, signal);
  const dashboard = await createDashboard({
    config,
    brokers: context.brokers,
    view,
    history,
    source,
    clock,
    log,
    records,
  });
  context.onStats((role, stats) => {
    source.report(stats, role);
    dashboard.changed();
    dashboard.metrics.report(stats.figures ?? {});
  });
  const { host, port, basePath } = config;
  const certificate = openCertificate(config, log);
  const server = listen(dashboard.app, { host, port, basePath, certificate });
  context.ready({ url: server.url });
  const isKept = config.history === "on";
  const following = Promise.all([follower.run(), backlog.run(), isKept && historyFollower.run()]);
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
  /** Publishes soon, because the view or its source may have changed. */
  changed(): void;
  /** Says `bye` to all pages. */
  close(): void;
}

/** A dashboard without Kafka and without a socket: serves `view` as pages and streams. */
export async function createDashboard(options: {
  config: Config;
  /** The bootstrap servers, of the user or of the embedded broker. */
  brokers?: string;
  view: SalesView;
  history: HistoryView;
  records: Pick<Records, "latest">;
  source: Pick<StatusSource, "status" | "reasons">;
  clock?: Clock;
  log: Log;
}): Promise<Dashboard> {
  const { config, view, history, records, source, clock = systemClock, log } = options;
  const site = siteOf(config, options.brokers ?? config.brokers ?? "");
  const assets = await loadAssets(site.base);
  const [graph, table] = [new Graph(history), new Table(site, history)];
  const [comparer, hourMeter] = [new Comparer(graph), new HourMeter(graph)];
  const scene = (period?: Period) => {
    return { board: view.boardOf(period), view, site, graph, table };
  };
  const build = buildOf(site, assets.paths);
  const alarm = openAlarm({ config, site, clock, log });
  const { alerts } = alarm;
  const hub = new Hub({
    snapshot: (look) => snapshot(scene(periodAsked(look)), look),
    heartbeat: () => heartbeat({ status: source.status, board: view.board, build, clock }),
    clock,
    log,
    streamsMax: streamsMax(),
  });
  const reasons = () => {
    // Ready only once the totals are shown, because scripts wait for that to read them.
    const isShown = view.board.state === "live" || view.board.state === "behind";
    if (isShown || source.reasons.length > 0) return source.reasons;
    return ["The totals are read, but not shown yet."];
  };
  const binary = binaryInput(config);
  const judge = inputJudge(config, binary?.schemas);
  const metrics = new Metrics({ view, hub, reasons });
  const access = openAccess({ config, clock, log });
  const app = createApp({
    site,
    access,
    names: allowedNames(config),
    hub,
    metrics,
    assets,
    build,
    scene,
    records,
    judge,
    isFlat: config.mapping === undefined,
    alerts: (isMasked) => alertsJson(alerts, isMasked),
    reasons,
    onError: (error) =>
      log.error("A request failed.", { reason: error.message, stack: error.stack }),
  });
  const pace: PublishTimer = new PublishTimer(() => {
    const now = momentOf(clock);
    const { days } = view.board;
    const said = { alerts: alerts.lines, rules: alerts.rules, advice: advisor.advice };
    const ofTime = { comparison: comparer.at(days, now), hours: hourMeter.at(days, now) };
    const lastSale = history.isKept ? history.latest : undefined;
    const status = { ...source.status, ...said, ...ofTime, lastSale };
    return publish({ view, status, hub, currentScene: scene, now });
  });
  const onChange = () => pace.request();
  const advisor = new Advisor({ records, judge, binary, config, clock, log, onChange });
  const changed = () => {
    if (view.hasNews || source.status.state !== view.board.state) pace.request();
    // A board for the rate or the lag alone must not take the turn of one with sales.
    else pace.requestAfter(HEARTBEAT_MS / 2);
  };
  const beat = setInterval(() => {
    access?.turn();
    changed();
    advisor.consider(view.board);
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

/** Opens the alerts of the settings, and their webhook. */
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

function siteOf(config: Config, brokers: string): Site {
  return {
    base: config.basePath === "/" ? "" : config.basePath,
    currency: config.currency,
    target: config.target,
    inputTopic: config.inputTopic,
    outputTopic: config.outputTopic,
    deadLetterTopic: config.deadLetterTopic,
    historyTopic: config.historyTopic,
    keepsHistory: config.history === "on",
    isEmbedded: config.isEmbedded,
    isDemo: config.isEmbedded && config.roles.includes("producer"),
    demoPast: config.demoPast,
    isMapped: config.mapping !== undefined,
    commands: salesCommands(config, brokers),
  };
}

/**
 * `asOf`: until when the numbers are complete, epoch milliseconds. `t`: now, as `asOf` plus an age
 * that `Clock.now` measured. The difference is therefore right even if the clock was set since.
 * `sales`: how many are in the totals, by which a page knows that another server shows less.
 * `build`: by which it knows that there is a newer version of it.
 */
function heartbeat(of: { status: Status; board: Board; build: string; clock: Clock }): string {
  const { status, board, build, clock } = of;
  const { asOf } = board;
  const asOfTime = asOf?.date.getTime() ?? null;
  const ageMs = asOf ? Math.round(clock.now() - asOf.at) : 0;
  const t = (asOfTime ?? clock.date().getTime()) + ageMs;
  const sales = board.isComplete ? String(board.total.sales) : null;
  return JSON.stringify({ t, state: status.state, asOf: asOfTime, sales, build });
}
