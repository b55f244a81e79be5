/** Where pages are: the path and the query that show a look. */

import { type Look, queryOf } from "./look.ts";
import type { Site } from "./site.ts";

const paths = {
  table: "/",
  graph: "/graph",
  product: "/product",
  letters: "/rejected",
} as const;

type Changes = NonNullable<Parameters<typeof queryOf>[1]>;

/** The path of the page by a dimension, below the base path. */
export function boardPath(name: string): string {
  return `/by/${name}`;
}

/** The address of the page of `look`, with `changes` to the rest of its look. */
export function addressOf({ base }: Pick<Site, "base">, look: Look, changes: Changes = {}): string {
  const { by, view = "table" } = look;
  const path = by === undefined ? paths[view] : boardPath(by);
  return `${base}${path}${queryOf(look, { ...changes, view: undefined, by: undefined })}`;
}

/** The query of another page, because choices for one page do not carry over. */
export function queryElsewhere(look: Look): string {
  const changes = { view: undefined, product: [], page: 1, by: undefined };
  // A search for stores would find no product.
  return queryOf(look, look.by === undefined ? changes : { ...changes, q: "" });
}

/** The address of the page by a dimension, from another page or from itself. */
export function boardAddress(site: Pick<Site, "base">, look: Look, name: string): string {
  return addressOf(site, { ...look, by: name }, { product: [], page: 1, q: "" });
}
