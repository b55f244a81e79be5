/** The values that every page is rendered from. */

import type { Site } from "../look/site.ts";
import type { Board } from "../model/board.ts";
import type { Graph } from "../model/graph.ts";
import type { SalesView } from "../model/view.ts";
import type { Table } from "./table.ts";

/** The board of a period, and table and graph as of the last turn. */
export interface Scene {
  readonly board: Board;
  /** For details that the board leaves out. */
  readonly view: Pick<SalesView, "board" | "partitionsOf">;
  readonly site: Site;
  readonly table: Table;
  readonly graph: Graph;
}
