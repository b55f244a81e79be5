/** What each address answers: the source of the description by OpenAPI. */

import type { JsonSchema } from "../../lib/json-schema.ts";
import type { AnswerName } from "./answers.ts";

/** The version of what is under /api/v1. Raise the middle number when you add a field. */
export const API_VERSION = "1.0.0";

/** What differs between two dashboards. */
export interface ApiSettings {
  /** The prefix of all paths: "" or "/a/b". */
  readonly base: string;
  /** The names of the dimensions that have a board. */
  readonly boards: readonly string[];
  /** Somebody is asked for a login. */
  readonly hasLogin: boolean;
  /** People log in here, by a form. */
  readonly hasForm: boolean;
  /** `/metrics` stands among the pages. */
  readonly hasMetrics: boolean;
}

export interface Operation {
  /** Without the base path. The first one stays, the others are aliases. */
  readonly paths: readonly string[];
  readonly id: string;
  readonly tag: "data" | "downloads" | "pages" | "operation" | "access";
  readonly summary: string;
  readonly method?: "get" | "post";
  /** The parameters of the address that it obeys. */
  readonly query?: readonly string[] | "all";
  readonly parameters?: readonly object[];
  readonly requestBody?: object;
  /** The content of 200: media type → schema. */
  readonly answer?: Readonly<Record<string, JsonSchema>>;
  /** It has a tag by which a program asks whether anything has changed. */
  readonly isTagged?: boolean;
  /** Failures that it may answer, besides those of every address. */
  readonly statuses?: readonly number[];
  /** Answers of a status that are no page and no `Problem`: media type → schema. */
  readonly special?: Readonly<Record<number, Readonly<Record<string, JsonSchema>>>>;
  /** Answered without a login. */
  readonly isOpen?: boolean;
  /** Answered under any name. */
  readonly isProbe?: boolean;
  /** It leads on to another address. */
  readonly leadsOn?: boolean;
}

const JSON_TYPE = "application/json";
const text: JsonSchema = { type: "string" };
const page = { "text/html": text };

export function schemaOf(name: AnswerName): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

function json(name: AnswerName): Readonly<Record<string, JsonSchema>> {
  return { [JSON_TYPE]: schemaOf(name) };
}

/** Where data stands: an address that stays, and the one of earlier versions. */
export function dataPaths(path: string): readonly string[] {
  return [`/api/v1${path.replace(/^\/api\//, "/")}`, path];
}

export function operations(settings: ApiSettings): readonly Operation[] {
  return [
    ...ofPrograms(),
    ...ofFiles(),
    ...ofPages(settings),
    ...(settings.hasForm ? ofForms() : []),
    ...ofProbes(settings),
  ];
}

function ofPrograms(): Operation[] {
  const tagged = { isTagged: true, tag: "data" } as const;
  const document = { [JSON_TYPE]: { type: "object" } };
  return [
    {
      ...tagged,
      paths: dataPaths("/api/totals"),
      id: "getTotals",
      summary: "All totals",
      query: ["period", "by", "mask"],
      answer: json("Totals"),
      statuses: [400, 404],
    },
    {
      ...tagged,
      paths: dataPaths("/api/history"),
      id: "getHistory",
      summary: "A window of the graph",
      query: ["window", "product", "mask"],
      answer: json("History"),
      statuses: [400, 503],
    },
    {
      ...tagged,
      paths: dataPaths("/api/alerts"),
      id: "getAlerts",
      summary: "All alert rules, and how they stand",
      query: ["mask"],
      answer: json("Alerts"),
      statuses: [400],
    },
    {
      paths: dataPaths("/events"),
      id: "getEvents",
      tag: "data",
      summary: "The stream of Server-Sent Events, which never ends",
      query: "all",
      answer: { "text/event-stream": {} },
      statuses: [400, 503],
      special: { 503: { "text/plain": text } },
    },
    {
      ...tagged,
      paths: ["/openapi.json"],
      id: "getOpenApi",
      summary: "This description",
      answer: document,
    },
    {
      ...tagged,
      paths: ["/asyncapi.json"],
      id: "getAsyncApi",
      summary: "The messages of the stream and the records of the topics, as AsyncAPI 3",
      answer: document,
    },
  ];
}

function ofFiles(): Operation[] {
  const answers = (
    name: AnswerName,
  ): Readonly<Record<string, NonNullable<Operation["answer"]>>> => ({
    csv: { "text/csv": text },
    json: { [JSON_TYPE]: { type: "array", items: schemaOf(name) } },
    ndjson: { "application/x-ndjson": text },
  });
  const each = (file: string, name: AnswerName, of: Omit<Operation, "paths" | "id" | "tag">) =>
    Object.entries(answers(name)).map(
      ([format, answer]): Operation => ({
        ...of,
        paths: dataPaths(`/download/${file}.${format}`),
        id: `get${name}${format}`,
        tag: "downloads",
        answer,
      }),
    );
  return [
    ...each("totals", "Entry", {
      summary: "The rows of the table, on all of its pages",
      query: ["period", "by", "sort", "q"],
      isTagged: true,
      statuses: [400, 404, 503],
    }),
    ...each("dead-letters", "Letter", {
      summary: "The latest dead letters, whole",
      statuses: [400, 503],
    }),
    {
      paths: dataPaths("/download/history.csv"),
      id: "getHistoryCsv",
      tag: "downloads",
      summary: "The graph, with every product of every slot",
      query: ["window", "product"],
      answer: { "text/csv": text },
      isTagged: true,
      statuses: [400, 503],
    },
  ];
}

function ofPages({ base, boards }: ApiSettings): Operation[] {
  const of = { tag: "pages", query: "all", answer: page } as const;
  const home = ["/", ...(base === "" ? [] : [""]), "/index.html"];
  return [
    { ...of, paths: home, id: "showTable", summary: "The table", statuses: [400] },
    ...boards.map((name): Operation => {
      const paths = [`/by/${name}`];
      return {
        ...of,
        paths,
        id: `showBy_${name}`,
        summary: `The table by ${name}`,
        statuses: [400],
      };
    }),
    {
      ...of,
      paths: ["/graph", "/graph.html"],
      id: "showGraph",
      summary: "The graph",
      statuses: [400],
    },
    { ...of, paths: ["/product"], id: "showProduct", summary: "One product", statuses: [400, 404] },
    {
      ...of,
      paths: ["/product/sales"],
      id: "showProductSales",
      summary: "One product, with its latest sales",
      statuses: [400, 404, 503],
    },
    {
      ...of,
      paths: ["/rejected", "/dead-letters"],
      id: "showRejected",
      summary: "The commonest reasons, and the latest dead letters",
      statuses: [400, 503],
    },
    {
      paths: ["/assets/{name}"],
      id: "getAsset",
      tag: "pages",
      summary: "A style, script, picture or font of the pages",
      parameters: [{ name: "name", in: "path", required: true, schema: text }],
      answer: { "*/*": {} },
      statuses: [404],
      isOpen: true,
    },
  ];
}

function ofForms(): Operation[] {
  const fields = { name: text, password: text, next: text };
  const form = {
    "application/x-www-form-urlencoded": { schema: { type: "object", properties: fields } },
  };
  const next = { name: "next", in: "query", schema: text };
  return [
    {
      paths: ["/login"],
      id: "showLogin",
      tag: "access",
      summary: "The form",
      parameters: [next],
      answer: page,
      isOpen: true,
    },
    {
      paths: ["/login"],
      id: "logIn",
      method: "post",
      tag: "access",
      summary: "Opens a session: a cookie",
      requestBody: { content: form },
      statuses: [400, 401, 413, 429, 503],
      isOpen: true,
      leadsOn: true,
    },
    {
      paths: ["/logout"],
      id: "logOut",
      method: "post",
      tag: "access",
      summary: "Ends the session",
      isOpen: true,
      leadsOn: true,
    },
  ];
}

function ofProbes({ hasMetrics }: ApiSettings): Operation[] {
  const of = { tag: "operation", isOpen: true, isProbe: true } as const;
  const metrics: Operation = {
    paths: ["/metrics"],
    id: "getMetrics",
    tag: "operation",
    summary: "Metrics for Prometheus",
    answer: { "text/plain": text },
  };
  return [
    { ...of, paths: ["/livez"], id: "getLive", summary: "The process works", answer: json("Live") },
    {
      ...of,
      paths: ["/readyz"],
      id: "getReady",
      summary: "Whether the dashboard is ready, and why not",
      answer: json("Ready"),
      statuses: [503],
      special: { 503: json("NotReady") },
    },
    ...(hasMetrics ? [metrics] : []),
  ];
}
