import type { html } from "hono/html";
import type { Micros } from "../../domain/money.ts";

/** Facts about this Salesboard that do not change while it runs. */
export interface Site {
  /** The prefix of all paths: "" or "/a/b". */
  readonly base: string;
  readonly currency: string;
  /** The revenue that a day should bring; undefined = none is set. */
  readonly target: Micros | undefined;
  readonly inputTopic: string;
  readonly outputTopic: string;
  readonly deadLetterTopic: string;
  readonly historyTopic: string;
  readonly keepsHistory: boolean;
  /** The broker is the embedded one, which keeps its data in memory. */
  readonly isEmbedded: boolean;
}

export type Html = ReturnType<typeof html>;
