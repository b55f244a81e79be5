/** A dashboard of the gallery: as the tests feed one, and begun in the state that it is to show. */

import { boardTopics } from "../../src/config/config.ts";
import { createDashboard } from "../../src/dashboard/dashboard.ts";
import { HistoryView } from "../../src/dashboard/model/history-view.ts";
import type { Status } from "../../src/dashboard/model/status.ts";
import { SalesView } from "../../src/dashboard/model/view.ts";
import type { Latest, RecordSearch, StoredRecord } from "../../src/dashboard/records/records.ts";
import { FakeSource, type Fed, key, total } from "../dashboard/fixture.ts";
import { configOf, quietLog } from "../support/context.ts";

export interface ExhibitOptions {
  /** Options of the command line. */
  readonly options: readonly string[];
  /** Before anything is shown: a board that was live once stays complete. */
  readonly status?: Status | undefined;
}

/** The dashboard, and raw records of the input, the newest first, for its product pages. */
export async function openExhibit({ options, status }: ExhibitOptions): Promise<Fed> {
  const [view, past, source] = [new SalesView(), new HistoryView(), new FakeSource()];
  if (status) source.status = status;
  const letters: StoredRecord[] = [];
  const sales: StoredRecord[] = [];
  const config = configOf("run", ...options);
  const latest = async <T extends StoredRecord>({ topic }: RecordSearch<T>): Promise<Latest<T>> => {
    const records = (topic === config.deadLetterTopic ? letters : sales) as T[];
    return { records, at: Date.now(), looked: records.length, since: undefined, isAll: true };
  };
  const boards = boardTopics(config).map((of) => ({ ...of, view: new SalesView(), source }));
  const shared = { config, view, history: past, boards, source, log: quietLog };
  const dashboard = await createDashboard({ ...shared, records: { latest } });
  const feed: Fed["feed"] = (product, price, quantity = 1n, partition = 0) => {
    view.apply(partition, key(product), total(product, price, quantity));
    dashboard.changed();
  };
  const byName = new Map(boards.map((board) => [board.name, board]));
  return { view, past, source, dashboard, letters, sales, boards: byName, feed };
}
