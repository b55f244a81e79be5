/** The dashboard: committed totals (follow.ts) → view → hub → the same bytes to every open page. */

import { boardTopics, type Config, perTopic } from "../config/config.ts";
import { salesCommands } from "../config/shell/sales-commands.ts";
import { type Clock, momentOf, systemClock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { binaryInput, inputJudge } from "../mapping/input-judge.ts";
import { type Access, openAccess } from "./access/access.ts";
import { Advisor } from "./advice/advisor.ts";
import { Alarm } from "./alerts/alarm.ts";
import { alertsJson } from "./alerts/alerts.ts";
import { type DimensionBoard, ShownBoards } from "./boards.ts";
import type { StatusSource } from "./follow/status-source.ts";
import { publish, snapshot } from "./fragments/publish.ts";
import { allowedNames } from "./http/hosts.ts";
import { Metrics } from "./http/metrics.ts";
import { createMetricsApp } from "./http/probes.ts";
import { createApp } from "./http/routes.ts";
import type { App } from "./http/server.ts";
import { type Period, periodAsked } from "./look/look.ts";
import type { Site } from "./look/site.ts";
import { Graph } from "./model/graph.ts";
import type { HistoryView } from "./model/history-view.ts";
import type { SalesView } from "./model/view.ts";
import { loadAssets } from "./pages/assets.ts";
import { buildOf } from "./pages/pages.ts";
import type { Records } from "./records/records.ts";
import { saleTimes } from "./sale-times.ts";
import { Hub } from "./stream/hub.ts";
import { streamsMax } from "./stream/open-files.ts";
import { PublishTimer } from "./stream/publish-timer.ts";

/** Clients are promised one each 5 s. Each heartbeat also moves the "as of" time of the pages. */
const HEARTBEAT_MS = 1_000;

export interface Dashboard {
  readonly app: ReturnType<typeof createApp>;
  /** For a port of its own: probes and metrics. */
  readonly metricsApp: App;
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
  isHistoryCurrent?: () => boolean;
  /** Those by dimension. */
  boards?: readonly DimensionBoard[];
  records: Pick<Records, "latest">;
  source: Pick<StatusSource, "status" | "reasons">;
  /** Who is let in; without it, as the settings say. */
  access?: Access | undefined;
  /** What watches the numbers, and goes on when this dashboard closes; without it, its own. */
  alarm?: Alarm | undefined;
  clock?: Clock;
  log: Log;
}): Promise<Dashboard> {
  const { config, view, history, records, source, clock = systemClock, log } = options;
  const { boards = [], isHistoryCurrent = () => true } = options;
  const site = siteOf(config, { brokers: options.brokers ?? config.brokers ?? "", boards });
  const assets = await loadAssets(site.base);
  const graph = new Graph(history, isHistoryCurrent);
  const timesAt = saleTimes(graph, isHistoryCurrent);
  const shown = new ShownBoards({ view, source }, boards, { site, history });
  const scene = (period?: Period, by?: string) => {
    const { view, table } = shown.of(by);
    return { board: view.boardOf(period), view, site, graph, table };
  };
  // Only when a page asks: in a process without readers, it is a quarter of the dashboard's start.
  let made: string | undefined;
  const build = () => (made ??= buildOf(site, assets.paths));
  const alarm = options.alarm ?? new Alarm({ config, clock, log });
  alarm.watch(view, site);
  const { alerts } = alarm;
  const hub = new Hub({
    snapshot: (look) => snapshot(scene(periodAsked(look), look.by), look),
    heartbeat: ({ by }) => heartbeat({ ...shown.of(by), build: build(), clock }),
    clock,
    log,
    streamsMax: streamsMax(),
  });
  const reasons = () => shown.reasons;
  const binary = binaryInput(config);
  const judge = inputJudge(config, binary?.schemas);
  const metrics = new Metrics({ view, boards, hub, reasons });
  const access = options.access ?? openAccess({ config, clock, log });
  const onError = ({ message: reason, stack }: Error) =>
    log.error("A request failed.", { reason, stack });
  const shared = { site, access, hub, names: allowedNames(config), metrics, reasons, onError };
  const app = createApp({
    ...shared,
    frameAncestors: config.frameAncestors ?? [],
    hasMetrics: config.metricsPort === undefined,
    assets,
    build,
    scene,
    records,
    judge,
    isFlat: config.mapping === undefined,
    alerts: (isMasked) => alertsJson(alerts, isMasked),
  });
  const timer: PublishTimer = new PublishTimer(() => {
    const [now, { days }] = [momentOf(clock), view.board];
    const said = { alerts: alerts.lines, rules: alerts.rules, advice: advisor.advice };
    const { products, values } = timesAt(days, now);
    const status = { ...source.status, ...said, ...products };
    const others = boards.map((of) => {
      const times = of.view.board.days?.zone === days?.zone ? values : {};
      return { by: of.name, view: of.view, status: { ...of.source.status, ...said, ...times } };
    });
    return publish({ view, status, others, hub, currentScene: scene, now });
  });
  const onChange = () => timer.request();
  const advisor = new Advisor({ records, judge, binary, config, clock, log, onChange });
  const changed = () => {
    if (shown.hasNews) timer.request();
    // A board for the rate or the lag alone must not take the turn of one with sales.
    else timer.requestAfter(HEARTBEAT_MS / 2);
  };
  const beat = setInterval(() => {
    access?.turn();
    changed();
    advisor.consider(view.board);
    if (alarm.evaluate(view)) timer.request();
    metrics.report(alarm.figures);
    hub.beat();
  }, HEARTBEAT_MS);
  timer.request();
  const close = () => {
    clearInterval(beat);
    timer.stop();
    if (!options.alarm) void alarm.close();
    hub.close();
  };
  return { app, metricsApp: createMetricsApp(shared), metrics, changed, close };
}

function siteOf(
  config: Config,
  { brokers, boards }: { brokers: string; boards: readonly DimensionBoard[] },
): Site {
  // Before the first topic is known, nothing is read by these names.
  const [first = config, ...further] = perTopic(config);
  const topicsOf = ({ inputTopic, outputTopic, deadLetterTopic, historyTopic }: Config) => {
    return { inputTopic, outputTopic, deadLetterTopic, historyTopic };
  };
  const others = further.map((of) => ({ ...topicsOf(of), boards: boardTopics(of) }));
  return {
    base: config.basePath === "/" ? "" : config.basePath,
    title: config.title ?? "Salesboard",
    currency: config.currency,
    target: config.target,
    ...topicsOf(first),
    boards: boards.map(({ name, topic }) => ({ name, topic })),
    ...(others.length > 0 && { others }),
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
function heartbeat(of: {
  source: Pick<StatusSource, "status">;
  view: Pick<SalesView, "board">;
  build: string;
  clock: Clock;
}): string {
  const { build, clock } = of;
  const [{ status }, { board }] = [of.source, of.view];
  const { asOf } = board;
  const asOfTime = asOf?.date.getTime() ?? null;
  const ageMs = asOf ? Math.round(clock.now() - asOf.at) : 0;
  const t = (asOfTime ?? clock.date().getTime()) + ageMs;
  const sales = board.isComplete ? String(board.total.sales) : null;
  return JSON.stringify({ t, state: status.state, asOf: asOfTime, sales, build });
}
