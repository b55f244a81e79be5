import type { html } from "hono/html";
import type { Micros } from "../../domain/money.ts";

/** The topics of an input. */
export interface SiteTopics {
  readonly inputTopic: string;
  readonly outputTopic: string;
  readonly deadLetterTopic: string;
  readonly historyTopic: string;
  /** What else than products the sales are added up by: a topic and a page for each. */
  readonly boards: readonly { readonly name: string; readonly topic: string }[];
}

/** Facts about this Salesboard that do not change while it runs. */
export interface Site extends SiteTopics {
  /** Those of further input topics, on the same board; undefined = there are none. */
  readonly others?: readonly SiteTopics[];
  /** The prefix of all paths: "" or "/a/b". */
  readonly base: string;
  /** What the pages call themselves. */
  readonly title: string;
  readonly currency: string;
  /** The revenue that a day should bring; undefined = none is set. */
  readonly target: Micros | undefined;
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

/** Names that a line shows of several topics. */
const NAMES_MAX = 3;

/** One for each input topic, in the order of the settings. */
export function inputsOf(site: Site): readonly SiteTopics[] {
  return [site, ...(site.others ?? [])];
}

/** The topics of all inputs for one purpose, each once. */
export function topicNames(site: Site, of: (topics: SiteTopics) => string): string[] {
  return [...new Set(inputsOf(site).map(of))];
}

/** The same as a text, which says how many more there are than it names. */
export function topicsText(site: Site, of: (topics: SiteTopics) => string): string {
  const names = topicNames(site, of);
  const more = names.length > NAMES_MAX ? [`+${names.length - NAMES_MAX}`] : [];
  return [...names.slice(0, NAMES_MAX), ...more].join(", ");
}

/** The topics of the totals on the board of a look. */
export function totalsText(site: Site, { by }: { readonly by?: string | undefined }): string {
  return topicsText(site, ({ boards, outputTopic }) => {
    return boards.find(({ name }) => name === by)?.topic ?? outputTopic;
  });
}

export type Html = ReturnType<typeof html>;
