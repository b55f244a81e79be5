/** Tags of answers, and the addresses of data that stay. */

import { afterAll, describe, expect, test } from "bun:test";
import { waitFor } from "../../support/wait.ts";
import { type Fed, fedDashboard } from "../fixture.ts";
import { basic, closeGated, gated, right } from "../gated.ts";

const open: Fed[] = [];
afterAll(() => {
  for (const { dashboard } of open) dashboard.close();
  closeGated();
});

/** With a sale, and the time of its totals stopped. */
async function shop(...args: string[]): Promise<Fed> {
  const fed = await fedDashboard(...args);
  open.push(fed);
  fed.source.asOf = Date.now();
  fed.feed("Laptop", "1234.50");
  await waitFor(() => fed.view.board.rows.length === 1, { what: "the sale" });
  return fed;
}

const get = (fed: Fed, path: string, headers: Record<string, string> = {}) =>
  fed.dashboard.app.request(path, { headers });

const paths = [
  ...["/api/totals", "/api/history", "/api/alerts"],
  ...["csv", "json", "ndjson"].map((format) => `/download/totals.${format}`),
  "/download/history.csv",
];

describe("an address under /api/v1", () => {
  test.each([...paths, "/download/dead-letters.json", "/download/dead-letters.csv"])(
    "answers as %s does, byte by byte",
    async (path) => {
      const fed = await shop();
      // The time of the totals, and that of the graph, go on between two requests.
      const still = (text: string) => text.replace(/"asOf":"[^"]+"|"start":\d+/, "");
      const [old, stable] = [await get(fed, path), await get(fed, stablePath(path))];
      expect([old.status, stable.status]).toEqual([200, 200]);
      expect(still(await stable.text())).toBe(still(await old.text()));
      for (const name of ["content-type", "content-disposition", "cache-control"]) {
        expect(stable.headers.get(name)).toBe(old.headers.get(name));
      }
    },
  );

  test("is a stream too", async () => {
    const answer = await get(await shop(), "/api/v1/events");
    expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    await answer.body?.cancel();
  });

  test("fails with JSON, also where the older address fails with a page", async () => {
    const fed = await shop();
    const answer = await get(fed, "/api/v1/download/totals.csv?mask");
    expect([answer.status, await answer.json()]).toMatchObject([403, { error: "Not shown" }]);
    const wrong = await get(fed, "/api/v1/events?sort=x");
    expect([wrong.status, await wrong.json()]).toMatchObject([400, { error: "Bad request" }]);
    expect((await get(fed, "/api/v2/totals")).status).toBe(404);
  });
});

describe("a tag", () => {
  test.each(paths)("of %s saves reading the same again", async (path) => {
    const fed = await shop();
    const first = await get(fed, path);
    const tag = first.headers.get("etag") ?? "";
    expect(tag).toMatch(/^"[\w-]{22}"$/);
    expect(first.headers.get("cache-control")).toBe("no-cache");
    const body = await first.text();
    for (const named of [tag, `W/${tag}`, `"x", ${tag}`, "*"]) {
      const again = await get(fed, path, { "If-None-Match": named });
      // A second may pass meanwhile, and move the graph.
      if (again.status === 200) expect(await again.text()).not.toBe(body);
      else
        expect([again.status, again.headers.get("etag"), await again.text()]).toEqual([
          304,
          // Any tag is meant by *, also that of a moved graph.
          named === "*" ? expect.stringMatching(/^"[\w-]{22}"$/) : tag,
          "",
        ]);
    }
    expect((await get(fed, path, { "If-None-Match": '"x"' })).status).toBe(200);
  });

  test("differs once a sale is counted, and HEAD tells it", async () => {
    const fed = await shop();
    const head = () => fed.dashboard.app.request("/api/v1/totals", { method: "HEAD" });
    const before = (await head()).headers.get("etag") ?? "";
    fed.feed("Mouse", "1");
    await waitFor(() => fed.view.board.rows.length === 2, { what: "the second sale" });
    const after = await get(fed, "/api/v1/totals", { "If-None-Match": before });
    expect([after.status, after.headers.get("etag") === before]).toEqual([200, false]);
  });

  // Without rules, the alerts are the same bytes for everybody.
  test.each(["/api/totals", "/api/alerts"])(
    "of %s is never that of what is masked",
    async (path) => {
      const fed = await shop();
      const whole = (await get(fed, path)).headers.get("etag") ?? "";
      const hidden = await get(fed, `${path}?mask`, { "If-None-Match": whole });
      expect([hidden.status, hidden.headers.get("etag") === whole]).toEqual([200, false]);
    },
  );

  test("is given to readers who log in, but no cache keeps the answer", async () => {
    const { ask } = await gated();
    const headers = basic(right.name, right.password);
    const answer = await ask("/api/v1/alerts", { headers });
    const tag = answer.headers.get("etag") ?? "";
    const again = await ask("/api/v1/alerts", { headers: { ...headers, "If-None-Match": tag } });
    expect(again.status).toBe(304);
    for (const { headers } of [answer, again]) {
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("vary")).toBe("Authorization, Cookie");
    }
    expect((await ask("/api/v1/alerts", { headers: { "If-None-Match": tag } })).status).toBe(401);
  });

  test.each(["/livez", "/readyz", "/metrics", "/download/dead-letters.json", "/api/nothing"])(
    "is not made of %s, which no cache keeps",
    async (path) => {
      const answer = await get(await shop(), path);
      expect(answer.headers.get("etag")).toBeNull();
      expect(answer.headers.get("cache-control")).toBe("no-store");
    },
  );
});

function stablePath(path: string): string {
  return `/api/v1${path.replace(/^\/api/, "")}`;
}
