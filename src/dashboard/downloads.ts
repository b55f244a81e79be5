/** What a page shows, as files: every digit, and all of it. */

import { formatAmount } from "../sale.ts";
import type { Sums } from "../slot.ts";
import { type Cell, encodeCsv } from "./csv.ts";
import { entryJson } from "./fragments.ts";
import type { Graph } from "./graph.ts";
import type { Look } from "./look.ts";
import type { Row } from "./rows.ts";

const CSV = "text/csv; charset=utf-8";

export interface Download {
  readonly name: string;
  readonly type: string;
  readonly body: string;
}

/** The products of a list, in its order. */
export function totalsFile(format: "csv" | "json" | "ndjson", rows: readonly Row[]): Download {
  const name = `totals.${format}`;
  if (format === "csv") {
    const cells = rows.map(({ product, totalQuantity, totalPrice, sales }): Cell[] => [
      { text: product },
      ...figures({ quantity: totalQuantity, price: totalPrice, sales }),
    ]);
    const head = ["product", "totalQuantity", "totalPrice", "sales"];
    return { name, type: CSV, body: encodeCsv(head, cells) };
  }
  const entries = rows.map((row) => entryJson(row));
  if (format === "ndjson") {
    const body = entries.map((entry) => `${entry}\n`).join("");
    return { name, type: "application/x-ndjson; charset=utf-8", body };
  }
  return { name, type: "application/json; charset=utf-8", body: `[${entries.join(",")}]\n` };
}

/** What sold in each slot of the look's window; of the products that it picks, if it does. */
export function historyCsv(graph: Graph, look: Look): Download {
  const picked = new Set(look.product);
  const rows = [...graph.rows(look)].filter(({ product }) => {
    return picked.size === 0 || (product !== undefined && picked.has(product));
  });
  const cells = rows.map(({ start, product, sums }): Cell[] => [
    { digits: new Date(start * 1000).toISOString() },
    { text: product ?? "" },
    ...figures(sums),
  ]);
  return {
    name: `history-${look.window}.csv`,
    type: CSV,
    body: encodeCsv(["from", "product", "totalQuantity", "totalPrice", "sales"], cells),
  };
}

/** As `/api/history` answers: figures slot by slot from `start` on, epoch seconds. */
export function historyJson(graph: Graph, look: Look): string {
  const { start, step, all, rest, products } = graph.series(look);
  const each = products.map(
    ({ product, sums }) => `{"product":${JSON.stringify(product)},${columns(sums)}}`,
  );
  return (
    `{"window":"${look.window}","start":${start},"step":${step},"all":{${columns(all)}},` +
    `"products":[${each.join(",")}],"rest":{${columns(rest)}}}`
  );
}

function columns(sums: readonly Sums[]): string {
  const quantities = sums.map(({ quantity }) => quantity).join(",");
  const prices = sums.map(({ price }) => `"${formatAmount(price)}"`).join(",");
  const sales = sums.map((each) => each.sales).join(",");
  return `"totalQuantity":[${quantities}],"totalPrice":[${prices}],"sales":[${sales}]`;
}

function figures({ quantity, price, sales }: Sums): Cell[] {
  return [{ digits: String(quantity) }, { digits: formatAmount(price) }, { digits: String(sales) }];
}
