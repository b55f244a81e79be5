/** What a page says while no record of the input counts. */

import { linesIn, type Sums } from "../../domain/sums.ts";

/** What a look at the latest records found. */
export interface Advice {
  /** Records that were looked at; 0 = the input holds none any more. */
  readonly looked: number;
  /** The commonest reason of dead letters among them, and how many have it. */
  readonly reason: { readonly text: string; readonly records: number } | undefined;
  /** The mapping of this dashboard counts or filters all of them. */
  readonly fits: boolean;
  readonly proposal: ProposedCommand | undefined;
}

export interface ProposedCommand {
  readonly sureness: "sure" | "likely" | "guess";
  /** Of the records that were looked at. */
  readonly counted: number;
  readonly filtered: number;
  readonly deadLetters: number;
  /** For a shell, in the order in which to type them. */
  readonly commands: readonly string[];
}

interface JudgedCounts {
  readonly isComplete: boolean;
  readonly totalEver: Pick<Sums, "sales" | "returns">;
  readonly filtered: bigint;
  readonly deadLetters: bigint;
}

/** Records were judged, and none of them counts. */
export function isMisfit({ isComplete, totalEver, filtered, deadLetters }: JudgedCounts): boolean {
  return isComplete && linesIn(totalEver) === 0n && filtered + deadLetters > 0n;
}
