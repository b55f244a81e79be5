/**
 * A look: the view configuration that an address describes. Readers with the same look see the same
 * page and get the same bytes.
 */

import { z } from "zod";
import { chooseLocale, locales } from "./format.ts";

export const views = ["table", "graph", "product", "letters"] as const;
export const columns = [
  "product",
  "quantity",
  "price",
  "sales",
  "returns",
  "share",
  "change",
] as const;
export const windows = ["15m", "24h", "30d", "60d"] as const;
export const measures = ["revenue", "units", "sales"] as const;
/** Spans of days for the whole page. The last one has no bounds. */
export const periods = ["today", "yesterday", "7d", "30d", "all"] as const;
export type Period = (typeof periods)[number];
export const themes = ["auto", "light", "dark"] as const;

/** As long as the longest product name. */
const SEARCH_LENGTH_MAX = 256;
const PAGE_MAX = 100_000;
/** As long as the name of a dimension may be. */
const BY_LENGTH_MAX = 32;
/** What programs get that ask for no other one. */
const PROGRAMS_WINDOW = "15m";
/** Products that a reader may pick for the graph. Each gets a line. */
const PICKS_MAX = 12;

/** The parameters of an address. A missing parameter means the default. */
const schema = z.object({
  /** Missing in the address of a stream: all data, for programs. */
  view: z.enum(views).optional(),
  lang: z.enum(locales).optional(),
  /** Missing: what a page opens with, which is today if days are known. */
  period: z.enum(periods).optional(),
  /** The IANA name of the zone for times. */
  tz: z.string().refine(isZone, "Expected a time zone such as Europe/Vienna").optional(),
  theme: z.enum(themes).default("auto"),
  kiosk: z.stringbool().default(false),
  /** Hides amounts, for screens that guests see. */
  mask: z.stringbool().default(false),
  /** A column; a leading `-` means descending order. */
  sort: z.enum([...columns, ...columns.map((column) => `-${column}` as const)]).default("-price"),
  q: z.string().max(SEARCH_LENGTH_MAX).default(""),
  page: z.coerce.number().int().min(1).max(PAGE_MAX).default(1),
  /** Missing: what suits the period of the page. Programs get the last minutes. */
  window: z.enum(windows).optional(),
  measure: z.enum(measures).default("revenue"),
  shape: z.enum(["stacked", "lines"]).default("stacked"),
  product: z.array(z.string()).max(PICKS_MAX).default([]),
  /** The dimension whose values the table adds up, such as store. Missing: products. */
  by: z.string().max(BY_LENGTH_MAX).optional(),
});

type Query = z.infer<typeof schema>;

const names = Object.keys(schema.shape) as (keyof Query)[];
const defaults = schema.parse({});

/** The parameters by name, as JSON Schemas of their values. */
export function parameterSchemas(): Readonly<Record<string, { [keyword: string]: unknown }>> {
  const { properties = {} } = z.toJSONSchema(schema, { unrepresentable: "any" });
  return properties as Record<string, { [keyword: string]: unknown }>;
}

export interface Look extends Readonly<Query> {
  readonly locale: string;
  readonly window: NonNullable<Query["window"]>;
  /** What `window` would be if the address named none. */
  readonly ownWindow: Look["window"];
  /** Looks with the same key share their frames. */
  readonly key: string;
}

/** A parameter of the address is invalid. The message is a sentence for the reader. */
export class LookError extends Error {
  override readonly name = "LookError";
}

/**
 * Reads the look from an address. `view`: the page, if the path of the address names it.
 * @throws LookError that names the parameter, its value and what is accepted
 */
export function parseLook(
  search: URLSearchParams,
  acceptLanguage: string | undefined,
  view?: Query["view"],
): Look {
  const given: Record<string, unknown> = {};
  for (const name of names) {
    const values = search.getAll(name);
    if (values.length === 0) continue;
    const last = values.at(-1);
    if (name === "product") given[name] = [...new Set(values)];
    else if (last !== "") given[name] = last;
    // `?kiosk` turns the mode on. For other parameters an empty form field means the default.
    else if (name === "kiosk" || name === "mask") given[name] = "true";
  }
  if (view) given.view = view;
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0] ?? "address");
    const received = JSON.stringify(given[name])?.slice(0, 80);
    throw new LookError(`Cannot show this page: ${name} is ${received}. ${issue?.message}.`);
  }
  const query = parsed.data;
  if (query.view === "product") query.product = query.product.slice(0, 1);
  if (query.by !== undefined) {
    if (query.view !== undefined && query.view !== "table") {
      throw new LookError(
        `Cannot show this page: by is ${JSON.stringify(query.by)}. Only the table and its totals ` +
          "are kept by a dimension.",
      );
    }
    // The last minute comes from history, which is kept of products.
    if (query.sort.endsWith("change")) query.sort = defaults.sort;
  }
  const locale = query.lang ?? chooseLocale(acceptLanguage);
  const ownWindow = windowFor(query);
  const look = { ...query, window: query.window ?? ownWindow, ownWindow, locale };
  // The key includes theme and zone, because links in frames repeat the whole address.
  return { ...look, key: `${locale} ${queryOf(look)}` };
}

/** A page that says how today goes opens with a chart of today, and so on. */
function windowFor({ view, period = "today" }: Pick<Query, "view" | "period">): Look["window"] {
  if (view === undefined) return PROGRAMS_WINDOW;
  if (period === "all") return "60d";
  return period === "today" || period === "yesterday" ? "24h" : "30d";
}

/**
 * The query of the address that shows `look` with `changes`: "" or "?sort=sales". Leaves out
 * defaults, a locale that comes from the browser, and the window that comes from the period: with
 * another period, it is another one.
 */
export function queryOf(
  look: Query & { readonly ownWindow?: Look["ownWindow"] | undefined },
  changes: Partial<Query> = {},
): string {
  const values = { ...look, ...changes };
  if (values.window === look.ownWindow) values.window = undefined;
  const search = new URLSearchParams();
  for (const name of names) {
    const value = values[name];
    if (value === undefined || value === defaults[name]) continue;
    for (const item of Array.isArray(value) ? value : [value]) search.append(name, String(item));
  }
  return search.size === 0 ? "" : `?${search}`;
}

/** The period that a stream is asked for; undefined = that of a page. Programs get all time. */
export function periodAsked({ view, period }: Pick<Query, "view" | "period">): Period | undefined {
  return period ?? (view === undefined ? "all" : undefined);
}

/**
 * The valid parameters of an address that say how to show a page: language, zone, theme, kiosk and
 * mask. An error page needs them, because its links must be as masked as the page that failed.
 */
export function mannerOf(search: URLSearchParams, acceptLanguage?: string): Look {
  const kept = new URLSearchParams();
  for (const name of ["lang", "tz", "theme", "kiosk", "mask"]) {
    const one = new URLSearchParams([...search].filter(([each]) => each === name));
    try {
      parseLook(one, undefined);
      for (const [, value] of one) kept.append(name, value);
    } catch (error) {
      if (!(error instanceof LookError)) throw error;
    }
  }
  return parseLook(kept, acceptLanguage);
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
