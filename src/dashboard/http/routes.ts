/** The routes of the dashboard. */

import { type Context, Hono, type MiddlewareHandler } from "hono";
import { KafkaError } from "../../kafka/kafka.ts";
import type { Judge } from "../../mapping/model/judgement.ts";
import type { Access } from "../access/access.ts";
import { LoginsBusyError } from "../access/passwords.ts";
import { dataPaths } from "../api/operations.ts";
import { formats } from "../fragments/download-links.ts";
import type { Scene } from "../fragments/scene.ts";
import { boardPath } from "../look/address.ts";
import { type Look, LookError, type Period } from "../look/look.ts";
import { type Html, type Site, type SiteTopics, topicNames } from "../look/site.ts";
import type { Assets } from "../pages/assets.ts";
import { lettersPage } from "../pages/dead-letters-page.ts";
import type { Page } from "../pages/layout.ts";
import { graphPage, homePage, tablePage } from "../pages/pages.ts";
import { productPage, type StoredSale, salesWish } from "../pages/product-page.ts";
import { lettersWish, reasonsWish } from "../records/dead-letters.ts";
import { BusyError, type Latest, type Records } from "../records/records.ts";
import type { Hub } from "../stream/hub.ts";
import { type Env, failure, JSON_TYPE, lookOf, masked, RETRY_AFTER_SECONDS } from "./answers.ts";
import { conditional } from "./conditional.ts";
import { addDescriptions } from "./descriptions.ts";
import {
  type Download,
  historyCsv,
  historyJson,
  lettersFile,
  totalsFile,
  totalsJson,
} from "./downloads.ts";
import { NotFoundError, totalsAsked, wholeHistory, wholeTotals } from "./figures.ts";
import { addGate } from "./gate.ts";
import { hostProblem, refuseNoAddress } from "./hosts.ts";
import type { Metrics } from "./metrics.ts";
import { addMetrics, addProbes, getter } from "./probes.ts";

/** No content of other hosts, no inline code and no eval. */
const CONTENT =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
  "font-src 'self'; base-uri 'none'; form-action 'self'";
const SECURITY_HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

export interface Deps {
  readonly site: Site;
  readonly assets: Assets;
  /** Who is let in; undefined = everybody. */
  readonly access: Access | undefined;
  readonly build: () => string;
  /** What it may be called in an address; undefined = anything. */
  readonly names: ReadonlySet<string> | undefined;
  /** Origins of the pages that may show ours in a frame; empty = none. */
  readonly frameAncestors: readonly string[];
  readonly hub: Hub;
  readonly metrics: Metrics;
  /** `/metrics` is among these routes, because it has no port of its own. */
  readonly hasMetrics: boolean;
  /**
   * With the board of a period; undefined = what a page opens with. `by`: a dimension of the site;
   * undefined = products.
   */
  readonly scene: (period?: Period, by?: string) => Scene;
  readonly records: Pick<Records, "latest">;
  readonly judge: Judge;
  /** No mapping is given. */
  readonly isFlat: boolean;
  /** As JSON, without amounts if they are masked. */
  readonly alerts: (isMasked: boolean) => string;
  /** Why the dashboard is not ready; empty when it is. */
  readonly reasons: () => readonly string[];
  readonly onError: (error: Error) => void;
}

function securityHeadersOf({ frameAncestors, access }: Deps): Record<string, string> {
  const framing = frameAncestors.join(" ") || "'none'";
  return {
    "Content-Security-Policy": `${CONTENT}; frame-ancestors ${framing}`,
    ...SECURITY_HEADERS,
    // Without a referrer, browsers do not say which page has sent a form.
    ...(access && { "Referrer-Policy": "same-origin" }),
  };
}

export function createApp(deps: Deps): Hono<Env> {
  const { site, assets, access } = deps;
  const app = new Hono<Env>();
  const headers = securityHeadersOf(deps);
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
  });
  app.use(refuseNoAddress);
  app.use(byName(deps));
  if (access) addGate(app, deps, access);
  app.notFound((c) => failure(c, deps, "notFound", "This address does not exist."));
  app.onError((error, c) => failed(c, deps, error));

  const get = getter(app, site.base, (c, message) => {
    return failure(c, deps, "methodNotAllowed", message);
  });
  const pageOf = (c: Context<Env>, view?: Look["view"], by?: string): Page => {
    const [look, reader] = [lookHere(c, deps, view, by), c.get("reader")];
    return {
      ...deps.scene(look.period, look.by),
      assets: assets.paths,
      build: deps.build(),
      look,
      reader,
    };
  };
  const productPageOf = (c: Context<Env>) => ofKnownProduct(pageOf(c, "product"));
  const show = (render: (page: Page) => Html, view?: Look["view"]) => (c: Context<Env>) =>
    shown(c, render(pageOf(c, view)));
  get(site.base === "" ? ["/", "/index.html"] : ["", "/", "/index.html"], (c) => {
    return show(homePage, c.req.query("view") ? undefined : "table")(c);
  });
  for (const { name } of site.boards) {
    get([boardPath(name)], (c) => shown(c, tablePage(pageOf(c, "table", name))));
  }
  get(["/graph", "/graph.html"], show(graphPage, "graph"));
  get(["/product"], (c) => shown(c, productPage(productPageOf(c))));
  get(["/product/sales"], async (c) => {
    const page = productPageOf(c);
    return shown(c, productPage(page, await latestSales(page, deps)));
  });
  const letters = (wishOf = lettersWish) => latestLetters(deps, wishOf);
  // The second is the address of earlier versions.
  get(["/rejected", "/dead-letters"], async (c) => {
    const page = pageOf(c, "letters");
    return shown(c, lettersPage(page, await letters(reasonsWish)));
  });
  get(dataPaths("/events"), (c) => events(c, deps));
  const data = (path: string, make: (look: Look) => string, canMask = true) => {
    get(dataPaths(path), (c) => {
      const look = lookHere(c, deps);
      if (look.mask && !canMask) return masked(c, deps);
      return conditional(c, { body: make(look), type: JSON_TYPE, isMasked: look.mask });
    });
  };
  data("/api/totals", (look) => totalsJson(totalsAsked(deps, look), look));
  const history = (look: Look) => {
    return historyJson(wholeHistory(deps, look), look, deps.scene("all").board.state);
  };
  data("/api/history", history, false);
  data("/api/alerts", (look) => deps.alerts(look.mask));
  const file = (name: string, make: (look: Look) => Download | Promise<Download>) => {
    get(dataPaths(`/download/${name}`), async (c) => {
      const look = lookHere(c, deps);
      return look.mask ? masked(c, deps) : download(c, await make(look));
    });
  };
  for (const format of formats) {
    file(`totals.${format}`, (look) => {
      const { table, board } = wholeTotals(deps, look);
      return totalsFile(format, board, table.list(board, look), look.by);
    });
    file(`dead-letters.${format}`, async () => {
      return lettersFile(format, (await letters()).records, deps.site.deadLetterTopic);
    });
  }
  file("history.csv", (look) => historyCsv(wholeHistory(deps, look), look));
  addDescriptions(get, deps);
  addProbes(get, deps);
  if (deps.hasMetrics) addMetrics(get, deps);
  get(["/assets/:name"], (c) => asset(c, deps));
  return app;
}

/** Those of the product of a page, on the partitions that hold it, of all input topics. */
function latestSales({ view, look }: Page, deps: Deps): Promise<Latest<StoredSale>> {
  const { records, site } = deps;
  const [product = ""] = look.product;
  const places = view.partitionsOf(product);
  const wishOf = ({ inputTopic: topic }: SiteTopics, i: number) => {
    const partitions = places.flatMap((at) => (at.topic === i ? [at.partition] : []));
    return salesWish({ ...deps, topic, product, partitions });
  };
  const [first, others] = [site, site.others ?? []];
  return records.latest(wishOf(first, 0), ...others.map((of, i) => wishOf(of, i + 1)));
}

function latestLetters({ records, site }: Deps, wishOf: typeof lettersWish) {
  const [, ...others] = topicNames(site, ({ deadLetterTopic }) => deadLetterTopic);
  return records.latest(wishOf(site.deadLetterTopic), ...others.map(wishOf));
}

/** Probes ask by any address, and learn nothing of the board. */
function byName(deps: Deps): MiddlewareHandler<Env> {
  const probes = ["/livez", "/readyz"].map((path) => deps.site.base + path);
  return (c, next) => {
    // A browser always sends the header; without one, the address may have a name.
    const host = c.req.header("Host") ?? new URL(c.req.url, "http://localhost").host;
    const problem = deps.names && hostProblem(host, deps.names);
    if (problem === undefined || probes.includes(c.req.path)) return next();
    return Promise.resolve(failure(c, deps, "hostNotAllowed", problem));
  };
}

/** What the address asks for. @throws LookError, also for a dimension that there is not */
function lookHere(c: Context<Env>, { site }: Deps, view?: Look["view"], by?: string): Look {
  const look = lookOf(c, view, by);
  const names = site.boards.map(({ name }) => name);
  if (look.by === undefined || names.includes(look.by)) return look;
  const all = names.length === 0 ? "no dimension" : names.join(", ");
  const received = JSON.stringify(look.by);
  throw new LookError(
    `Cannot show this page: by is ${received}. The mapping of this dashboard has ${all}.`,
  );
}

function shown(c: Context<Env>, page: Html): Response | Promise<Response> {
  return c.body(String(page), 200, {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-cache",
    Vary: "Accept-Language",
  });
}

/** @throws LookError @throws NotFoundError */
function ofKnownProduct(page: Page): Page {
  const [name] = page.look.product;
  if (name === undefined) {
    throw new LookError(
      "Cannot show a product: the address must name one, such as /product?product=Laptop.",
    );
  }
  const { isComplete, rows } = page.view.board;
  // Until the totals are read, the product may exist.
  if (!isComplete || rows.some(({ product }) => product === name)) return page;
  throw new NotFoundError(`The totals contain no sales of ${name}.`);
}

function failed(c: Context<Env>, deps: Deps, error: Error) {
  if (error instanceof LookError) return failure(c, deps, "badRequest", error.message);
  if (error instanceof NotFoundError) return failure(c, deps, "notFound", error.message);
  const isBusy = error instanceof BusyError || error instanceof LoginsBusyError;
  if (isBusy || error instanceof KafkaError) {
    c.header("Retry-After", String(RETRY_AFTER_SECONDS));
    const message = `${error.message} Try again in a few seconds.`;
    return failure(c, deps, "unavailable", message);
  }
  deps.onError(error);
  return failure(c, deps, "failed", "See the server log for the reason.");
}

/** The live stream, with headers that make proxies pass it on unbuffered and unchanged. */
function events(c: Context<Env>, deps: Deps): Response {
  const { hub } = deps;
  const headers = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
    Vary: "Accept-Language",
  };
  // Hono answers HEAD by GET, and nobody would read a stream opened for HEAD.
  if (c.req.raw.method === "HEAD") return c.body(null, 200, headers);
  const stream = hub.subscribe(lookHere(c, deps), c.env?.openStream, c.get("reader")?.isLetIn);
  if (!stream) {
    const message = "All streams are in use. Try again in a few seconds.";
    return c.text(message, 503, {
      "Retry-After": String(RETRY_AFTER_SECONDS),
      "Cache-Control": "no-store",
      // A kept connection would hold an open file, which is what the limit of streams saves.
      Connection: "close",
    });
  }
  c.env?.keepOpen?.();
  return c.body(stream, 200, headers);
}

function asset(c: Context<Env>, { assets }: Deps): Response | Promise<Response> {
  const file = assets.find(c.req.param("name") ?? "");
  if (!file) return c.notFound();
  const accepted = c.req.header("Accept-Encoding") ?? "";
  const gzipped = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(accepted)
    ? file.gzipped()
    : undefined;
  return c.body(gzipped ?? file.body, 200, {
    "Content-Type": file.type,
    "Cache-Control": "public, max-age=31536000, immutable",
    Vary: "Accept-Encoding",
    ...(gzipped && { "Content-Encoding": "gzip" }),
  });
}

function download(c: Context<Env>, { name, type, body }: Download): Response {
  const headers = { "Content-Disposition": `attachment; filename="${name}"` };
  // Whoever is shown a file is shown its amounts.
  if (typeof body === "string") return conditional(c, { body, type, isMasked: false, headers });
  return c.body(body, 200, { ...headers, "Content-Type": type, "Cache-Control": "no-store" });
}
