/** One request to a registry, with its bounds. */

import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";

const RESPONSE_BYTES_MAX = 16 * 1024 * 1024;

export interface RegistryAccess {
  /** May have a user and a password in it: never print it, print `publicUrl`. */
  readonly url: string;
  /** PEM; undefined = the authorities that the system trusts. */
  readonly ca: string | undefined;
  readonly token: string | undefined;
  /** The longest time of one request. */
  readonly requestMs: number;
}

export interface RegistryAnswer {
  readonly status: number;
  readonly text: string;
}

/** Without user and password. */
export function publicUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname === "/" ? "" : pathname}`;
}

/** Rejects with the error of the connection, or after `requestMs`. `path` begins with a slash. */
export function ask(access: RegistryAccess, path: string): Promise<RegistryAnswer> {
  const base = new URL(access.url);
  const url = new URL(base.pathname.replace(/\/$/, "") + path, base.origin);
  const isSecure = url.protocol === "https:";
  const authorization = authorizationOf(base, access.token);
  return new Promise((resolve, reject) => {
    const request = (isSecure ? httpsRequest : httpRequest)(
      url,
      {
        headers: {
          accept: "application/vnd.schemaregistry.v1+json, application/json",
          ...(authorization && { authorization }),
        },
        ...(isSecure && access.ca !== undefined && { ca: access.ca }),
      },
      (response) => read(response).then(resolve, reject),
    );
    const timer = setTimeout(() => {
      request.destroy(new Error(`no answer within ${access.requestMs / 1_000} s`));
    }, access.requestMs);
    request.on("close", () => clearTimeout(timer));
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.end();
  });
}

async function read(response: IncomingMessage): Promise<RegistryAnswer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > RESPONSE_BYTES_MAX) {
      response.destroy();
      throw new Error(`an answer of more than ${RESPONSE_BYTES_MAX} bytes`);
    }
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") };
}

function authorizationOf({ username, password }: URL, token: string | undefined) {
  if (token !== undefined) return `Bearer ${token}`;
  if (username === "" && password === "") return undefined;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}
