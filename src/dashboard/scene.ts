import type { Site } from "./site.ts";
import type { Table } from "./table.ts";
import type { Board, SalesView } from "./view.ts";

/** All that is shown: the board, and the table as it was at the last turn. */
export interface Scene {
  readonly board: Board;
  /** For what the board leaves out. */
  readonly view: Pick<SalesView, "partitionsOf">;
  readonly site: Site;
  readonly table: Table;
}
