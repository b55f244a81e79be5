/** What the tests of the executable have in common: topics, logs, waiting for totals, the page. */

import type { Page } from "playwright-core";
import type { PageOpener } from "./browser.ts";
import { type Salesboard, startSalesboard } from "./executable.ts";
import type { ApiTotals } from "./totals.ts";
import { waitFor } from "./wait.ts";

/** Topics and a group that no other test uses. */
export function newTopics(name: string) {
  const input = `${name}-${crypto.randomUUID().slice(0, 8)}`;
  const output = `${input}-totals`;
  const args = ["--input-topic", input, "--output-topic", output, "--group", input];
  return { input, output, deadLetters: `${input}.dlq`, args };
}

export interface LogLine {
  /** Epoch milliseconds. */
  at: number;
  level: string;
  logger: string;
  message: string;
  properties: Record<string, unknown>;
}

/** The log so far; what else stands on standard error is left out. */
export function logOf({ stderr }: { stderr: string }): LogLine[] {
  return stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => {
      const { "@timestamp": time, ...rest } = JSON.parse(line);
      return { at: Date.parse(time), ...rest };
    });
}

/** What stands on standard error beside the log: the sentence for the user. */
export function sentencesOf({ stderr }: { stderr: string }): string[] {
  return stderr.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
}

export async function logged(run: Salesboard, text: string, timeoutMs?: number): Promise<LogLine> {
  return waitFor(
    () => logOf({ stderr: run.stderr() }).find(({ message }) => message.includes(text)),
    { what: `the log line "${text}"`, timeoutMs },
  );
}

/** `/api/totals` as soon as it fits. */
export async function totalsWhen(
  run: Salesboard,
  fits: (totals: ApiTotals) => boolean,
  timeoutMs?: number,
): Promise<ApiTotals> {
  let last: ApiTotals | undefined;
  return waitFor(
    async () => {
      last = await run.api<ApiTotals>("/api/totals");
      return fits(last) ? last : undefined;
    },
    { what: "totals", timeoutMs },
  ).catch((error) => {
    throw new Error(`Last seen: ${JSON.stringify(last)?.slice(0, 2_000)}\n${error.message}`);
  });
}

/** Everything that a test started; to be ended after it. */
export class Runs {
  readonly #runs: Salesboard[] = [];

  start(...[args, options]: Parameters<typeof startSalesboard>): Salesboard {
    const run = startSalesboard(args, options);
    this.#runs.push(run);
    return run;
  }

  async end(): Promise<void> {
    await Promise.all(this.#runs.splice(0).map((run) => run.kill()));
  }
}

/** The table of all time, for a reader in the United States, and what it complained about. */
export async function openTable(
  opener: PageOpener,
  run: Salesboard,
): Promise<{ page: Page; complaints: string[] }> {
  const page = await (await opener.newContext()).newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(`${await run.url()}/?period=all`);
  return { page, complaints };
}

/** The rows of the table page as they stand there, without rank and share. */
export async function tableRows(page: Page): Promise<string[][]> {
  const rows = await page.locator("#rows tr").all();
  return Promise.all(
    rows.map(async (row) => {
      const cells = row.locator("th, .quantity, .money, .sales");
      return cells.allTextContents();
    }),
  );
}
