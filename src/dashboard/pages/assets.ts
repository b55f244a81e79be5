/**
 * The files of the pages, embedded into the executable. A file's name contains a hash of its
 * content, so that browsers may cache the file for ever.
 */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import chart from "../../../node_modules/chart.js/dist/chart.umd.min.js" with { type: "text" };
import htmxSse from "../../../node_modules/htmx.org/dist/ext/hx-sse.min.js" with { type: "text" };
import htmx from "../../../node_modules/htmx.org/dist/htmx.min.js" with { type: "text" };
import around from "../../../static/around.css" with { type: "text" };
import chartStyles from "../../../static/charts.css" with { type: "text" };
import charts from "../../../static/charts.js" with { type: "text" };
import choices from "../../../static/choices.js" with { type: "text" };
import figures from "../../../static/figures.css" with { type: "text" };
import icon from "../../../static/icon.svg" with { type: "text" };
import keys from "../../../static/keys.js" with { type: "text" };
import wallStyles from "../../../static/kiosk.css" with { type: "text" };
import kiosk from "../../../static/kiosk.js" with { type: "text" };
import levels from "../../../static/levels.js" with { type: "text" };
import paper from "../../../static/paper.css" with { type: "text" };
import pause from "../../../static/pause.js" with { type: "text" };
import records from "../../../static/records.css" with { type: "text" };
import scale from "../../../static/scale.js" with { type: "text" };
import screens from "../../../static/screens.css" with { type: "text" };
import series from "../../../static/series.js" with { type: "text" };
import shapes from "../../../static/shapes.js" with { type: "text" };
import status from "../../../static/status.js" with { type: "text" };
import stream from "../../../static/stream.js" with { type: "text" };
import styles from "../../../static/styles.css" with { type: "text" };
import table from "../../../static/table.js" with { type: "text" };
import tables from "../../../static/tables.css" with { type: "text" };
import viewport from "../../../static/viewport.js" with { type: "text" };
import zone from "../../../static/zone.js" with { type: "text" };

export interface Asset {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Compressed on the first request; undefined for files that are already compressed. */
  gzipped(): Uint8Array<ArrayBuffer> | undefined;
}

/** The path of each file. */
export type AssetPaths = Readonly<
  Record<
    | "chart"
    | "charts"
    | "choices"
    | "font"
    | "htmx"
    | "htmxSse"
    | "icon"
    | "keys"
    | "kiosk"
    | "pause"
    | "status"
    | "stream"
    | "styles"
    | "table",
    string
  >
>;

export interface Assets {
  readonly paths: AssetPaths;
  /** Finds a file by the last part of its path. */
  find(name: string): Asset | undefined;
}

const javascript = "text/javascript; charset=utf-8";

/** @param base the prefix of all paths: "" or "/a/b" */
export async function loadAssets(base: string): Promise<Assets> {
  const assets = new Map<string, Asset>();
  function add(name: string, type: string, content: string | Uint8Array): string {
    const isText = typeof content === "string";
    const body = isText ? new TextEncoder().encode(withoutMap(content)) : new Uint8Array(content);
    const hash = createHash("sha256").update(body).digest("hex").slice(0, 10);
    const hashedName = name.replace(/\.(?=[^.]+$)/, `.${hash}.`);
    let gzipped: Uint8Array<ArrayBuffer> | undefined;
    const compress = () => (gzipped ??= new Uint8Array(gzipSync(body)));
    assets.set(hashedName, { type, body, gzipped: isText ? compress : () => undefined });
    return `${base}/assets/${hashedName}`;
  }
  const font = add("inter.woff2", "font/woff2", await loadFont());
  const scalePath = add("scale.js", javascript, scale);
  const modules = charts
    .replace("./scale.js", scalePath)
    .replace("./levels.js", add("levels.js", javascript, levels.replace("./scale.js", scalePath)))
    .replace("./shapes.js", add("shapes.js", javascript, shapes))
    .replace("./zone.js", add("zone.js", javascript, zone))
    .replace("./series.js", add("series.js", javascript, series))
    .replace("./viewport.js", add("viewport.js", javascript, viewport));
  // In this order: of two rules for the same thing, the later one holds.
  const sheets = [
    styles,
    around,
    figures,
    tables,
    chartStyles,
    records,
    wallStyles,
    screens,
    paper,
  ];
  const css = sheets.join("");
  const paths = {
    font,
    styles: add("styles.css", "text/css; charset=utf-8", css.replace("inter.woff2", font)),
    icon: add("icon.svg", "image/svg+xml", icon),
    choices: add("choices.js", javascript, choices),
    keys: add("keys.js", javascript, keys),
    kiosk: add("kiosk.js", javascript, kiosk),
    pause: add("pause.js", javascript, pause),
    status: add("status.js", javascript, status),
    stream: add("stream.js", javascript, stream),
    charts: add("charts.js", javascript, modules),
    table: add("table.js", javascript, table),
    htmx: add("htmx.js", javascript, htmx),
    htmxSse: add("hx-sse.js", javascript, htmxSse),
    chart: add("chart.js", javascript, chart),
  };
  return { paths, find: (name) => assets.get(name) };
}

/** Binary imports differ: Bun embeds the file and gives its path; Deno reads it in place. */
async function loadFont(): Promise<Uint8Array> {
  const path =
    "../../../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2";
  if (!("Bun" in globalThis)) return readFile(new URL(path, import.meta.url));
  const file = await import(
    "../../../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    { with: { type: "file" } }
  );
  return readFile(file.default);
}

/** Removes the reference to a source map, because developer tools would request the map. */
function withoutMap(text: string): string {
  return text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
}
