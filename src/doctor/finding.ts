/** What `doctor` says of one fact: a state, a sentence, and what mends it. */

import { upperFirst } from "../lib/text.ts";

/** `skipped`: this cannot be known here; that is no mistake of the settings. */
export type FindingState = "ok" | "warning" | "problem" | "skipped";

/** The checks, in the order of the page. */
export const checkNames = [
  "settings",
  "brokers",
  "tls",
  "login",
  "topics",
  "kafka",
  "rights",
  "totals",
  "group",
  "lag",
  "clock",
  "mapping",
  "restart",
  "access",
  "dashboard",
  "stream",
] as const;

export type CheckName = (typeof checkNames)[number];

export interface Finding {
  readonly check: CheckName;
  readonly state: FindingState;
  readonly text: string;
  /** A command or a setting. */
  readonly mend?: string;
}

/** An answer, or why there is none. */
export type Asked<T> =
  | { readonly value: T }
  | {
      readonly why: string;
      /** Kafka's name of the error; undefined = it is none of Kafka's. */
      readonly code: string | undefined;
    };

/** Makes findings of one check. */
export function say(check: CheckName) {
  const made = (state: FindingState) => (text: string, mend?: string) => ({
    check,
    state,
    text: sentence(text),
    ...(mend !== undefined && { mend }),
  });
  return {
    ok: made("ok"),
    warning: made("warning"),
    problem: made("problem"),
    skipped: made("skipped"),
  };
}

/** With a capital letter, and a full stop at the end. */
export function sentence(text: string): string {
  // A name of a topic or an address keeps its letters.
  const begun = /^[a-z]+ /.test(text) ? upperFirst(text) : text;
  return /[.?!]$/.test(text) ? begun : `${begun}.`;
}

/** 0: all is well. 1: there are warnings. 2: there are problems. */
export function statusOf(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ state }) => state === "problem")) return 2;
  return findings.some(({ state }) => state === "warning") ? 1 : 0;
}
