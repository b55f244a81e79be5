/** `tests/FAULTS.md`: written by the campaign, and read back to see that it tells of every fault. */

import { KAFKA_VERSION } from "../support/kafka-files.ts";
import type { Observation } from "./arena.ts";
import type { Fault } from "./fault.ts";
import { type Scale, scaleOf } from "./scale.ts";

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
  const day = new Date().toISOString().slice(0, 10);
  return `${introduction(scale, { sales, faults: observed.size, day })}
${row(COLUMNS)}
${row(COLUMNS.map(() => "---"))}
${rows.map(row).join("\n")}
`;
}

const CLUSTER_HEADING = "\n## Three brokers\n";

/** What the campaign on three brokers saw. The file has it behind the table of a single broker. */
export function clusterSection(observed: ReadonlyMap<Told, Observation>): string {
  const faults = [...observed].map(([{ name, injection, expected }, observation]) => {
    return `- **${name}**: ${injection} ${expected} _${observedText(observation)}._`;
  });
  const day = new Date().toISOString().slice(0, 10);
  return `${CLUSTER_HEADING}
Brokers with TLS, SCRAM and rights, replication 3 and two in-sync replicas; one process with
aggregator and dashboard, and some hundred sales a second by seeds. Behind each fault stands what a
person read in \`/readyz\` and on the page, and after how many seconds. Seen on ${day};
\`npm run faults\` writes this list anew.

${faults.join("\n")}
`;
}

/** The file with another section about three brokers, or with the one that it had. */
export function withClusterSection(file: string, section: string | undefined): string {
  const [rest = ""] = file.split(CLUSTER_HEADING);
  return `${rest.trimEnd()}\n${section ?? ""}`;
}

export function clusterSectionOf(file: string): string | undefined {
  const [, section] = file.split(CLUSTER_HEADING);
  return section === undefined ? undefined : CLUSTER_HEADING + section;
}

const MANY_HEADING = "\n## Many partitions\n";

/** The file with what was seen of many partitions at its end. `seen`: phrases. */
export function withManySection(file: string, told: Told, seen: readonly string[]): string {
  const day = new Date().toISOString().slice(0, 10);
  return `${withoutManySection(file).trimEnd()}
${MANY_HEADING}
Seen on ${day}; \`npm run faults\` writes this anew.

- **${told.name}**: ${told.injection} ${told.expected} _${seen.join("; ")}._
`;
}

export function withoutManySection(file: string): string {
  const [rest = ""] = file.split(MANY_HEADING);
  return rest;
}

function introduction(
  { rounds, rate, sessionMs, transactionMs }: Scale,
  { sales, faults, day }: { sales: number; faults: number; day: string },
): string {
  return `# Faults

${faults} faults, injected into \`dist/salesboard\` as it is shipped, on Apache Kafka
${KAFKA_VERSION}, while ${count(rate)} sales a second flow. After each of them
\`salesboard verify\` sums the input up again, and the totals must be those of the sales that were
sent: ${count(sales)} in all.

Written by \`npm run faults\` on ${day}, with ${rounds} rounds
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

/**
 * What keeps the file from being what a full campaign has written: its introduction must be that of
 * the full scale, and every fault must have been observed.
 */
export function problemsOf(markdown: string): string[] {
  const described = describedIn(markdown);
  const unseen = described.filter(({ sales }) => !(sales > 0)).map(({ name }) => name);
  const [told = ""] = markdown.split("\n|", 1);
  const [, day = ""] = /on (\d{4}-\d\d-\d\d),/.exec(told) ?? [];
  const [, rounds] = /with (\d+)\s+rounds/.exec(told) ?? [];
  const sales = described.reduce((sum, row) => sum + row.sales, 0);
  const problems = unseen.map((name) => `Nothing was observed of: ${name}`);
  try {
    const scale = scaleOf({ FAULTS_WRITE: "1", FAULTS_ROUNDS: rounds });
    const meant = introduction(scale, { sales, faults: described.length, day });
    if (words(told) !== words(meant)) problems.push(`It must begin with: ${meant}`);
  } catch (error) {
    problems.push(`The campaign was not full: ${(error as Error).message}`);
  }
  return problems;
}

/** Where its lines break is the formatter's business. */
function words(text: string): string {
  return text.split(/\s+/).join(" ").trim();
}

/** What the file says of each fault; `sales` is NaN where nothing was observed. */
export function describedIn(markdown: string): (Told & { sales: number })[] {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) => {
      const [name = "", injection = "", expected = "", seen = ""] = line
        .split("|")
        .slice(1)
        .map((cell) => cell.trim());
      const sales = Number(/^([\d,]+) sales verified\b/.exec(seen)?.[1]?.replaceAll(",", ""));
      return { name, injection, expected, sales };
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
