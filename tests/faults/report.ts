/** `tests/FAULTS.md`: written by the campaign, and read back to see that it tells of every fault. */

import { KAFKA_VERSION } from "../support/kafka-files.ts";
import type { Observation } from "./arena.ts";
import type { Fault } from "./fault.ts";
import type { Scale } from "./scale.ts";

type Told = Pick<Fault, "name" | "injection" | "expected">;

const COLUMNS = ["fault", "how it is injected", "what must be seen", "what was observed"] as const;

/** The whole file. */
export function table(observed: ReadonlyMap<Fault, Observation>, scale: Scale): string {
  const rows = [...observed].map(([{ name, injection, expected }, observation]) => [
    name,
    injection,
    expected,
    `${observedText(observation)}.`,
  ]);
  const sales = [...observed.values()].reduce((sum, { sales }) => sum + sales, 0);
  return `${introduction(scale, { sales, faults: observed.size })}
${row(COLUMNS)}
${row(COLUMNS.map(() => "---"))}
${rows.map(row).join("\n")}
`;
}

function introduction(
  { rounds, rate, sessionMs, transactionMs }: Scale,
  { sales, faults }: { sales: number; faults: number },
): string {
  return `# Faults

${faults} faults, injected into \`dist/salesboard\` as it is shipped, on Apache Kafka
${KAFKA_VERSION}, while ${count(rate)} sales a second flow. After each of them
\`salesboard verify\` sums the input up again, and the totals must be those of the sales that were
sent: ${count(sales)} in all.

Written by \`npm run faults\` on ${new Date().toISOString().slice(0, 10)}, with ${rounds} rounds
of what can be repeated, a session time-out of ${sessionMs} ms and a transaction time-out of
${transactionMs} ms. \`npm test\` injects the same faults in few rounds and with short time-outs,
and checks that this page tells of exactly these.

_Recovered_: the time from the fault, or from the end of an outage, until a sale that was sent after
that moment is counted on every partition.
`;
}

/** What was observed, in phrases without a full stop at the end. */
export function observedText({ sales, recoveriesMs, details }: Observation): string {
  return [`${count(sales)} sales verified`, ...recovery(recoveriesMs), ...details].join("; ");
}

function recovery(ms: readonly number[]): string[] {
  const [least, most] = [Math.min(...ms), Math.max(...ms)].map(seconds);
  if (ms.length === 0) return [];
  if (ms.length === 1) return [`recovered in ${least} s`];
  return [`recovered ${ms.length} times, in ${least} to ${most} s`];
}

/** What the file says of each fault. */
export function describedIn(markdown: string): Told[] {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) => {
      const [name = "", injection = "", expected = ""] = line
        .split("|")
        .slice(1)
        .map((cell) => cell.trim());
      return { name, injection, expected };
    });
}

/** Cells hold no bar: none of ours does, and what the broker says does not get here. */
function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
