/** What the dashboard answers by HTTP, as OpenAPI 3.1. A test compares it with the routes. */

import type { JsonSchema } from "../../lib/json-schema.ts";
import { parameterSchemas } from "../look/look.ts";
import { answerSchemas } from "./answers.ts";
import {
  API_VERSION,
  type ApiSettings,
  type Operation,
  operations,
  schemaOf,
} from "./operations.ts";

const meanings: Readonly<Record<string, string>> = {
  view: "What the page shows; of the stream, for which page. Missing: all data, for programs.",
  lang: "Language of words, numbers and times.",
  period: "The days that count. Pages open with today, programs get all.",
  tz: "Time zone of times, by its IANA name.",
  theme: "auto follows the system.",
  kiosk: "For a screen on a wall.",
  mask: "Leaves amounts out. For a guest, always true.",
  sort: "The order of the table; - for descending.",
  q: "Only products whose names contain all these words.",
  page: "Of the table, a hundred products each.",
  window: "Of the graph. Pages open with that of their period, programs get 15m.",
  measure: "What the graph shows.",
  shape: "How the graph shows it.",
  by: "The dimension of the mapping that the totals are by, such as store.",
  product: "Products of the graph, or the product of a page.",
};

const reasons: Readonly<Record<number, string>> = {
  303: "Led on.",
  400: "The request is wrong, such as a parameter.",
  401: "Nobody is let in without a login.",
  403: "The name in the header Host is not the dashboard's, or amounts are not shown.",
  404: "There is no such product, period or file.",
  413: "The form is too large.",
  429: "Logins failed too often.",
  503: "Kafka does not answer or is not read yet, or everything is in use. Try again soon.",
};

const textHeader = { schema: { type: "string" } };
const failureHeaders: Readonly<Record<number, object>> = {
  303: { Location: textHeader },
  429: { "Retry-After": { schema: { type: "integer", minimum: 1 } } },
};

export function openapi(settings: ApiSettings): string {
  const { base, hasLogin } = settings;
  const paths: Record<string, object> = {};
  for (const operation of operations(settings)) {
    for (const [i, path] of operation.paths.entries()) {
      const item = { [operation.method ?? "get"]: described(operation, settings, i) };
      paths[base + path] = { ...paths[base + path], ...item };
    }
  }
  return JSON.stringify({
    openapi: "3.1.0",
    info: {
      title: "Salesboard",
      version: API_VERSION,
      description:
        "The pages, data and downloads of a sales dashboard. Every GET can be asked as HEAD; other " +
        "methods are answered 405. The first address of an operation stays, the others are aliases. " +
        "asyncapi.json describes the messages of the stream. docs/http.md says more.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    // An empty list says that nobody is asked; without one, linters take it for forgotten.
    security: hasLogin ? securityOf(settings) : [],
    paths,
    components: {
      parameters: Object.fromEntries(Object.entries(parameterSchemas()).map(parameter)),
      schemas: answerSchemas,
      ...(hasLogin && {
        securitySchemes: {
          token: { type: "http", scheme: "bearer" },
          password: { type: "http", scheme: "basic" },
          session: {
            ...{ type: "apiKey", in: "cookie", name: "salesboard_session" },
            description: "By TLS, __Host-salesboard_session where there is no base path.",
          },
        },
      }),
    },
  });
}

function securityOf({ hasForm }: ApiSettings): object[] {
  return [{ token: [] }, ...(hasForm ? [{ password: [] }, { session: [] }] : [])];
}

function parameter([name, schema]: [string, JsonSchema]): [string, object] {
  const description = meanings[name] ?? "See docs/use.md.";
  const list = schema.type === "array" && { style: "form", explode: true };
  return [name, { name, in: "query", description, ...list, schema }];
}

/** `i`: which of its addresses this is. */
function described(operation: Operation, { hasLogin }: ApiSettings, i: number): object {
  const { id, tag, summary, query = [], parameters = [], requestBody, isOpen } = operation;
  const names = query === "all" ? Object.keys(parameterSchemas()) : query;
  const refs = names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
  return {
    operationId: i === 0 ? id : `${id}Alias${i}`,
    tags: [tag],
    summary,
    parameters: [...refs, ...parameters],
    ...(requestBody && { requestBody }),
    ...(isOpen && hasLogin && { security: [] }),
    responses: responsesOf(operation, hasLogin, operation.paths[i] ?? ""),
  };
}

function responsesOf(operation: Operation, hasLogin: boolean, path: string): object {
  const { answer, summary, isTagged, isOpen, isProbe, leadsOn, special = {} } = operation;
  const problem: Readonly<Record<string, JsonSchema>> = path.startsWith("/api/")
    ? { "application/json": schemaOf("Problem") }
    : { "text/html": { type: "string" } };
  const statuses = new Set([
    ...(leadsOn ? [303] : []),
    ...(isProbe ? [] : [403]),
    ...(operation.statuses ?? []),
    ...(hasLogin && !isOpen ? [303, 401, 429, 503] : []),
  ]);
  const tagged = isTagged && { headers: { ETag: textHeader } };
  const failure = (status: number) => ({
    description: reasons[status] ?? "The request failed.",
    ...(failureHeaders[status] && { headers: failureHeaders[status] }),
    ...(status !== 303 && { content: contentOf({ ...problem, ...special[status] }) }),
  });
  return {
    ...(answer && { 200: { description: summary, ...tagged, content: contentOf(answer) } }),
    ...(isTagged && { 304: { description: "Nothing has changed since this tag.", ...tagged } }),
    ...Object.fromEntries([...statuses].map((status) => [status, failure(status)])),
  };
}

function contentOf(schemas: Readonly<Record<string, JsonSchema>>): object {
  return Object.fromEntries(Object.entries(schemas).map(([type, schema]) => [type, { schema }]));
}
