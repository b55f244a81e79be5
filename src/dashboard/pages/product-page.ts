/** The page of one product: totals, partitions, graph and latest sales. */

import { html } from "hono/html";
import type { Sale } from "../../domain/sale.ts";
import { decodeSale, NotASaleError } from "../../wire/sale-record.ts";
import { timeOf } from "../fragments/fragments.ts";
import { graphPanel } from "../fragments/graph-panel.ts";
import { productFigures } from "../fragments/product.ts";
import { type Formatter, formatFor } from "../look/format.ts";
import { type Look, queryOf } from "../look/look.ts";
import type { Html } from "../look/site.ts";
import { excerpt } from "../records/raw.ts";
import {
  dateOf,
  type Latest,
  type RecordSearch,
  recordAt,
  type StoredRecord,
} from "../records/records.ts";
import { layout, type Page } from "./layout.ts";

const SALES_MAX = 50;
/** Without scripts each refresh of a page with sales reads from Kafka. */
const REFRESH_SECONDS = 30;
/** A record can hold a name without its bytes only by means of JSON escapes. */
const BACKSLASH = 0x5c;

export interface StoredSale extends StoredRecord {
  readonly sale: Sale;
}

/** The search for the latest sales of a product, on the partitions that hold the product. */
export function salesWish(
  topic: string,
  product: string,
  partitions: readonly number[],
): RecordSearch<StoredSale> {
  const name = Buffer.from(product);
  const pick: RecordSearch<StoredSale>["pick"] = (batch, i) => {
    const value = batch.value(i);
    if (value === null) return undefined;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
    // Searching for the name is much cheaper than decoding the sale.
    if (!bytes.includes(name) && !bytes.includes(BACKSLASH)) return undefined;
    const sale = saleOf(value);
    return sale?.product === product ? { ...recordAt(batch, i), sale } : undefined;
  };
  return { topic, partitions, count: SALES_MAX, pick };
}

/** The sales come after the page, because reading them from Kafka may take a while. */
export function productPage(page: Page, sales?: Latest<StoredSale>): Html {
  const { look, assets } = page;
  const [product = ""] = look.product;
  const content = html`<div id="product">${productFigures(page, look)}</div>
    ${graphPanel(page)}
    ${sales ? latestSales(page, sales) : salesToCome(page)}`;
  const scripts = html`<script src="${assets.chart}"></script><script src="${assets.charts}" type="module"></script>`;
  const refresh = sales ? { refreshSeconds: REFRESH_SECONDS } : {};
  return layout(page, { title: product, view: "product", content, scripts, ...refresh });
}

/** Loads the sales into this place. The link is for readers without scripts, and for failures. */
function salesToCome(page: Page): Html {
  const address = salesAddress(page);
  return html`<section class="panel" id="latest" aria-labelledby="latest-title" hx-get="${address}"
    hx-trigger="load" hx-select="#latest" hx-swap="outerHTML" hx-status:4xx="swap:none"
    hx-status:5xx="swap:none">
    <h2 id="latest-title">Latest sales</h2>
    <p class="choices controls"><a class="button" href="${address}">Show latest sales</a></p>
  </section>`;
}

function salesAddress({ site, look }: Page): string {
  return `${site.base}/product/sales${queryOf(look, { view: undefined })}`;
}

function latestSales(page: Page, { records, looked, since, isAll }: Latest<StoredSale>): Html {
  const { site, look } = page;
  const format = formatFor(look.locale, site.currency, look.mask);
  const back = since === undefined ? "" : html`, back to ${timeIn(since, look)}`;
  const note = isAll
    ? html`all that remain in <code>${site.inputTopic}</code>`
    : html`in the last ${format.count(looked)} records of <code>${site.inputTopic}</code>${back}`;
  return html`<section class="panel" id="latest" aria-labelledby="latest-title">
    <h2 id="latest-title">Latest sales <small>${format.count(records.length)}, ${note}</small></h2>
    <p class="choices controls"><a class="button" href="${salesAddress(page)}">Read again</a></p>
    <div class="scroll wide" tabindex="0" role="region" aria-labelledby="latest-title"><table class="raw">
      <thead><tr><th scope="col">Time</th><th scope="col">Partition</th><th scope="col">Offset</th>
        <th scope="col">Key</th><th scope="col">Quantity</th><th scope="col">Price</th>
        <th scope="col">Record</th></tr></thead>
      <tbody>${records.length === 0 ? noSales : records.map((record) => saleRow(record, look, format))}</tbody>
    </table></div>
  </section>`;
}

const noSales = html`<tr class="empty"><td colspan="7">No sales of this product in the records searched.</td></tr>`;

function saleRow(record: StoredSale, look: Look, format: Formatter): Html {
  const { partition, offset, timestamp, key, value, sale } = record;
  return html`<tr><td>${timeIn(sale.timestamp ?? timestamp, look)}</td>
    <td>${partition}</td><td>${offset}</td>
    <td><code>${key === null ? "" : excerpt(key)}</code></td>
    <td>${format.count(sale.quantity)}</td><td>${format.money(sale.price)}</td>
    <td><code>${look.mask ? "•••" : excerpt(value)}</code></td></tr>`;
}

function timeIn(time: number, { tz }: Look): Html {
  const date = dateOf(time);
  return date ? timeOf(date, { zone: tz }) : html``;
}

/** Undefined for a record that is not a valid sale. */
function saleOf(value: Uint8Array): Sale | undefined {
  try {
    return decodeSale(value);
  } catch (error) {
    if (error instanceof NotASaleError) return undefined;
    throw error;
  }
}
