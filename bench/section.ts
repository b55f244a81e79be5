/** What the bench reports: sections of a table and the goals it is held against. */

/** Rows of the first table of docs/performance.md; one row can have several goals. */
export const figures = [
  "F1",
  "F2",
  "F3",
  "F4",
  "F5",
  "F6",
  "F7",
  "F8",
  "F9",
  "F10",
  "F11",
  "F12",
  "F13",
  "F14",
] as const;
export type Figure = (typeof figures)[number];

export interface Goal {
  /** Of the goals that docs/performance.md begins with. */
  figure?: Figure;
  /** Such as "CPU per million sales, of the bare consumer's". */
  what: string;
  /** Such as "at most 1.35×". */
  goal: string;
  /** In the same form as `goal`: "1.31×". */
  measured: string;
  met: boolean;
  /** Why it is not met, for the reader of the report. */
  why?: string;
}

export interface Section {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  goals: readonly Goal[];
  /** What the table was made of, for machines: plain JSON. */
  data: unknown;
  /** What could not be measured here, and why. */
  skipped: readonly string[];
}

export interface BenchOptions {
  /** `short`: shows within seconds that everything still works; its figures mean little. */
  mode: "full" | "short";
  /** How long memory is watched, in full mode. */
  minutes: number;
  /** Progress, for a person who waits. */
  progress: (line: string) => void;
}

/** Measures one section; every process that it starts has ended when it returns. */
export type Measure = (options: BenchOptions) => Promise<Section>;
