/** The page of one product: totals, partitions, graph and latest sales. */

import { html } from "hono/html";
import { judgedRecord } from "../../mapping/input-judge.ts";
import type { Judge, SaleLine } from "../../mapping/model/judgement.ts";
import { timeOf } from "../fragments/fragments.ts";
import { graphPanel } from "../fragments/graph-panel.ts";
import { placeText, productFigures, productPartitions } from "../fragments/product.ts";
import { type Formatter, formatFor } from "../look/format.ts";
import { type Look, queryOf } from "../look/look.ts";
import { type Html, topicsText } from "../look/site.ts";
import { excerpt } from "../records/raw.ts";
import {
  dateOf,
  type Latest,
  type RecordSearch,
  recordAt,
  type StoredRecord,
} from "../records/records.ts";
import type { PageWords } from "../words/en.ts";
import { wordsFor } from "../words/words.ts";
import { layout, type Page } from "./layout.ts";

const SALES_MAX = 50;
/** Without scripts each refresh of a page with sales reads from Kafka. */
const REFRESH_SECONDS = 30;
/** Of one record. */
const LINES_SHOWN_MAX = 20;
/** A record can hold a name without its bytes only by means of JSON escapes. */
const BACKSLASH = 0x5c;

export interface StoredSale extends StoredRecord {
  /** Those of the product: at least one, and no more than are shown. */
  readonly lines: readonly SaleLine[];
}

/** The search for the latest lines of a product, on the partitions that hold the product. */
export function salesWish(of: {
  topic: string;
  product: string;
  partitions: readonly number[];
  judge: Judge;
  /** Without a mapping the name stands in the record: searching for it is cheaper than judging. */
  isFlat: boolean;
}): RecordSearch<StoredSale> {
  const { topic, product, partitions, judge, isFlat } = of;
  const name = Buffer.from(product);
  const pick: RecordSearch<StoredSale>["pick"] = (batch, i) => {
    const value = batch.value(i);
    if (value === null) return undefined;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
    if (isFlat && !bytes.includes(name) && !bytes.includes(BACKSLASH)) return undefined;
    const judgement = judge.judge(judgedRecord(batch, i, topic));
    if (judgement.kind !== "counted") return undefined;
    const lines = judgement.lines.filter((line) => line.product === product);
    if (lines.length === 0) return undefined;
    return { ...recordAt(batch, i), lines: lines.slice(0, LINES_SHOWN_MAX) };
  };
  return { topic, partitions, count: SALES_MAX, pick };
}

/** The sales come after the page, because reading them from Kafka may take a while. */
export function productPage(page: Page, sales?: Latest<StoredSale>): Html {
  const { look, assets } = page;
  const [product = ""] = look.product;
  const content = html`<div id="product">${productFigures(page, look)}</div>
    ${graphPanel(page)}
    ${partitionsPanel(page)}
    ${sales ? latestSales(page, sales) : salesToCome(page)}`;
  const scripts = html`<script src="${assets.chart}"></script><script src="${assets.charts}" type="module"></script>`;
  const refresh = sales ? { refreshSeconds: REFRESH_SECONDS } : {};
  return layout(page, { title: product, view: "product", content, scripts, ...refresh });
}

/** Folded, because it is about how Kafka holds the totals. */
function partitionsPanel(page: Page): Html {
  const { partition, allTime } = wordsFor(page.look.locale);
  return html`<details class="panel product technical"><summary>${partition}, ${allTime}</summary>
    <div class="scroll wide" id="partitions">${productPartitions(page, page.look)}</div></details>`;
}

/** Loads the sales into this place. The link is for readers without scripts, and for failures. */
function salesToCome(page: Page): Html {
  const address = salesAddress(page);
  const words = wordsFor(page.look.locale);
  return html`<section class="panel" id="latest" aria-labelledby="latest-title" hx-get="${address}"
    hx-trigger="load" hx-select="#latest" hx-swap="outerHTML" hx-status:4xx="swap:none"
    hx-status:5xx="swap:none">
    <h2 id="latest-title">${words.latestSales}</h2>
    <p class="choices controls"><a class="button" href="${address}">${words.showLatest}</a></p>
  </section>`;
}

function salesAddress({ site, look }: Page): string {
  return `${site.base}/product/sales${queryOf(look, { view: undefined })}`;
}

function latestSales(page: Page, { records, looked, since, isAll }: Latest<StoredSale>): Html {
  const { site, look } = page;
  const format = formatFor(look.locale, site.currency, look.mask);
  const words = wordsFor(look.locale);
  const back = since === undefined ? "" : words.backTo(timeIn(since, look));
  const topic = html`<code>${topicsText(site, ({ inputTopic }) => inputTopic)}</code>`;
  const note = isAll
    ? words.allThatRemain(topic)
    : html`${words.inLatest(format.count(looked), topic)}${back}`;
  return html`<section class="panel" id="latest" aria-labelledby="latest-title">
    <h2 id="latest-title">${words.latestSales} <small>${format.count(records.length)}, ${note}</small></h2>
    <p class="choices controls"><a class="button" href="${salesAddress(page)}">${words.refresh}</a></p>
    <div class="scroll wide" tabindex="0" role="region" aria-labelledby="latest-title"><table class="raw">
      <thead><tr>${saleColumns.map((name) => html`<th scope="col">${words[name]}</th>`)}</tr></thead>
      <tbody translate="no">${records.length === 0 ? noSales(words) : records.flatMap((record) => record.lines.map((line) => saleRow(record, line, look, format)))}</tbody>
    </table></div>
  </section>`;
}

function noSales({ noneFound }: PageWords): Html {
  return html`<tr class="empty"><td colspan="${saleColumns.length}">${noneFound}</td></tr>`;
}

const saleColumns = ["time", "quantity", "amount", "record"] as const;

/** The record is folded: an order would fill a screen, fifty times. */
function saleRow(record: StoredSale, line: SaleLine, look: Look, format: Formatter): Html {
  const { topic, partition, offset, timestamp, key, value } = record;
  const words = wordsFor(look.locale);
  const where = `${words.partition} ${placeText(partition, topic)} · ${words.offset} ${offset}`;
  return html`<tr><td>${timeIn(line.timestamp ?? timestamp, look)}</td>
    <td>${format.quantity(line.quantity)}</td><td>${format.money(line.amount)}</td>
    <td><details><summary>${where}</summary>
      ${key === null ? "" : html`<code>${words.key}: ${excerpt(key)}</code>`}
      <code>${look.mask ? "•••" : excerpt(value)}</code></details></td></tr>`;
}

function timeIn(time: number, { tz }: Look): Html {
  const date = dateOf(time);
  return date ? timeOf(date, { zone: tz }) : html``;
}
