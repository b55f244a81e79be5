/** What a page says of where sales come from. */

import { describe, expect, test } from "bun:test";
import { salesCommands } from "../../../src/config/sales-commands.ts";
import { createDashboard } from "../../../src/dashboard/dashboard.ts";
import { firstSale, waitingFor } from "../../../src/dashboard/fragments/own-sales.ts";
import { HistoryView } from "../../../src/dashboard/model/history-view.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { configOf, quietLog } from "../../support/context.ts";
import { FakeSource, lookOf, site } from "../fixture.ts";

const MADE_UP = "all sales are made up";
const OWN = "salesboard --brokers HOST:9092 --input-topic TOPIC";

async function pagesOf(...args: string[]): Promise<string[]> {
  const { app, close } = await createDashboard({
    config: configOf("run", ...args),
    view: new SalesView(),
    history: new HistoryView(),
    records: {
      latest: async () => ({ records: [], at: 0, looked: 0, since: undefined, isAll: true }),
    },
    source: new FakeSource(),
    log: quietLog,
  });
  const paths = ["/", "/graph", "/rejected", "/?kiosk"];
  const pages = await Promise.all(paths.map(async (path) => (await app.request(path)).text()));
  close();
  return pages;
}

describe("demoLine", () => {
  test("stands on every page of the demo, with the whole command for one's own sales", async () => {
    for (const page of await pagesOf()) {
      expect(page).toContain(MADE_UP);
      expect(page).toContain(OWN);
    }
  });

  test.each([[["--brokers", "kafka:9092"]], [["--roles", "aggregator,dashboard"]]])(
    "stands on no page with %j",
    async (args) => {
      for (const page of await pagesOf(...args)) expect(page).not.toContain(MADE_UP);
    },
  );
});

test("a page of the demo says what it counts before it shows numbers", () => {
  expect(String(waitingFor({ ...site, demoPast: 60 }, lookOf()))).toContain(
    "The sales of 60 days are made up",
  );
  expect(String(waitingFor(site, lookOf()))).toMatch(/once <code[^>]*>out<\/code> has been read/);
});

describe("firstSale", () => {
  const where = "--brokers k-1:9092,k-2:9092 --input-topic shop";

  test("names the brokers and the topic of this server", () => {
    const commands = salesCommands({ inputTopic: "shop", rdkafka: {} }, "k-1:9092,k-2:9092");
    const text = String(firstSale({ ...site, commands }, lookOf()));
    expect(text).toContain(`| salesboard produce ${where} --input -</code>`);
    expect(text).toContain(`<code translate="no">salesboard produce ${where}</code>`);
  });

  test("shows what is there where a mapping counts, because flat sales would not", () => {
    const commands = salesCommands({ inputTopic: "shop", rdkafka: {} }, "k-1:9092,k-2:9092");
    const text = String(firstSale({ ...site, commands, isMapped: true }, lookOf()));
    expect(text).toContain(`salesboard inspect ${where}`);
    expect(text).not.toContain("produce");
  });

  test("keeps secrets of -X to itself", () => {
    const rdkafka = { "security.protocol": "SASL_SSL", "sasl.password": "geheim" };
    const { write, generate, inspect } = salesCommands({ inputTopic: "shop", rdkafka }, "k:9092");
    expect([write, generate, inspect].join()).not.toContain("geheim");
    expect(generate).toContain("-X security.protocol=SASL_SSL -X sasl.password=…");
  });
});
