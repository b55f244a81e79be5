/** What the bench reports: sections of a table and the goals it is held against. */

export interface Goal {
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

/** `short`: shows within seconds that everything still works; its figures mean little. */
export interface BenchOptions {
  mode: "full" | "short";
  /** Progress, for a person who waits. */
  progress: (line: string) => void;
}

/** Measures one section; every process that it starts has ended when it returns. */
export type Measure = (options: BenchOptions) => Promise<Section>;
