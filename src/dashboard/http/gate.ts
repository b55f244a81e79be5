/** The gate in front of all routes: lets readers in, and lets them log in and out. */

import type { Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { auth } from "hono/utils/basic-auth";
import type { Access, Credentials, Refusal } from "../access/access.ts";
import type { Sender } from "../access/proxy.ts";
import { SESSION_MS_MAX } from "../access/sessions.ts";
import { type Look, mannerOf } from "../look/look.ts";
import { loginPage } from "../pages/login-page.ts";
import { en, type PageWords } from "../words/en.ts";
import { wordsFor } from "../words/words.ts";
import { type Dressing, type Env, failure } from "./answers.ts";

const COOKIE = "salesboard_session";
/** Stands for the origin of this server. */
const OWN = "http://own.invalid";
/** Of the form: name, password and the address to go on to. */
const FORM_BYTES_MAX = 32 * 1024;

/** Adds the gate, and the routes of people who log in. Call before any other route is added. */
export function addGate(app: Hono<Env>, deps: Dressing, access: Access): void {
  const { base } = deps.site;
  const open = new Set(["/livez", "/readyz", "/login", "/logout"].map((path) => base + path));
  app.use(async (c, next) => {
    const { path } = c.req;
    // The page on which people log in needs its style.
    if (open.has(path) || path.startsWith(`${base}/assets/`)) return next();
    const found = await access.identify(askedOf(c, access));
    if ("why" in found) return refuse(c, deps, found, access.hasUsers);
    c.set("reader", found);
    await next();
    // Pages are only for this reader now, so no cache may keep them, and no Back button show them.
    const kept = c.res.headers.get("Cache-Control") ?? "";
    c.res.headers.set("Cache-Control", kept.replace("no-cache", "no-store") || "no-store");
    c.res.headers.append("Vary", "Authorization, Cookie");
    return undefined;
  });
  if (access.hasUsers) addForm(app, deps, access);
}

function addForm(app: Hono<Env>, deps: Dressing, access: Access): void {
  const { base } = deps.site;
  app.get(`${base}/login`, (c) => showForm(c, deps, 200, { next: c.req.query("next") ?? "" }));
  const onError = (c: Context) =>
    failure(c, deps, "badRequest", `A login has at most ${FORM_BYTES_MAX} bytes.`, 413);
  app.use(`${base}/login`, bodyLimit({ maxSize: FORM_BYTES_MAX, onError }));
  app.post(`${base}/login`, (c) => logIn(c, deps, access));
  app.post(`${base}/logout`, (c) => {
    if (!isOwnForm(c)) return stranger(c, deps);
    access.logout(sessionOf(c) ?? "");
    deleteCookie(c, COOKIE, { path: base || "/" });
    deleteCookie(c, `__Host-${COOKIE}`, { path: "/", secure: true });
    c.header("Clear-Site-Data", '"cache"');
    return c.redirect(`${base}/login`, 303);
  });
  app.on("ALL", [`${base}/login`, `${base}/logout`], (c) => {
    c.header("Allow", c.req.path.endsWith("/login") ? "GET, HEAD, POST" : "POST");
    return failure(c, deps, "methodNotAllowed", "Use the form of the page.");
  });
}

function askedOf(c: Context<Env>, access: Access): Credentials {
  const [, token] = /^Bearer +(\S+) *$/i.exec(c.req.header("Authorization") ?? "") ?? [];
  const [session, basic] = [sessionOf(c), auth(c.req.raw)];
  return { sender: senderOf(c, access), session, basic, token };
}

function sessionOf(c: Context<Env>): string | undefined {
  return getCookie(c, COOKIE, "host") || getCookie(c, COOKIE);
}

function senderOf(c: Context<Env>, access: Access): Sender {
  return access.senderOf(c.env?.address?.() ?? "", (name) => c.req.header(name));
}

async function logIn(c: Context<Env>, deps: Dressing, access: Access): Promise<Response> {
  if (!isOwnForm(c)) return stranger(c, deps);
  const form = await c.req.parseBody().catch(() => undefined);
  if (!form) return failure(c, deps, "badRequest", "The form cannot be read.");
  const field = (name: string) => (typeof form[name] === "string" ? form[name] : "");
  const [name, password, next] = [field("name"), field("password"), field("next")];
  const { address, isSecure } = senderOf(c, access);
  const found = await access.login({ name, password, address, way: "form" });
  if ("session" in found) {
    access.logout(sessionOf(c) ?? "");
    // Only the cookie of a safe connection can be kept from others.
    const secure = isSecure || new URL(c.req.url, "http://localhost").protocol === "https:";
    const path = deps.site.base || "/";
    setCookie(c, COOKIE, found.session, {
      ...{ path, secure, httpOnly: true, sameSite: "Lax", maxAge: SESSION_MS_MAX / 1000 },
      // A browser takes such a cookie from this host alone. Below a path, it would leave the path.
      ...(secure && path === "/" && { prefix: "host" }),
    });
    return c.redirect(ownAddress(next, deps.site.base), 303);
  }
  if (found.why !== "slow") {
    return showForm(c, deps, 401, { next, name, problem: ({ wrongLogin }) => wrongLogin });
  }
  const seconds = retryAfter(c, found.waitMs);
  const problem = ({ slowLogin }: PageWords) => slowLogin(seconds);
  return showForm(c, deps, 429, { next, name, problem });
}

function showForm(
  c: Context<Env>,
  { site, assets }: Dressing,
  status: 200 | 401 | 429,
  of: { next: string; name?: string; problem?: (words: PageWords) => string },
): Response {
  const look = lookOfNext(c, of.next, site.base);
  const problem = of.problem?.(wordsFor(look.locale));
  c.header("Content-Type", "text/html; charset=utf-8");
  c.header("Cache-Control", "no-store");
  return c.body(String(loginPage({ ...of, site, assets: assets.paths, look, problem })), status);
}

/** People are led to the form; programs are told how to log in. */
function refuse(
  c: Context<Env>,
  deps: Dressing,
  found: Refusal,
  hasForm: boolean,
): Response | Promise<Response> {
  if (found.why === "slow") {
    const seconds = retryAfter(c, found.waitMs);
    return failure(c, deps, "unavailable", en.slowLogin(seconds), 429);
  }
  const header = (name: string) => c.req.header(name) ?? "";
  const isScript = header("HX-Request") !== "" || /cors|same-origin/.test(header("Sec-Fetch-Mode"));
  const isPerson = /\btext\/html\b/.test(header("Accept")) && header("Authorization") === "";
  if (hasForm && isPerson && !isScript && ["GET", "HEAD"].includes(c.req.method)) {
    const { pathname, search } = new URL(c.req.url, "http://localhost");
    const next = encodeURIComponent(pathname + search);
    c.header("Cache-Control", "no-store");
    return c.redirect(`${deps.site.base}/login?next=${next}`, 303);
  }
  // A challenge makes a browser ask with a window of its own. A page whose session is over loads
  // itself again instead, which leads to the form.
  const scheme = hasForm && found.why !== "token" ? 'Basic charset="UTF-8", ' : "Bearer ";
  if (isScript) c.header("HX-Refresh", "true");
  else c.header("WWW-Authenticate", `${scheme}realm="Salesboard"`);
  const message = {
    wrong: en.wrongLogin,
    proxy: "The headers of the proxy do not agree on who reads.",
    token: "The token is unknown, has ended, or was revoked.",
    unknown: "This address needs a login.",
  }[found.why];
  return failure(c, deps, "notShown", message, 401);
}

function retryAfter(c: Context<Env>, waitMs: number): number {
  const seconds = Math.ceil(waitMs / 1000);
  c.header("Retry-After", String(seconds));
  return seconds;
}

/**
 * A page of a stranger must not log people in or out. Browsers say where a form comes from; a
 * program that says nothing has no reader to harm.
 */
function isOwnForm(c: Context<Env>): boolean {
  const site = c.req.header("Sec-Fetch-Site");
  if (site !== undefined) return site === "same-origin" || site === "none";
  const origin = c.req.header("Origin");
  if (origin === undefined) return true;
  const host = c.req.header("Host") ?? new URL(c.req.url, "http://localhost").host;
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

function stranger(c: Context<Env>, deps: Dressing): Response | Promise<Response> {
  const message = "This form was sent by a page of another site.";
  return failure(c, deps, "notShown", message);
}

/** The form has the language and the colours of the page that it leads to. */
function lookOfNext(c: Context<Env>, next: string, base: string): Look {
  const { searchParams } = new URL(ownAddress(next, base), OWN);
  return mannerOf(searchParams, c.req.header("Accept-Language"));
}

/** An address of this dashboard, never one of a stranger who made the link to the form. */
function ownAddress(next: string, base: string): string {
  const home = `${base}/`;
  if (!next.startsWith(home) || !URL.canParse(next, OWN)) return home;
  // Without its origin, the address is of this server, whatever it was before.
  const { pathname, search } = new URL(next, OWN);
  return pathname.startsWith(home) && !pathname.startsWith("//") ? pathname + search : home;
}
