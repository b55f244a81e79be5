/** Partitions that wait for a schema: their records stay where they are, and others go on. */

import type { Log } from "../../lib/log.ts";
import type { AwaitedSchema } from "../../mapping/model/awaited.ts";
import type { RoleContext } from "../../role.ts";
import type { OwnedPartition } from "../../state/owned-partition.ts";
import type { Assignment } from "./assignment.ts";

export class HeldPartitions {
  readonly #held: Map<number, AwaitedSchema>;
  readonly #partitions: ReadonlyMap<number, OwnedPartition>;
  readonly #assignment: Assignment;
  readonly #log: Log;
  readonly #report: RoleContext["report"];
  #sentences: string | undefined;

  /** `held`: the fold adds partitions, and leaves their records alone. */
  constructor(
    { log, report }: Pick<RoleContext, "log" | "report">,
    of: {
      held: Map<number, AwaitedSchema>;
      partitions: ReadonlyMap<number, OwnedPartition>;
      assignment: Assignment;
    },
  ) {
    this.#held = of.held;
    this.#partitions = of.partitions;
    this.#assignment = of.assignment;
    this.#log = log;
    this.#report = report;
  }

  /**
   * Call on every turn of the loop. Stops reading partitions that wait, and continues those whose
   * schema has come. @throws SalesboardError when the rules do not fit a schema
   */
  async tick(): Promise<void> {
    const stopped: number[] = [];
    for (const [id, schema] of this.#held) {
      if (schema.failure) throw schema.failure;
      const partition = this.#partitions.get(id);
      // Another instance owns it now.
      if (!partition) this.#held.delete(id);
      else if (schema.isHere) await this.#continue(partition);
      else if (this.#assignment.hasAny([id])) stopped.push(id);
    }
    if (stopped.length > 0) this.#assignment.removeSoon(stopped);
    this.#tell();
  }

  async #continue(partition: OwnedPartition): Promise<void> {
    this.#held.delete(partition.id);
    // At once: the next poll would bring the records that stand behind those left alone.
    if (this.#assignment.hasAny([partition.id])) await this.#assignment.seek(partition);
    else this.#assignment.addSoon([partition.id]);
  }

  /** Only what has gone wrong: a first request takes a moment. */
  #tell(): void {
    const sentences = sentencesOf(this.#held);
    const text = sentences.join("\n");
    if (text === this.#sentences) return;
    if (text === "" && this.#sentences) this.#log.info("No partition waits for a schema any more.");
    this.#sentences = text;
    for (const sentence of sentences) this.#log.warning(sentence);
    this.#report({ waits: sentences });
  }
}

/** One sentence for each problem. */
function sentencesOf(held: ReadonlyMap<number, AwaitedSchema>): string[] {
  const byProblem = new Map<string, { partitions: number[]; names: Set<string> }>();
  for (const [id, { name, problem }] of held) {
    if (problem === undefined) continue;
    const group = byProblem.get(problem) ?? { partitions: [], names: new Set() };
    byProblem.set(problem, group);
    group.partitions.push(id);
    group.names.add(name);
  }
  return [...byProblem].map(([problem, { partitions, names }]) => {
    const one = partitions.length === 1;
    const who = `${one ? "Partition" : "Partitions"} ${partitions.join(", ")} of the input`;
    const what = `${one ? "waits" : "wait"} for ${[...names].join(", ")}`;
    return `${who} ${what}: ${problem}. Nothing is lost: the records are counted when it answers.`;
  });
}
