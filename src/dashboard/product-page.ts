/** The page of one product: its totals, where they stand, its graph, and its latest sales. */

import { html } from "hono/html";
import { decodeSale, NotASaleError } from "../codec.ts";
import { type Format, formatFor } from "./format.ts";
import { timeOf } from "./fragments.ts";
import { timePanel } from "./graph-page.ts";
import { layout, type Page } from "./layout.ts";
import type { Look } from "./look.ts";
import { productFigures } from "./product.ts";
import { visible } from "./raw.ts";
import type { RawRecord, Reading, Wish } from "./records.ts";
import type { Html } from "./site.ts";

const SALES_MAX = 50;
/** Records to find them in. */
const DEPTH = 20_000;

export function salesWish(topic: string, product: string): Wish {
  return {
    topic,
    depth: DEPTH,
    count: SALES_MAX,
    wants: (value) => saleOf(value)?.product === product,
  };
}

export function productPage(page: Page, reading: Reading | undefined): Html {
  const { look, assets } = page;
  const [product = ""] = look.product;
  const content = html`<div id="product">${productFigures(page, look)}</div>
    ${timePanel(page)}
    ${latestSales(page, reading)}`;
  const scripts = html`<script src="${assets.chart}"></script><script src="${assets.charts}" type="module"></script>`;
  return layout(page, { title: product, view: "product", content, scripts });
}

function latestSales({ site, look }: Page, reading: Reading | undefined): Html {
  const format = formatFor(look.locale, site.currency, look.mask);
  const looked = reading ? format.count(reading.looked) : "";
  const note = reading
    ? html`found in the last ${looked} records of <code>${site.inputTopic}</code>`
    : html`Others are read at the moment: load the page again.`;
  const records = reading?.records ?? [];
  return html`<section class="panel" aria-labelledby="latest">
    <h2 id="latest">Latest sales <small>${note}</small></h2>
    <div class="scroll wide" tabindex="0" role="region" aria-labelledby="latest"><table class="raw">
      <thead><tr><th scope="col">Time</th><th scope="col">Partition</th><th scope="col">Offset</th>
        <th scope="col">Key</th><th scope="col">Quantity</th><th scope="col">Price</th>
        <th scope="col">Record</th></tr></thead>
      <tbody>${records.map((record) => saleRow(record, look, format))}</tbody></table></div>
  </section>`;
}

function saleRow(record: RawRecord, { tz, mask }: Look, format: Format): Html {
  const { partition, offset, timestamp, key, value, valueBytes } = record;
  const sale = saleOf(value);
  const time = sale?.timestamp ?? timestamp;
  return html`<tr><td>${time < 0 ? "" : timeOf(new Date(time), { zone: tz })}</td>
    <td>${partition}</td><td>${offset}</td>
    <td><code>${key === null ? "" : visible(key)}</code></td>
    <td>${sale ? format.count(sale.quantity) : ""}</td><td>${sale ? format.money(sale.price) : ""}</td>
    <td><code>${mask ? "•••" : visible(value, valueBytes)}</code></td></tr>`;
}

/** Undefined for what is no sale. */
function saleOf(value: Uint8Array | null) {
  try {
    return decodeSale(value);
  } catch (error) {
    if (error instanceof NotASaleError) return undefined;
    throw error;
  }
}
