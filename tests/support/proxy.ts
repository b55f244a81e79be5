/** Real proxies in front of a dashboard, with the settings that docs/proxies.md tells users. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { endWithThisProcess } from "./guard.ts";
import { freePort } from "./ports.ts";
import { nginxPath } from "./require.ts";
import { waitFor } from "./wait.ts";

const proxyNames = ["nginx", "Caddy", "Traefik"] as const;
export type ProxyName = (typeof proxyNames)[number];
export type Place = "at the root" | "under a path";
/** The prefix of all paths: the dashboard is started with it as `--base-path`. */
export const bases: Readonly<Record<Place, string>> = {
  "at the root": "",
  "under a path": "/sales",
};

/** Who may pass. */
export const credentials = { username: "ada", password: "lovelace" };

const startAttemptsMax = 3;
const STOP_MS_MAX = 20_000;
const docs = fileURLToPath(new URL("../../docs/proxies.md", import.meta.url));

export interface RunningProxy {
  /** Of the host, without a slash at the end; TLS with a certificate that nobody trusts. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts one in front of the dashboard at `port`, and waits until it asks for a password. */
export async function startProxy(
  name: ProxyName,
  place: Place,
  port: number,
): Promise<RunningProxy> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(name, place, port);
    } catch (error) {
      // Another process can take a free port before the proxy does.
      if (attempt === startAttemptsMax) throw error;
    }
  }
}

/** Where a proxy has its files, and the ports it is between. */
interface Setting {
  readonly dir: string;
  readonly block: string;
  readonly listen: number;
  readonly upstream: number;
}

async function start(name: ProxyName, place: Place, upstream: number): Promise<RunningProxy> {
  const dir = mkdtempSync(join(tmpdir(), "salesboard-proxy-"));
  const listen = await freePort();
  const block = settingsOf(`${name} ${place}`);
  const { cmd, env = { PATH: Bun.env.PATH ?? "" } } = commandOf[name]({
    dir,
    block,
    listen,
    upstream,
  });
  const log = Bun.file(join(dir, "log"));
  const child = Bun.spawn({ cmd, cwd: dir, env, stdin: "ignore", stdout: log, stderr: log });
  endWithThisProcess(child, dir);
  const stop = async () => {
    // Caddy would wait for streams that a failed test has left open, for ever.
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
    child.kill("SIGTERM");
    await child.exited;
    clearTimeout(timer);
    rmSync(dir, { recursive: true, force: true });
  };
  const url = `https://localhost:${listen}`;
  try {
    await waitFor(
      () => {
        if (child.exitCode !== null)
          throw new Error(`${name} ended: ${readFileSync(log.name ?? "")}`);
        return asksForPassword(`${url}${bases[place]}/`);
      },
      { what: `${name} to answer` },
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

async function asksForPassword(url: string): Promise<boolean> {
  const response = await fetch(url, { tls: { rejectUnauthorized: false } }).catch(() => undefined);
  return response?.status === 401;
}

/** The block of settings below a heading of docs/proxies.md. */
export function settingsOf(heading: string): string {
  const text = readFileSync(docs, "utf8");
  const section = text.split(/^#{2,3} /m).find((part) => part.startsWith(`${heading}\n`));
  const block = /^```\w+\n(.*?)^```$/ms.exec(section ?? "")?.[1];
  if (!block) throw new Error(`docs/proxies.md has no settings below "${heading}".`);
  return block;
}

type Command = (setting: Setting) => { cmd: string[]; env?: Record<string, string> };

const commandOf: Readonly<Record<ProxyName, Command>> = {
  nginx: ({ dir, block, listen, upstream }) => {
    const { certificate, key } = makeCertificate(dir);
    const server = replaceAll(block, [
      [/listen 443/, `listen 127.0.0.1:${listen}`],
      [/server_name \S+;/, "server_name localhost;"],
      [/\/etc\/ssl\/certs\/\S+\.pem/, certificate],
      [/\/etc\/ssl\/private\/\S+\.key/, key],
      [/\/etc\/nginx\/salesboard\.htpasswd/, makePasswords(dir)],
      [/127\.0\.0\.1:3000/, `127.0.0.1:${upstream}`],
    ]);
    const user = process.getuid?.() === 0 ? "user root;" : "";
    const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    const temporary = folders.map((name) => `${name}_temp_path ${dir}/${name};`).join(" ");
    // What the settings say about compression must hold also where it is on for everything.
    const http = `http { ${temporary} access_log off; gzip on; gzip_types *;\n${server} }`;
    const file = join(dir, "nginx.conf");
    const main = `daemon off; ${user} pid ${dir}/pid; error_log stderr; events {}`;
    writeFileSync(file, `${main}\n${http}\n`);
    return { cmd: [nginxPath() ?? "nginx", "-p", dir, "-e", "stderr", "-c", file] };
  },
  Caddy: ({ dir, block, listen, upstream }) => {
    const hash = output("caddy", "hash-password", "--plaintext", credentials.password);
    const site = replaceAll(block, [
      [/^\S+\.example\.com/, `https://localhost:${listen}`],
      [/\$2a\$14\$REPLACE\S*/, hash],
      [/127\.0\.0\.1:3000/, `127.0.0.1:${upstream}`],
      ...(isBefore(output("caddy", "version"), 2, 8) ? [[/basic_auth/, "basicauth"] as const] : []),
    ]);
    const options =
      "{\n\tadmin off\n\tdefault_bind 127.0.0.1\n\tskip_install_trust\n\tauto_https disable_redirects\n}";
    const file = join(dir, "Caddyfile");
    writeFileSync(file, `${options}\n${site}`);
    // Its certificates and its state, in the test's own folder.
    const env = { HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir, PATH: Bun.env.PATH ?? "" };
    return { cmd: ["caddy", "run", "--adapter", "caddyfile", "--config", file], env };
  },
  Traefik: ({ dir, block, listen, upstream }) => {
    const { certificate, key } = makeCertificate(dir);
    const dynamic = replaceAll(block, [
      [/Host\(`\S+?`\)/, "Host(`localhost`)"],
      [/\/etc\/ssl\/certs\/\S+\.pem/, certificate],
      [/\/etc\/ssl\/private\/\S+\.key/, key],
      [/\/etc\/traefik\/salesboard\.htpasswd/, makePasswords(dir)],
      [/127\.0\.0\.1:3000/, `127.0.0.1:${upstream}`],
    ]);
    const file = join(dir, "salesboard.yml");
    writeFileSync(file, dynamic);
    const fixed = replaceAll(settingsOf("Traefik"), [
      [/":443"/, `"127.0.0.1:${listen}"`],
      [/\/etc\/traefik\/salesboard\.yml/, file],
    ]);
    writeFileSync(join(dir, "traefik.yml"), fixed);
    return { cmd: ["traefik", "--configFile", join(dir, "traefik.yml")] };
  },
};

/** Each must be there: what is not replaced would be tested in name only. */
export function replaceAll(
  text: string,
  replacements: readonly (readonly [RegExp, string])[],
): string {
  let result = text;
  for (const [pattern, replacement] of replacements) {
    if (!pattern.test(result)) throw new Error(`docs/proxies.md has no ${pattern} in:\n${text}`);
    result = result.replace(pattern, () => replacement);
  }
  return result;
}

export function makeCertificate(dir: string): { certificate: string; key: string } {
  const certificate = join(dir, "certificate.pem");
  const key = join(dir, "certificate.key");
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const files = ["-keyout", key, "-out", certificate];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  output("openssl", "req", "-x509", "-days", "2", ...curve, ...subject, ...files);
  return { certificate, key };
}

function makePasswords(dir: string): string {
  const file = join(dir, "salesboard.htpasswd");
  const hash = output("openssl", "passwd", "-apr1", credentials.password);
  writeFileSync(file, `${credentials.username}:${hash}\n`);
  return file;
}

function output(...cmd: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync({ cmd, stdin: "ignore" });
  if (exitCode !== 0) throw new Error(`${cmd.join(" ")}: ${stderr}`);
  return stdout.toString().trim();
}

function isBefore(version: string, major: number, minor: number): boolean {
  const [, first = 0, second = 0] = /(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  return first < major || (first === major && second < minor);
}
