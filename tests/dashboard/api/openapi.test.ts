/** The description by OpenAPI against the routes that there are, and what they answer. */

import { afterAll, describe, expect, test } from "bun:test";
import type { JsonSchema } from "../../../src/lib/json-schema.ts";
import { problemsOf } from "../../support/json-schema.ts";
import { waitFor } from "../../support/wait.ts";
import { DayWriter } from "../day-writer.ts";
import { type Fed, fedDashboard, key, letter } from "../fixture.ts";
import { basic, closeGated, fileOf, right, users } from "../gated.ts";
import { PastWriter } from "../past-writer.ts";

const open: Fed[] = [];
afterAll(() => {
  for (const { dashboard } of open) dashboard.close();
  closeGated();
});

interface Answer {
  readonly content?: Record<string, { schema: JsonSchema }>;
}

interface Described {
  readonly operationId: string;
  readonly parameters: readonly ({ $ref: string } | { name: string; in: string })[];
  readonly responses: Record<string, Answer>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Described>>;
  readonly components: {
    readonly schemas: Record<string, JsonSchema>;
    readonly parameters: Record<string, object>;
  };
}

async function start(...args: string[]) {
  const fed = await fedDashboard(...args);
  open.push(fed);
  return fed;
}

const byStore = "product: product; quantity: quantity; price: price; by store: $.store";
const login = { headers: basic(right.name, right.password) };

async function documentOf(fed: Fed, base = ""): Promise<Document> {
  const answer = await fed.dashboard.app.request(`${base}/openapi.json`, login, {});
  expect(answer.status).toBe(200);
  return (await answer.json()) as Document;
}

/** "get /graph" of each route; what only refuses, or stands before others, answers nothing. */
function routesOf({ dashboard }: Fed): string[] {
  const named = dashboard.app.routes.filter(({ method }) => ["GET", "POST"].includes(method));
  const paths = named.map(({ method, path }) => {
    return `${method.toLowerCase()} ${path.replace(/:(\w+)/g, "{$1}")}`;
  });
  return [...new Set(paths)].sort();
}

describe("every route is described, and every description has a route", () => {
  test.each([
    [[]],
    [["--base-path", "/a/b"]],
    [["--metrics-port", "0"]],
    [["--map", byStore]],
    [["--users", fileOf(users)]],
    [["--trusted-proxy", "127.0.0.1"]],
    [["--users", fileOf(users), "--base-path", "/a", "--metrics-port", "0"]],
  ])("with %p", async (args) => {
    const fed = await start(...args);
    const base = args[args.indexOf("--base-path") + 1] ?? "";
    const document = fed.dashboard.app;
    expect(document.routes.length).toBeGreaterThan(20);
    const prefix = args.includes("--base-path") ? base : "";
    const proxied = { headers: { ...login.headers, "X-Forwarded-User": "ada" } };
    const env = { address: () => "127.0.0.1" };
    const answer = await fed.dashboard.app.request(`${prefix}/openapi.json`, proxied, env);
    const { paths } = (await answer.json()) as Document;
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual(routesOf(fed));
  });
});

describe("the document", () => {
  test("leads nowhere that it does not describe, and names each operation once", async () => {
    const document = await documentOf(await start());
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(50);
    for (const [, path = ""] of references) {
      const found = path.split("/").reduce<unknown>((at, name) => {
        return (at as Record<string, unknown> | undefined)?.[name];
      }, document);
      expect([path, typeof found]).toEqual([path, "object"]);
    }
    const each = Object.values(document.paths).flatMap(Object.values) as Described[];
    const names = each.map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  test("names a login only where there is one, and what is open then", async () => {
    expect(await documentOf(await start())).toMatchObject({ security: [] });
    const fed = await start("--users", fileOf(users));
    const document = await documentOf(fed);
    expect(document).toMatchObject({
      security: [{ token: [] }, { password: [] }, { session: [] }],
    });
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const { status } = await fed.dashboard.app.request(
          path.replace("{name}", "none"),
          { method: method.toUpperCase() },
          {},
        );
        expect([path, method, status === 401 && method === "get"]).toEqual([
          path,
          method,
          !("security" in operation),
        ]);
      }
    }
  });

  test("is for those who are let in, because it names topics and paths", async () => {
    const fed = await start("--users", fileOf(users));
    for (const path of ["/openapi.json", "/asyncapi.json"]) {
      expect((await fed.dashboard.app.request(path)).status).toBe(401);
    }
  });
});

/** With totals, days, history, alerts and dead letters. */
async function shop(...args: string[]): Promise<Fed> {
  const fed = await start("--alert", "revenue >= 5", "--target", "100", ...args);
  const today = new Date().toISOString().slice(0, 10);
  const writer = new DayWriter(fed.view);
  writer.sell("Laptop", today, "1234.5").sell("Mouse", today, "0.25", true).commit(Date.now());
  new PastWriter(fed.past).sell(0, Math.floor(Date.now() / 1000) - 5, 3).commit();
  fed.letters.push(letter(), letter({ key: key("a"), value: Uint8Array.of(0xff), headers: [] }));
  fed.source.asOf = Date.now();
  fed.dashboard.changed();
  await waitFor(() => fed.view.board.rows.length === 2, { what: "the sales" });
  return fed;
}

const asked = [
  ...["/api/v1/totals", "/api/v1/totals?period=7d", "/api/v1/totals?mask", "/api/v1/alerts?mask"],
  ...["/api/v1/alerts", "/api/v1/history?window=15m", "/api/v1/history?window=30d&product=Mouse"],
  ...["/download/totals.json?period=today", "/download/dead-letters.json", "/livez", "/readyz"],
  ...["/openapi.json", "/asyncapi.json", "/", "/graph", "/product?product=Mouse", "/rejected"],
  ...[
    "/product/sales?product=Laptop",
    "/download/totals.csv",
    "/download/totals.ndjson",
    "/metrics",
  ],
  ...["/download/history.csv", "/download/dead-letters.csv", "/download/dead-letters.ndjson"],
  ...[
    "/api/v1/totals?sort=x",
    "/api/v1/history?mask",
    "/api/v1/download/totals.csv?mask",
    "/product",
  ],
  ...["/product?product=none", "/graph?page=0", "/download/history.csv?window=1s", "/index.html"],
];

describe("what is answered is what is described:", () => {
  test.each(asked)("%s", async (address) => {
    const fed = await shop();
    const document = await documentOf(fed);
    const answer = await fed.dashboard.app.request(address);
    const [path = ""] = address.split("?");
    const { content } = document.paths[path]?.get?.responses[answer.status] ?? {};
    const [type = ""] = (answer.headers.get("content-type") ?? "").split(";");
    expect([answer.status, Object.keys(content ?? {})]).toEqual([answer.status, [type]]);
    if (type !== "application/json") return;
    const schema = content?.[type]?.schema ?? {};
    const value = await answer.json();
    // The descriptions themselves are objects of any form.
    if (schema.type !== "object")
      expect(problemsOf(schema, value, document.components.schemas)).toEqual([]);
  });

  test("totals by a dimension", async () => {
    const fed = await shop("--map", byStore);
    const { components } = await documentOf(fed);
    const answer = await fed.dashboard.app.request("/api/v1/totals?by=store");
    const problems = problemsOf(
      components.schemas.Totals ?? {},
      await answer.json(),
      components.schemas,
    );
    expect([answer.status, problems]).toEqual([200, []]);
    expect((await fed.dashboard.app.request("/api/v1/history?by=store")).status).toBe(400);
  });

  test("/readyz while it is not ready", async () => {
    const fed = await shop();
    const { components } = await documentOf(fed);
    fed.source.reasons = ["The topic x does not exist yet."];
    const answer = await fed.dashboard.app.request("/readyz");
    const schema = components.schemas.NotReady ?? {};
    expect([answer.status, problemsOf(schema, await answer.json())]).toEqual([503, []]);
  });

  test("each line of a file of lines is an entry", async () => {
    const fed = await shop();
    const { components } = await documentOf(fed);
    for (const [file, name] of [
      ["totals", "Entry"],
      ["dead-letters", "Letter"],
    ] as const) {
      const answer = await fed.dashboard.app.request(`/download/${file}.ndjson`);
      const lines = (await answer.text()).trimEnd().split("\n");
      expect(lines).toHaveLength(2);
      for (const line of lines) {
        expect(problemsOf(components.schemas[name] ?? {}, JSON.parse(line))).toEqual([]);
      }
    }
  });
});
