/** Serves every state of the gallery under a path of its own, and a page that lists them. */

import { type App, listen, type Server } from "../../src/dashboard/http/server.ts";
import { openExhibit } from "./exhibit.ts";
import { FEED_INTERVAL_MS, looks, type State, states } from "./states.ts";

const pages = [
  ["", "Table"],
  ["graph", "Graph"],
  ["product?product=Laptop%2014%E2%80%B3", "Product"],
  ["rejected", "Rejected records"],
] as const;

export interface Gallery {
  readonly url: string;
  stop(): Promise<void>;
}

/** `port` 0 takes a free one. @throws SalesboardError when the port is in use */
export async function openGallery({ port }: { port: number }): Promise<Gallery> {
  const shown = new Map<string, Awaited<ReturnType<typeof open>>>();
  for (const state of states) shown.set(state.name, await open(state));
  const app: App = {
    fetch: (request, support) => {
      const [, name = ""] = new URL(request.url).pathname.split("/");
      const state = shown.get(name);
      if (state) return state.app.fetch(request, support);
      const headers = { "Content-Type": "text/html; charset=utf-8" };
      return new Response(index(), { headers, status: name === "" ? 200 : 404 });
    },
  };
  const server: Server = listen(app, { host: "127.0.0.1", port, basePath: "/" });
  const stop = async () => {
    for (const { close } of shown.values()) close();
    await server.stop();
  };
  return { url: server.url, stop };
}

async function open(state: State) {
  const { name, options = [], status } = state;
  const fed = await openExhibit({ options: ["--base-path", `/${name}`, ...options], status });
  const more = state.feed(fed);
  const timer = more && setInterval(more, FEED_INTERVAL_MS);
  const close = () => {
    clearInterval(timer);
    fed.dashboard.close();
  };
  return { app: fed.dashboard.app as App, close };
}

function index(): string {
  const cells = ({ name, pages: own = [] }: State) =>
    [...pages, ...own]
      .map(([path, title]) => `<td><a href="/${name}/${path}">${title}</a></td>`)
      .join("");
  const rows = states.map(
    (state) => `<tr><th>${state.name}</th>${cells(state)}<td>${state.meaning}</td></tr>`,
  );
  const ways = looks.map(([query, meaning]) => {
    const links = pages
      .slice(0, 2)
      .map(([path, title]) => `<a href="/live/${path}?${query}">${title}</a>`);
    return `<li>${links.join(" ")} ${meaning} <code>?${query}</code></li>`;
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Gallery – Salesboard</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <h1>Gallery</h1>
    <p>Every state that a page can be in, fed with made-up sales. No Kafka is needed.</p>
    <table>${rows.join("")}</table>
    <h2>The same page for other readers</h2>
    <ul>${ways.join("")}</ul>
    <p>For a phone, use the device toolbar of your browser: the pages are laid out from 320 px on.</p>`;
}
