/** A guest sees no amount: whatever route is asked, however, and whatever comes by a stream. */

import { afterAll, expect, test } from "bun:test";
import type { StoredSale } from "../../src/dashboard/pages/product-page.ts";
import { hashOf, replaceFile, temporaryFolder } from "../support/users.ts";
import { waitFor } from "../support/wait.ts";
import { type Fed, fedDashboard, key, letter, total } from "./fixture.ts";
import { PastWriter } from "./past-writer.ts";
import { StreamClient } from "./stream.ts";

const folder = temporaryFolder();
const open: Fed[] = [];
afterAll(() => {
  for (const { dashboard } of open) dashboard.close();
  folder.remove();
});

const password = await hashOf("x");

/** Totals, their sum, averages, the latest sale, history, dead letters, and a rule. */
const amounts = ["87654.30", "1234.60", "88888.90", "29218.10", "43.21", "7654"];
const ofLetters = ["98.76", "12.345", "6.789", "45.67"];
const ofRule = ["55555"];
const ofTarget = ["66666.70"];
/** On the board by store alone. */
const ofStores = ["47110.80"];
/** In any language: with or without separators. */
const shown = [...amounts, ...ofLetters, ...ofRule, ...ofTarget, ...ofStores].map((amount) => {
  const [whole = "", part] = amount.split(".");
  const digits = [...whole].join("[.,’'\\s]?");
  return new RegExp(`(?<![\\d.])${digits}${part ? `[.,]${part.replace(/0$/, "0?")}` : "(?!\\d)"}`);
});

/** Changes with each stream, so that there is something to publish. */
let units = 3n;

const found = (text: string) => shown.filter((amount) => amount.test(text)).map(String);

let started: ReturnType<typeof openBoard> | undefined;
/** One for all tests. */
const start = () => (started ??= openBoard());

async function openBoard() {
  const file = folder.file("users");
  replaceFile(file, `gus:${password}:guest\nvera:${password}:viewer\n`);
  const fed = await fedDashboard(
    "--users",
    file,
    "--alert",
    "revenue > 55555",
    "--target",
    "66666.7",
    "--map",
    "product: product; quantity: quantity; price: price; by store: $.store",
  );
  open.push(fed);
  const headers = [{ name: "total", value: key("45.67") }];
  fed.letters.push(letter({ headers: [...letter().headers, ...headers] }));
  const line = { product: "Laptop", quantity: 1_000_000n, amount: 43_210_000n };
  const value = key('{"product":"Laptop","price":43.21}');
  const sold = { timestamp: undefined, isReturn: false, ...line };
  const sale: StoredSale = { ...letter({ value, headers: [] }), lines: [sold] };
  fed.sales.push(sale);
  const past = new PastWriter(fed.past);
  for (let i = 0; i < 3; i++) past.sell(0, Math.floor(Date.now() / 1000) - 5 - i, 7654);
  past.commit();
  fed.feed("Laptop", "87654.30", 3n);
  fed.feed("Mouse", "1234.60", 2n);
  feedStore(fed);
  await waitFor(() => fed.view.board.alerts?.length === 1, { what: "the alert" });
  const as = (name: string) => (path: string) => {
    const Authorization = `Basic ${Buffer.from(`${name}:x`).toString("base64")}`;
    return fed.dashboard.app.request(path, { headers: { Authorization } });
  };
  return { fed, guest: as("gus"), viewer: as("vera") };
}

function feedStore({ boards, dashboard }: Fed): void {
  boards.get("store")?.view.apply(0, key("Berlin"), total("Berlin", "47110.80", units));
  dashboard.changed();
}

/** All that are registered, so that a route that is added is walked too. */
function pathsOf({ dashboard }: Fed): string[] {
  const paths = new Set(dashboard.app.routes.map(({ path }) => path));
  return [...paths].filter((path) => !path.includes("*") && path !== "/assets/:name");
}

const tricks = ["", "mask=false", "mask=0&mask=no", "mask=&lang=de", "mask=off&view=graph"];
const looks = [
  "by=store",
  "by=store&mask=0&sort=price",
  "sort=price&period=all",
  "measure=revenue&window=24h",
  "lang=fr&kiosk",
  "page=-1",
];

test("no route shows a guest an amount, and each kind of amount is shown to a viewer", async () => {
  const { fed, guest, viewer } = await start();
  const paths = pathsOf(fed).filter((path) => !path.endsWith("/events"));
  expect(paths).toContain("/by/store");
  expect(paths.length).toBeGreaterThan(15);
  const seen = new Set<string>();
  const leaks: string[] = [];
  for (const path of paths) {
    for (const look of [...tricks, ...looks]) {
      const address = `${path}?${look}&product=Laptop`;
      for (const amount of found(await (await guest(address)).text())) {
        leaks.push(`${address}: ${amount}`);
      }
    }
    for (const amount of found(await (await viewer(`${path}?product=Laptop`)).text())) {
      seen.add(amount);
    }
  }
  expect(leaks).toEqual([]);
  expect(shown.map(String).filter((amount) => !seen.has(amount))).toEqual([]);
});

test("a guest is told what a viewer is, but for amounts", async () => {
  const { guest } = await start();
  expect(await (await guest("/api/totals?mask=false")).json()).toMatchObject({
    products: [
      { product: "Laptop", totalQuantity: 3, totalPrice: null, sales: 3 },
      { product: "Mouse", totalQuantity: 2, totalPrice: null, sales: 2 },
    ],
    total: { totalPrice: null, sales: 5 },
  });
  expect(await (await guest("/api/alerts")).json()).toMatchObject({
    alerts: [{ rule: "revenue > •••", state: "firing", value: null, threshold: null }],
  });
  expect((await guest("/metrics")).status).toBe(200);
});

test.each([
  "/events",
  "/events?mask=false",
  "/api/v1/events?mask=false",
  "/events?view=table&mask=0",
  "/events?view=graph&measure=revenue&mask=false",
  "/events?view=product&product=Laptop&measure=revenue",
  "/events?view=letters&mask=no",
  "/events?view=table&by=store&mask=false",
  "/events?by=store&mask=0",
])("the stream %s brings a guest no amount, first or later", async (path) => {
  const { fed, guest, viewer } = await start();
  const texts = await Promise.all(
    [guest, viewer].map(async (as) => {
      const { body } = await as(path);
      if (!body) throw new Error("No stream.");
      const stream = new StreamClient(body);
      const first = await stream.readUntil(({ data }) => data.includes("hx-partial"));
      fed.feed("Laptop", "87654.30", ++units);
      feedStore(fed);
      const later = await stream.readUntil(({ data }) => data.includes("tile units"));
      const last = await stream.readUntil(({ event }) => event === "hb");
      await stream.cancel();
      return JSON.stringify([...first, ...later, ...last]);
    }),
  );
  expect(found(texts[0] ?? "")).toEqual([]);
  expect(found(texts[1] ?? "")).not.toEqual([]);
});
