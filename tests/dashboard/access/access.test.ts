/** Who is let in, and when that ends: sessions, and tokens of programs. */

import { afterAll, describe, expect, test } from "bun:test";
import { hashOfToken } from "../../../src/dashboard/access/tokens.ts";
import { replaceFile } from "../../support/users.ts";
import { waitFor } from "../../support/wait.ts";
import { basic, closeGated, cookieOf, fileOf, gated, gatedBy, right, users } from "../gated.ts";

afterAll(closeGated);

describe("the end of a session", () => {
  async function opened() {
    const started = await gated();
    const cookie = cookieOf(await started.login(right));
    const stream = await started.follow("/events?view=table", cookie);
    await stream.readUntil(({ event }) => event === "hb");
    return { ...started, cookie, stream };
  }

  test("logging out ends the session and its open stream", async () => {
    const { ask, cookie, stream } = await opened();
    const out = await ask("/logout", { method: "POST", headers: cookie });
    expect([out.status, out.headers.get("location")]).toEqual([303, "/login"]);
    expect(out.headers.get("set-cookie")).toContain("Max-Age=0");
    expect(out.headers.get("clear-site-data")).toBe('"cache"');
    expect((await ask("/", { headers: cookie })).status).toBe(401);
    await stream.readUntil(({ event }) => event === "bye");
    await stream.read();
    expect(stream.ended).toBe(true);
  });

  test("removing a user from the file ends the session and the stream", async () => {
    const { ask, file, cookie, stream } = await opened();
    replaceFile(file, users.replace("ada", "bob"));
    await stream.readUntil(({ event }) => event === "bye");
    await waitFor(async () => (await ask("/", { headers: cookie })).status === 401, {
      what: "the end of the session",
    });
    const answer = await ask("/api/totals", { headers: basic("bob", "pass:wört") });
    expect(answer.status).toBe(200);
  });
});

describe("a token", () => {
  const text = "sb_of-a-program";
  const line = (end: string, role = "viewer") => `till:${hashOfToken(text)}:${role}:${end}\n`;
  const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
  const bearer = { headers: { Authorization: `Bearer ${text}` } };

  async function startWith(content: string, ...args: string[]) {
    const tokens = fileOf(content);
    return { tokens, ...(await gated("--tokens", tokens, ...args)) };
  }

  test("lets a program in until it ends", async () => {
    const { ask } = await startWith(line(inAnHour()));
    for (const path of ["/api/totals", "/metrics", "/"]) {
      expect([path, (await ask(path, bearer)).status]).toEqual([path, 200]);
    }
    const other = { headers: { Authorization: `Bearer ${text}x` } };
    const answer = await ask("/api/totals", other);
    expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([
      401,
      'Bearer realm="Salesboard"',
    ]);
    expect(await answer.json()).toMatchObject({
      message: "The token is unknown, has ended, or was revoked.",
    });
  });

  test.each(["2020-01-31T00:00:00Z", new Date().toISOString()])("ended at %s", async (end) => {
    const { ask } = await startWith(line(end));
    expect((await ask("/api/totals", bearer)).status).toBe(401);
  });

  test("of a guest shows no amounts", async () => {
    const { ask } = await startWith(line("never", "guest"));
    expect(await (await ask("/api/totals", bearer)).json()).toMatchObject({
      total: { totalPrice: null },
    });
  });

  test("that is revoked ends its streams, and a new one is known without a restart", async () => {
    const { ask, follow, tokens } = await startWith("# none yet\n");
    expect((await ask("/events", bearer)).status).toBe(401);
    replaceFile(tokens, line("never"));
    await waitFor(async () => (await ask("/api/totals", bearer)).status === 200, {
      what: "the new token",
    });
    const stream = await follow("/events", bearer.headers);
    replaceFile(tokens, "# none any more\n");
    await stream.readUntil(({ event }) => event === "bye");
    expect((await ask("/api/totals", bearer)).status).toBe(401);
  });

  test("whose time is over ends its streams", async () => {
    const { follow, ask } = await startWith(line(new Date(Date.now() + 3_000).toISOString()));
    const stream = await follow("/events", bearer.headers);
    await stream.readUntil(({ event }) => event === "hb");
    await stream.readUntil(({ event }) => event === "bye");
    await stream.read();
    expect(stream.ended).toBe(true);
    expect((await ask("/api/totals", bearer)).status).toBe(401);
  });

  test("without users there is no form", async () => {
    const { ask } = await gatedBy("--tokens", fileOf(line("never")));
    expect((await ask("/", { headers: { Accept: "text/html" } })).status).toBe(401);
    expect((await ask("/", { headers: basic(right.name, right.password) })).status).toBe(401);
    expect((await ask("/", bearer)).status).toBe(200);
    expect((await ask("/login", bearer)).status).toBe(404);
  });
});

describe("a proxy", () => {
  const ada = { "X-Forwarded-User": "ada" };
  const proxy = ["--trusted-proxy", "10.0.0.0/8"];

  test("says who reads, and nobody else can", async () => {
    const { ask } = await gatedBy(...proxy);
    const status = async (headers: Record<string, string>, address?: string) =>
      (await ask("/api/totals", { headers }, address)).status;
    expect(await status(ada)).toBe(200);
    expect(await status({ "Remote-User": "ada" })).toBe(200);
    expect(await status({})).toBe(401);
    expect(await status(ada, "192.0.2.1")).toBe(401);
    expect(await status(ada, "")).toBe(401);
    expect(await status({ ...ada, "Remote-User": "eve" })).toBe(401);
    expect((await ask("/livez", {}, "192.0.2.1")).status).toBe(200);
  });

  /**
   * The story: on a path without a login, oauth2-proxy removes the X-Forwarded-User of a client and
   * passes its Remote-User on. Both were believed, so everybody was who they said.
   */
  test("says who reads by one header alone, where only one is named", async () => {
    const { ask } = await gatedBy(...proxy, "--proxy-user-header", "X-Forwarded-User");
    const status = async (headers: Record<string, string>) =>
      (await ask("/api/totals", { headers })).status;
    expect(await status({ "Remote-User": "eve" })).toBe(401);
    expect(await status({ "X-Forwarded-User": "", "Remote-User": "eve" })).toBe(401);
    expect(await status(ada)).toBe(200);
    expect(await status({ ...ada, "Remote-User": "eve" })).toBe(200);
    expect(await status({ "X-Forwarded-User": "ada, eve" })).toBe(401);
  });

  test("says who is a guest", async () => {
    const { ask } = await gatedBy(...proxy);
    const headers = { ...ada, "X-Forwarded-Groups": "sales,salesboard-guests" };
    expect(await (await ask("/api/totals", { headers })).json()).toMatchObject({
      total: { totalPrice: null },
    });
  });

  // An nginx that only adds TLS passes this header on exactly as the client sent it.
  test("does not say who reads where there are users, because people log in here", async () => {
    const { ask, login } = await gated(...proxy);
    expect((await ask("/api/totals", { headers: ada })).status).toBe(401);
    const cookie = (await login(right, { "X-Forwarded-Proto": "https" })).headers.get("set-cookie");
    expect(cookie).toContain("; Secure");
  });

  test("says from where somebody guesses", async () => {
    const { ask } = await gated(...proxy);
    const guess = async (address: string, i: number) => {
      const headers = { ...basic(`name ${i}`, "x"), "X-Forwarded-For": address };
      return (await ask("/api/totals", { headers })).status;
    };
    for (let i = 0; i < 10; i++) expect(await guess("203.0.113.7", i)).toBe(401);
    // On a busy machine the first pause can be over before the next guess. The next one is longer.
    let status = await guess("203.0.113.7", 10);
    for (let i = 11; i < 50 && status === 401; i++) status = await guess("203.0.113.7", i);
    expect(status).toBe(429);
    expect(await guess("203.0.113.8", 50)).toBe(401);
  });

  test("programs pass it with their tokens", async () => {
    const { ask } = await gatedBy(
      ...proxy,
      "--tokens",
      fileOf(`t:${hashOfToken("sb_x")}:viewer:never`),
    );
    const bearer = { Authorization: "Bearer sb_x" };
    expect((await ask("/metrics", { headers: bearer })).status).toBe(200);
    expect((await ask("/metrics", { headers: bearer }, "192.0.2.1")).status).toBe(200);
    // The proxy may pass a token of its own on.
    const other = { Authorization: "Bearer eyJ0" };
    expect((await ask("/metrics", { headers: { ...other, ...ada } })).status).toBe(200);
  });
});
