/** The gate: with users, nobody reads anything without a login. */

import { afterAll, describe, expect, test } from "bun:test";
import { hashOfToken } from "../../../src/dashboard/access/tokens.ts";
import { fedDashboard } from "../fixture.ts";
import { basic, closeGated, cookieOf, fileOf, gated, right } from "../gated.ts";

afterAll(closeGated);

/** Every route but the open ones; structure of routes.ts. */
const paths = [
  ...["/", "/index.html", "/graph", "/product?product=Laptop", "/product/sales?product=Laptop"],
  ...["/dead-letters", "/events", "/api/totals", "/api/history", "/api/alerts", "/metrics"],
  ...["/download/totals.csv", "/download/dead-letters.json", "/download/history.csv"],
  ...["/api/v1/totals", "/api/v1/events", "/api/v1/download/totals.json", "/openapi.json"],
  ...["/asyncapi.json", "/nothing", "/loginx", "/assetsx", "/livez/x"],
];

describe("without a login", () => {
  test.each(paths)("%s says nothing to a program but how to log in", async (path) => {
    const { ask } = await gated();
    const answer = await ask(path);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toStartWith("Basic ");
    expect(await answer.text()).not.toMatch(/Laptop|1,?234/);
  });

  test("what an address says lets nobody in: neither a name and password, nor a token", async () => {
    const token = "sb_of-a-program";
    const tokens = fileOf(`till:${hashOfToken(token)}:viewer:never\n`);
    const { ask, login } = await gated("--tokens", tokens);
    const [, session = ""] = (cookieOf(await login(right)).Cookie ?? "").split("=");
    const said = [
      new URLSearchParams(right),
      ...["token", "access_token", "authorization", "salesboard_session"].flatMap((name) => [
        new URLSearchParams({ [name]: token }),
        new URLSearchParams({ [name]: `Bearer ${token}` }),
        new URLSearchParams({ [name]: session }),
      ]),
    ];
    for (const query of said) {
      const answer = await ask(`/api/totals?${query}`);
      expect([String(query), answer.status]).toEqual([String(query), 401]);
    }
    const empty = { method: "POST", body: new URLSearchParams() };
    expect((await ask(`/login?${new URLSearchParams(right)}`, empty)).status).toBe(401);
    const bearer = { headers: { Authorization: `Bearer ${token}` } };
    expect((await ask("/api/totals", bearer)).status).toBe(200);
  });

  test("a person is led to the form, and from there to where the way led", async () => {
    const { ask, login } = await gated();
    const answer = await ask("/graph?window=24h", { headers: { Accept: "text/html" } });
    expect([answer.status, answer.headers.get("location")]).toEqual([
      303,
      "/login?next=%2Fgraph%3Fwindow%3D24h",
    ]);
    const form = await (await ask("/login?next=%2Fgraph%3Fwindow%3D24h")).text();
    expect(form).toContain('<input type="hidden" name="next" value="/graph?window=24h">');
    expect(form).not.toContain("<script");
    const next = await login({ ...right, next: "/graph?window=24h" });
    expect([next.status, next.headers.get("location")]).toEqual([303, "/graph?window=24h"]);
  });

  test.each(["/livez", "/readyz", "/login"])("%s is open", async (path) => {
    const { ask } = await gated();
    expect((await ask(path)).status).toBe(200);
  });

  test("the style of the form is open", async () => {
    const { ask } = await gated();
    const [style = ""] = /\/assets\/styles[^"]+/.exec(await (await ask("/login")).text()) ?? [];
    expect((await ask(style)).status).toBe(200);
  });

  // A browser would ask with a window of its own, in front of the page.
  test("a script gets no challenge, and its page loads itself again", async () => {
    const { ask } = await gated();
    const answer = await ask("/events", { headers: { "HX-Request": "true", Accept: "text/html" } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBeNull();
    expect(answer.headers.get("hx-refresh")).toBe("true");
  });
});

describe("basic authentication", () => {
  test("lets a program in, with any characters in the password", async () => {
    const { ask } = await gated();
    for (const path of ["/api/totals", "/metrics", "/"]) {
      const answer = await ask(path, { headers: basic("ada", "pass:wört") });
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.headers.get("set-cookie")).toBeNull();
      expect(answer.headers.get("cache-control")).toContain("no-store");
    }
  });

  test.each([
    ["ada", "wrong"],
    ["ada", ""],
    ["eve", "pass:wört"],
  ])("refuses %s with the password %s", async (name, password) => {
    const { ask } = await gated();
    const answer = await ask("/api/totals", { headers: basic(name, password) });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ message: "Name or password is wrong." });
  });

  test.each(["Basic", "Basic !", "Basic YWRh", "Bearer x", "x"])("refuses %s", async (header) => {
    const { ask } = await gated();
    expect((await ask("/", { headers: { Authorization: header } })).status).toBe(401);
  });

  test("guessing is slowed down, and a program that was let in before is not", async () => {
    const { ask } = await gated();
    const good = { headers: basic("ada", "pass:wört") };
    expect((await ask("/api/totals", good)).status).toBe(200);
    const guess = (i: number) => ask("/api/totals", { headers: basic("ada", `guess ${i}`) });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push((await guess(i)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401]);
    // On a busy machine the first pause can be over before the next guess. The next one is longer.
    let answer = await guess(5);
    for (let i = 6; i < 50 && answer.status !== 429; i++) answer = await guess(i);
    expect(answer.status).toBe(429);
    expect(answer.headers.get("retry-after")).toMatch(/^([1-9]|10)$/);
    expect((await ask("/api/totals", good)).status).toBe(200);
  });
});

describe("the form", () => {
  test("opens a session by a cookie that scripts and strangers do not get", async () => {
    const { ask, login } = await gated();
    const answer = await login(right);
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/"]);
    const cookie = answer.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^salesboard_session=[\w-]{43}; Max-Age=604800; Path=\//);
    expect(cookie).toContain("HttpOnly");
    expect(cookie).toContain("SameSite=Lax");
    expect(cookie).not.toContain("Secure");
    const page = await ask("/", { headers: cookieOf(answer) });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('title="ada is logged in"');
  });

  test("opens another session with each login, and ends the one that was open", async () => {
    const { ask, login } = await gated();
    const first = cookieOf(await login(right));
    const second = cookieOf(await login(right, first));
    expect(second).not.toEqual(first);
    expect((await ask("/", { headers: first })).status).toBe(401);
    expect((await ask("/", { headers: second })).status).toBe(200);
  });

  test("the cookie is for TLS only when the form came by TLS", async () => {
    const { ask } = await gated();
    const init = { method: "POST", body: new URLSearchParams(right) };
    const answer = await ask("https://localhost/login", init);
    const cookie = answer.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(
      /^__Host-salesboard_session=[\w-]{43}; Max-Age=604800; Path=\/;.* Secure/,
    );
    const headers = cookieOf(answer);
    expect((await ask("/", { headers })).status).toBe(200);
    const out = await ask("/logout", { method: "POST", headers });
    expect(out.headers.getSetCookie().join()).toContain("__Host-salesboard_session=; Max-Age=0;");
    expect((await ask("/", { headers })).status).toBe(401);
  });

  test("a cookie for TLS below a base path stays below the path", async () => {
    const { ask } = await gated("--base-path", "/sales");
    const init = { method: "POST", body: new URLSearchParams(right) };
    const answer = await ask("https://localhost/sales/login", init);
    const cookie = answer.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^salesboard_session=.*; Path=\/sales;.* Secure/);
    expect((await ask("/sales/", { headers: cookieOf(answer) })).status).toBe(200);
  });

  test("the wrong password shows the form again, without it", async () => {
    const { login } = await gated();
    const answer = await login({ name: "<ada>", password: "geheim", next: "/graph" });
    const text = await answer.text();
    expect(answer.status).toBe(401);
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(text).toContain("Name or password is wrong.");
    expect(text).toContain('value="&lt;ada&gt;"');
    expect(text).not.toContain("geheim");
  });

  test.each([
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "/x/..//evil.example",
    "evil",
    "javascript:alert(1)",
    "/\t/evil.example",
  ])("leads home instead of to %s", async (next) => {
    const { login } = await gated();
    expect((await login({ ...right, next })).headers.get("location")).toBe("/");
  });

  test("speaks the language of the page that it leads to, or that of the browser", async () => {
    const { ask, login } = await gated();
    const form = await (await ask("/login?next=%2F%3Flang%3Dde%26theme%3Ddark")).text();
    expect(form).toContain('<html lang="de" data-theme="dark">');
    expect(form).toContain("<button>Anmelden</button>");
    const wrong = { name: "ada", password: "x" };
    const answers = [
      await login(wrong, { "Accept-Language": "fr" }),
      await login({ ...wrong, next: "/graph?lang=es" }, { "Accept-Language": "fr" }),
    ];
    const [french, spanish] = await Promise.all(answers.map((answer) => answer.text()));
    expect(french).toContain("Le nom d’utilisateur ou le mot de passe est incorrect.");
    expect(spanish).toContain("El nombre de usuario o la contraseña no es correcto.");
    const headers = cookieOf(await login(right));
    expect(await (await ask("/?lang=de", { headers })).text()).toContain("<span>Abmelden</span>");
  });

  test("works under a base path, and its cookie is for that path", async () => {
    const { ask } = await gated("--base-path", "/sales");
    const body = new URLSearchParams({ ...right, next: "/other" });
    const answer = await ask("/sales/login", { method: "POST", body });
    expect(answer.headers.get("location")).toBe("/sales/");
    expect(answer.headers.get("set-cookie")).toContain("Path=/sales;");
    expect((await ask("/sales/", { headers: cookieOf(answer) })).status).toBe(200);
    expect((await ask("/sales/livez")).status).toBe(200);
    expect((await ask("/sales/")).status).toBe(401);
  });

  test.each([
    { Origin: "https://evil.example" },
    { Origin: "null" },
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site", Origin: "http://localhost" },
  ])("a page of a stranger logs nobody in or out: %p", async (headers) => {
    const { ask, login } = await gated();
    expect((await login(right, headers as Record<string, string>)).status).toBe(403);
    const cookie = cookieOf(await login(right));
    const out = { method: "POST", headers: { ...headers, ...cookie } as Record<string, string> };
    expect((await ask("/logout", out)).status).toBe(403);
    expect((await ask("/", { headers: cookie })).status).toBe(200);
  });

  test("its own page logs in, as old browsers say it and as new ones do", async () => {
    const { login } = await gated();
    const [origin, site] = [{ Origin: "http://localhost" }, { "Sec-Fetch-Site": "same-origin" }];
    expect((await login(right, origin)).status).toBe(303);
    expect((await login(right, site)).status).toBe(303);
  });

  test("refuses more bytes than a login has", async () => {
    const { login } = await gated();
    expect((await login({ ...right, next: "x".repeat(40_000) })).status).toBe(413);
  });

  // It was answered 500, with a stack in the log, and anybody could send it. Found by schemathesis.
  test.each(["multipart/form-data", "multipart/form-data; boundary=x", "text/plain", "a/b"])(
    "that cannot be read as %s is refused",
    async (type) => {
      const { ask } = await gated();
      const answer = await ask("/login", {
        method: "POST",
        body: "name=ada&password=",
        headers: { "Content-Type": type },
      });
      expect([type, answer.status]).toEqual([type, type.startsWith("multipart") ? 400 : 401]);
    },
  );

  test("guessing is slowed down, and the form says for how long", async () => {
    const { login } = await gated();
    let answer = await login({ name: "ada", password: "0" });
    for (let i = 1; i < 50 && answer.status !== 429; i++) {
      answer = await login({ name: "ada", password: String(i) });
    }
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await answer.text()).toContain("Too many logins failed. Try again in ");
  });

  test("other methods are refused", async () => {
    const { ask } = await gated();
    expect((await ask("/login", { method: "PUT" })).status).toBe(405);
    expect((await ask("/logout")).status).toBe(405);
  });
});

test("without users there is no form, and no header changes", async () => {
  const fed = await fedDashboard();
  fed.dashboard.close();
  expect((await fed.dashboard.app.request("/login")).status).toBe(404);
  const page = await fed.dashboard.app.request("/");
  expect(page.headers.get("cache-control")).toBe("no-cache");
  expect(page.headers.get("referrer-policy")).toBe("no-referrer");
});
