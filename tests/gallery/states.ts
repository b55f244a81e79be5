/** The states that pages can be in, each made up: what a developer wants to look at. */

import type { Status } from "../../src/dashboard/model/status.ts";
import type { StoredSale } from "../../src/dashboard/pages/product-page.ts";
import { parseAmount } from "../../src/domain/money.ts";
import { OrderGenerator } from "../../src/producer/orders.ts";
import { BOOKKEEPING_KEY } from "../../src/wire/bookkeeping.ts";
import { letter } from "../dashboard/fixture.ts";
import { bookkeepingRecord } from "../support/bookkeeping.ts";
import type { openExhibit } from "./exhibit.ts";
import { Shop, shopProducts } from "./shop.ts";

type Exhibit = Awaited<ReturnType<typeof openExhibit>>;

export interface State {
  /** Part of the address: `/<name>/`. */
  readonly name: string;
  readonly meaning: string;
  /** What its table page must say, for the test. */
  readonly says: RegExp;
  /** Where the dashboard stands at first; live unless said. */
  readonly status?: Status;
  /** Options of the command line. */
  readonly options?: readonly string[];
  /** Path and title of pages that only this state has. */
  readonly pages?: readonly (readonly [path: string, title: string])[];
  /** Feeds the dashboard; a function that it returns is called a few times a second. */
  feed(fed: Exhibit): (() => void) | undefined;
}

const live: Status = { state: "live", partitions: 4, lag: 0, notices: [], asOf: undefined };
/** How often the states in which sales come in get some. */
export const FEED_INTERVAL_MS = 250;
const HALF_MINUTE_MS = 30_000;

/** Totals that were live once, and then came into `status`. */
function after(status: Partial<Status>) {
  return (fed: Exhibit): undefined => {
    new Shop(fed).fill();
    const { view, source, dashboard } = fed;
    view.publish(source.status);
    const asOf = Date.now() - HALF_MINUTE_MS;
    source.asOf = asOf;
    const since = new Date(asOf).toISOString();
    const notices = (status.notices ?? []).map((text) => text.replace("{since}", since));
    source.status = { ...live, ...status, notices };
    dashboard.changed();
  };
}

export const states: readonly State[] = [
  {
    name: "live",
    meaning: "Sales come in all the time.",
    says: /Smartphone 6\.1″/,
    feed: (fed) => {
      const shop = new Shop(fed).fill();
      addLetters(fed);
      addSales(fed);
      return () => shop.sell(FEED_INTERVAL_MS / 1_000);
    },
  },
  {
    name: "empty",
    meaning: "Live, and nothing was ever sold.",
    says: /No sales yet/,
    feed: ({ dashboard }) => void dashboard.changed(),
  },
  {
    name: "connecting",
    meaning: "Kafka has not answered yet.",
    says: /Waiting for the totals/,
    status: {
      ...live,
      state: "connecting",
      partitions: 0,
      lag: undefined,
      notices: ["Kafka has not answered yet."],
    },
    feed: () => undefined,
  },
  {
    name: "restoring",
    meaning: "The topic is being read for the first time.",
    says: /Catching up/,
    status: { ...live, state: "restoring", lag: 51_234 },
    feed: () => undefined,
  },
  {
    name: "stale",
    meaning: "Kafka does not answer any more.",
    says: /has not answered since/,
    feed: after({ state: "stale", notices: ["Kafka has not answered since {since}."] }),
  },
  {
    name: "behind",
    meaning: "Sales wait, and no aggregator counts them.",
    says: /No sale has been counted since/,
    feed: after({
      state: "behind",
      notices: [
        "No sale has been counted since {since}, though 42 records wait in the input (partition 0, 1).",
      ],
    }),
  },
  {
    name: "refused",
    meaning: "The aggregator refuses partitions.",
    says: /The aggregator refuses/,
    feed: after({
      notices: [
        "The aggregator refuses partitions 0, 1: the totals in processed_sales_topic were counted from the input topic sales_topic_books. Give each input an --output-topic of its own, or, to count anew, stop all aggregators and type `salesboard reset --brokers HOST:9092`.",
      ],
    }),
  },
  {
    name: "alert",
    meaning: "An alert fires.",
    says: /revenue &gt; 1000/,
    options: ["--alert", "revenue > 1000"],
    feed: (fed) => {
      const shop = new Shop(fed).fill();
      return () => shop.sell(FEED_INTERVAL_MS / 1_000);
    },
  },
  {
    name: "lowered",
    meaning: "Totals went down: the output topic was restored or made anew.",
    says: /Totals went down/,
    feed: (fed) => {
      const { view, source, dashboard } = fed;
      for (const product of shopProducts) fed.feed(product, "129900", 100n, 0);
      view.publish(source.status);
      fed.feed("Laptop 14″", "1299", 1n, 0);
      dashboard.changed();
      return undefined;
    },
  },
  {
    name: "many",
    meaning:
      "Three pages of products, with long names, large numbers and names that look like code.",
    says: /1 to 100 of 303 products/,
    feed: ({ feed }) => {
      for (let i = 1; i <= 300; i++) feed(`Product ${i}`, `${i * 1_000}.25`, BigInt(i), i % 4);
      feed("x".repeat(256), "123456789012345678901234.123456", 987654321098765432n);
      feed("<script>alert(1)</script>", "98765.4321", 5n);
      feed("کفش ورزشی 運動靴 👟", "7777777", 7n);
      return undefined;
    },
  },
  {
    name: "boards",
    meaning: "A board by store, one by channel, and two more.",
    says: /href="\/boards\/by\/store"/,
    options: [
      "--map",
      "product: $.title; price: $.price; by store: $.store; by channel: $.channel; " +
        "by region: $.region; by payment_method: $.paid",
    ],
    pages: [
      ["by/store", "Store"],
      ["by/channel", "Channel"],
    ],
    feed: (fed) => {
      const shop = new Shop(fed).fill();
      return () => shop.sell(FEED_INTERVAL_MS / 1_000);
    },
  },
  {
    name: "misfit",
    meaning: "Records come in, and the mapping fits none of them.",
    says: /The mapping below counts/,
    options: ["--brokers", "kafka:9092", "--input-topic", "orders"],
    feed: ({ view, dashboard, sales }) => {
      const generator = new OrderGenerator(1, { currency: "USD", now: () => new Date() });
      for (let offset = 0; offset < 300; offset++) {
        const value = Buffer.from(generator.next().text);
        sales.push(letter({ offset, value, headers: [] }));
      }
      const judged = { inputOffset: 300, deadLetters: 300n };
      view.apply(0, BOOKKEEPING_KEY, bookkeepingRecord(judged));
      dashboard.changed();
    },
  },
  {
    name: "no-history",
    meaning: "History is off.",
    says: /Laptop/,
    options: ["--history", "off"],
    feed: ({ feed }) => void feed("Laptop", "1234.5", 3n),
  },
];

/** Readers' wishes, which an address adds to any state. */
export const looks: readonly (readonly [query: string, meaning: string])[] = [
  ["", "as it is"],
  ["theme=dark", "dark"],
  ["theme=light", "light"],
  ["mask", "amounts hidden"],
  ["kiosk", "on a wall"],
  ["lang=de&tz=Europe/Vienna", "German, Vienna"],
  ["lang=fa", "a language there is not (400)"],
];

function addLetters({ view, letters }: Exhibit): void {
  const reasons = [
    "price must be a JSON number, received the string 499.99",
    "quantity must be an integer from 1 to 1000000000, received -2",
    "the value is not JSON",
  ];
  for (const [i, error] of reasons.entries()) {
    const added = {
      error,
      "source.topic": "sales_topic_electronics",
      "source.partition": String(i),
      "source.offset": String(1_000 + i * 7),
    };
    const headers = Object.entries(added).map(([name, text]) => ({
      name,
      value: Buffer.from(text),
    }));
    const timestamp = Date.now() - i * 61_000;
    const value = Buffer.from(i === 2 ? "Laptop;2;499.99" : '{"product":"Laptop","quantity":2}');
    letters.push(letter({ offset: 30 - i, timestamp, value, headers }));
  }
  // On a partition without totals: there the counts are right without them.
  const days = { zone: "UTC", latest: "1970-01-01", outsideSales: 0n, outsideReturns: 0n };
  const judged = { inputOffset: 3, deadLetters: 3n, days: { ...days, since: undefined } };
  view.apply(3, BOOKKEEPING_KEY, bookkeepingRecord(judged));
}

/** The latest sales of the product that the gallery's product pages show. */
function addSales({ sales }: Exhibit): void {
  for (let i = 0; i < 12; i++) {
    const price = (1_299 - ((i * 7) % 40)).toFixed(2);
    const value = Buffer.from(
      `{"product":"Laptop 14″","quantity":${1 + (i % 2)},"price":${price}}`,
    );
    const at = { partition: i % 2, offset: 52_000 - i * 3, timestamp: Date.now() - i * 4_000 };
    const quantity = BigInt(1 + (i % 2));
    const line = {
      product: "Laptop 14″",
      quantity: quantity * 1_000_000n,
      amount: quantity * parseAmount(price),
      timestamp: undefined,
      isReturn: false,
    };
    const sale: StoredSale = { ...letter({ ...at, headers: [], value }), lines: [line] };
    sales.push(sale);
  }
}
