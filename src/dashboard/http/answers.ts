/** What all routes have in common: reading an address, failing, and answering with JSON. */

import type { Context } from "hono";
import type { Reader } from "../access/reader.ts";
import { type Look, mannerOf, parseLook } from "../look/look.ts";
import type { Site } from "../look/site.ts";
import type { Assets } from "../pages/assets.ts";
import { type ErrorTitle, errorPage } from "../pages/pages.ts";
import { en } from "../words/en.ts";
import type { StreamSupport } from "./server.ts";

/** Seconds after which a refused client should try again. */
export const RETRY_AFTER_SECONDS = 5;

/** What the server passes with each request, and what the gate has found out. */
export interface Env {
  Bindings: StreamSupport;
  /** Without a reader, everybody who reaches the port may read everything. */
  Variables: { reader?: Reader };
}

/** What a page needs that shows nothing of a board. */
export interface Dressing {
  readonly site: Site;
  readonly assets: Assets;
}

/** Refuses a file that has amounts. */
export function masked(c: Context<Env>, deps: Dressing) {
  const message = "Amounts are hidden in this view; this page would reveal them.";
  return failure(c, deps, "notShown", message);
}

const statuses = {
  ...({ badRequest: 400, hostNotAllowed: 403, notShown: 403, notFound: 404 } as const),
  ...({ methodNotAllowed: 405, failed: 500, unavailable: 503 } as const),
} satisfies Record<ErrorTitle, number>;
export type ErrorStatus = (typeof statuses)[ErrorTitle] | 401 | 413 | 429;

/** Answers a program with JSON, and a person with a page. The status is that of the title. */
export function failure(
  c: Context<Env>,
  deps: Dressing,
  title: ErrorTitle,
  message: string,
  status: ErrorStatus = statuses[title],
) {
  if (c.req.path.startsWith(`${deps.site.base}/api/`)) {
    return json(c, status, JSON.stringify({ error: en.errors[title], message }));
  }
  const look = mannerOf(searchOf(c), c.req.header("Accept-Language"));
  const page = errorPage(
    { site: deps.site, assets: deps.assets.paths, look },
    { title, message, ...(status === 503 && { refreshSeconds: RETRY_AFTER_SECONDS }) },
  );
  c.header("Content-Type", "text/html; charset=utf-8");
  c.header("Cache-Control", "no-store");
  return c.body(String(page), status);
}

export const JSON_TYPE = "application/json; charset=utf-8";

/** An answer that no cache keeps. */
export function json(c: Context<Env>, status: 200 | ErrorStatus, text: string): Response {
  c.header("Content-Type", JSON_TYPE);
  c.header("Cache-Control", "no-store");
  return c.body(text, status);
}

/** What the address asks for; `view` and `by` as its path says. @throws LookError */
export function lookOf(c: Context<Env>, view?: Look["view"], by?: string): Look {
  const search = searchOf(c);
  if (by !== undefined) search.set("by", by);
  return parseLook(search, c.req.header("Accept-Language"), view);
}

/**
 * The parameters of the address, which nothing else reads. Here, and nowhere else, the amounts of a
 * guest are masked: as if the address said so, whatever it says.
 */
function searchOf(c: Context<Env>): URLSearchParams {
  // The base is for requests without a host, whose address is not complete.
  const search = new URL(c.req.url, "http://localhost").searchParams;
  if (c.get("reader")?.role === "guest") search.set("mask", "true");
  return search;
}
