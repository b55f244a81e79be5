/** A dashboard with users, as the tests of access ask it. */

import { hashOf, replaceFile, temporaryFolder } from "../support/users.ts";
import { type Fed, fedDashboard } from "./fixture.ts";
import { StreamClient } from "./stream.ts";

const open: Fed[] = [];
let folder: ReturnType<typeof temporaryFolder> | undefined;
let files = 0;

export function closeGated(): void {
  for (const { dashboard } of open.splice(0)) dashboard.close();
  folder?.remove();
  folder = undefined;
}

export const right = { name: "ada", password: "pass:wört" };
export const users = `ada:${await hashOf(right.password)}\n`;

/** A file with this content. */
export function fileOf(content: string): string {
  folder ??= temporaryFolder();
  const file = folder.file(`file-${++files}`);
  replaceFile(file, content);
  return file;
}

/** With `right` as its user, at the address 10.0.0.1. */
export async function gated(...args: string[]) {
  const file = fileOf(users);
  return { file, ...(await gatedBy("--users", file, ...args)) };
}

export async function gatedBy(...args: string[]) {
  const fed = await fedDashboard(...args);
  open.push(fed);
  fed.feed("Laptop", "1234.50");
  const ask = (path: string, init: RequestInit = {}, address = "10.0.0.1") =>
    fed.dashboard.app.request(path, init, { address: () => address });
  const login = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    ask("/login", { method: "POST", body: new URLSearchParams(fields), headers });
  const follow = async (path: string, headers: Record<string, string>) => {
    const { body } = await ask(path, { headers });
    if (!body) throw new Error("No stream.");
    return new StreamClient(body);
  };
  return { fed, ask, login, follow };
}

export function basic(name: string, password: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}` };
}

export function cookieOf(response: Response): Record<string, string> {
  return { Cookie: (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "" };
}
