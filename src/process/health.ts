/** The command `health`: asks a running dashboard whether it is ready. */

import { z } from "zod";
import type { Config } from "../config/config.ts";
import { messageOf } from "../lib/errors.ts";
import { ask, type DashboardSettings, dashboardUrl } from "./dashboard-request.ts";

/** What a dashboard answered; `status` is null without an answer. */
export interface Health {
  ready: boolean;
  url: string;
  status: number | null;
  /** Why the dashboard is not ready, in its own words or those of the network. */
  reasons: string[];
}

const TIMEOUT_MS = 3000;
const BODY_CHARACTERS_MAX = 1000;

/** Asks a dashboard's `/readyz` and waits for at most 3 s. */
export async function checkHealth(config: DashboardSettings): Promise<Health> {
  const url = dashboardUrl(config, "/readyz");
  const answer = { ready: false, url: url.href };
  try {
    const { status, body } = await get(url);
    if (status === 200) return { ...answer, ready: true, status, reasons: [] };
    return { ...answer, status, reasons: reasonsOf(body) };
  } catch (error) {
    return { ...answer, status: null, reasons: [messageOf(error)] };
  }
}

/** The command `health`: prints one line and returns the exit status. */
export async function runHealth(config: Config, print: (line: string) => void): Promise<0 | 1> {
  const health = await checkHealth(config);
  const { ready, url, status, reasons } = health;
  if (config.json) print(JSON.stringify(health));
  else if (ready) print(`${url} is ready.`);
  else print(`${url} is not ready (${status ?? "no answer"}): ${oneLine(reasons.join("; "))}`);
  return ready ? 0 : 1;
}

/** The reasons in the answer, or its text, because another server may have answered. */
function reasonsOf(body: string): string[] {
  try {
    return z.object({ reasons: z.array(z.string()) }).parse(JSON.parse(body)).reasons;
  } catch {
    return [body];
  }
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, " ").trim();
}

function get(url: URL): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const request = ask(url, {}, (response) => {
    let body = "";
    const done = () => {
      resolve({ status: response.statusCode ?? 0, body: body.slice(0, BODY_CHARACTERS_MAX) });
      response.destroy();
    };
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      body += chunk;
      if (body.length >= BODY_CHARACTERS_MAX) done();
    });
    response.on("end", done);
    response.on("error", reject);
  });
  request.on("error", reject);
  const timer = setTimeout(() => {
    reject(new Error(`no answer within ${TIMEOUT_MS}ms`));
    request.destroy();
  }, TIMEOUT_MS);
  return promise.finally(() => clearTimeout(timer));
}
