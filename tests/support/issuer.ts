/** An issuer of OpenID Connect, as small as one can be: who has its cookie is logged in. */

import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";

const KEY_ID = "key-1";
const TOKEN_SECONDS = 600;

export interface Client {
  readonly id: string;
  readonly secret: string;
}

/** A login that waits for its token. */
interface Login {
  readonly name: string;
  readonly nonce: string | null;
  readonly redirect: string;
  /** Of PKCE; null = the client does without. */
  readonly challenge: string | null;
}

/** The cookie with which a browser is known to the issuer as `name`. */
export function issuerCookie(name: string): string {
  return `who=${name}`;
}

/** @param groups of each user that there is */
export class Issuer {
  readonly url: string;
  readonly #server: Bun.Server<undefined>;
  readonly #client: Client;
  readonly #groups: Readonly<Record<string, readonly string[]>>;
  readonly #logins = new Map<string, Login>();
  readonly #keys = generateKeyPairSync("rsa", { modulusLength: 2048 });

  constructor(client: Client, groups: Readonly<Record<string, readonly string[]>>) {
    this.#client = client;
    this.#groups = groups;
    const fetch = (request: Request) => this.#answer(request);
    this.#server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch });
    this.url = `http://127.0.0.1:${this.#server.port}`;
  }

  stop(): void {
    this.#server.stop(true);
  }

  #answer(request: Request): Response | Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const { url } = this;
    switch (pathname) {
      case "/.well-known/openid-configuration":
        return Response.json({
          issuer: url,
          authorization_endpoint: `${url}/authorize`,
          token_endpoint: `${url}/token`,
          jwks_uri: `${url}/keys`,
          response_types_supported: ["code"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["RS256"],
          code_challenge_methods_supported: ["S256"],
        });
      case "/keys": {
        const key = this.#keys.publicKey.export({ format: "jwk" });
        return Response.json({ keys: [{ ...key, kid: KEY_ID, use: "sig", alg: "RS256" }] });
      }
      case "/authorize":
        return this.#authorize(searchParams, request.headers.get("Cookie") ?? "");
      case "/token":
        return this.#token(request);
      default:
        return new Response(null, { status: 404 });
    }
  }

  #authorize(asked: URLSearchParams, cookies: string): Response {
    const [, name = ""] = /who=(\w+)/.exec(cookies) ?? [];
    if (asked.get("client_id") !== this.#client.id) return new Response(null, { status: 400 });
    const redirect = asked.get("redirect_uri") ?? "";
    const back = new URL(redirect);
    back.searchParams.set("state", asked.get("state") ?? "");
    if (name in this.#groups) {
      const code = randomUUID();
      const [nonce, challenge] = [asked.get("nonce"), asked.get("code_challenge")];
      this.#logins.set(code, { name, nonce, redirect, challenge });
      back.searchParams.set("code", code);
    } else {
      back.searchParams.set("error", "access_denied");
    }
    return Response.redirect(back.href);
  }

  async #token(request: Request): Promise<Response> {
    const form = new URLSearchParams(await request.text());
    const { id, secret } = this.#client;
    const basic = `Basic ${btoa(`${id}:${secret}`)}`;
    const isClient =
      request.headers.get("Authorization") === basic ||
      (form.get("client_id") === id && form.get("client_secret") === secret);
    const code = form.get("code") ?? "";
    const login = this.#logins.get(code);
    this.#logins.delete(code);
    const verifier = createHash("sha256").update(form.get("code_verifier") ?? "");
    const isSame =
      login?.redirect === form.get("redirect_uri") &&
      (login?.challenge === null || login?.challenge === verifier.digest("base64url"));
    if (!isClient || !login || !isSame) {
      return Response.json({ error: "invalid_grant" }, { status: 400 });
    }
    const [id_token, access_token] = [this.#tokenOf(login), randomUUID()];
    return Response.json({
      access_token,
      token_type: "Bearer",
      expires_in: TOKEN_SECONDS,
      id_token,
    });
  }

  #tokenOf({ name, nonce }: Login): string {
    const iat = Math.floor(Date.now() / 1000);
    const claims = {
      iss: this.url,
      aud: this.#client.id,
      // No name, as at real issuers, and with a colon, which Salesboard takes in no name.
      sub: `urn:user:${name}`,
      email: `${name}@example.com`,
      email_verified: true,
      preferred_username: name,
      groups: this.#groups[name],
      iat,
      exp: iat + TOKEN_SECONDS,
      ...(nonce !== null && { nonce }),
    };
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${part({ alg: "RS256", typ: "JWT", kid: KEY_ID })}.${part(claims)}`;
    const signature = sign("sha256", Buffer.from(text), this.#keys.privateKey);
    return `${text}.${signature.toString("base64url")}`;
  }
}
