/** How sure a proposal is of a rule, and why. */

/** From the strongest to the weakest. `guess` = a wrong total is possible: look at it. */
const surenesses = ["sure", "likely", "guess"] as const;
export type Sureness = (typeof surenesses)[number];

/** A rule as a user writes it, with the evidence in words. */
export interface ProposedRule {
  readonly rule: string;
  readonly sureness: Sureness;
  readonly because: string;
}

export function weakest(all: readonly Sureness[]): Sureness {
  return surenesses[Math.max(0, ...all.map((one) => surenesses.indexOf(one)))] ?? "guess";
}
