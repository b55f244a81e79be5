import type { html } from "hono/html";
import type { Micros } from "../../domain/money.ts";

/** Facts about this Salesboard that do not change while it runs. */
export interface Site {
  /** The prefix of all paths: "" or "/a/b". */
  readonly base: string;
  /** What the pages call themselves. */
  readonly title: string;
  readonly currency: string;
  /** The revenue that a day should bring; undefined = none is set. */
  readonly target: Micros | undefined;
  readonly inputTopic: string;
  readonly outputTopic: string;
  readonly deadLetterTopic: string;
  readonly historyTopic: string;
  /** What else than products the sales are added up by: a topic and a page for each. */
  readonly boards: readonly { readonly name: string; readonly topic: string }[];
  readonly keepsHistory: boolean;
  /** The broker is the embedded one, which keeps its data in memory. */
  readonly isEmbedded: boolean;
  /** The sales are made up, by this process. */
  readonly isDemo: boolean;
  /** Days of sales that the demo makes up at its start; 0 = none. */
  readonly demoPast: number;
  /** A mapping says which records are sales. */
  readonly isMapped: boolean;
  /** What to type while there are no sales, and for a shell on this machine. */
  readonly commands: {
    readonly write: string;
    readonly generate: string;
    readonly inspect: string;
  };
}

/** The topic of the totals on the board of a look. */
export function topicOf(site: Site, { by }: { readonly by?: string | undefined }): string {
  return site.boards.find(({ name }) => name === by)?.topic ?? site.outputTopic;
}

export type Html = ReturnType<typeof html>;
