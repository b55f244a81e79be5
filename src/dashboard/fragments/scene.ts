/** What the pages show: the values that every page is rendered from. */

import type { Site } from "../look/site.ts";
import type { Graph } from "../model/graph.ts";
import type { Board, SalesView } from "../model/view.ts";
import type { Table } from "./table.ts";

/** All that is shown: the board, and table and graph as they were at the last turn. */
export interface Scene {
  readonly board: Board;
  /** For what the board leaves out. */
  readonly view: Pick<SalesView, "partitionsOf">;
  readonly site: Site;
  readonly table: Table;
  readonly graph: Graph;
}
