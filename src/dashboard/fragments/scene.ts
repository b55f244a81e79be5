import type { Site } from "../look/site.ts";
import type { Board, SalesView } from "../model/view.ts";
import type { Table } from "./table.ts";

/** All that is shown: the board, and the table as it was at the last turn. */
export interface Scene {
  readonly board: Board;
  /** For what the board leaves out. */
  readonly view: Pick<SalesView, "partitionsOf">;
  readonly site: Site;
  readonly table: Table;
}
