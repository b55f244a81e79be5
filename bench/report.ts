/** What the bench prints: sections, and the goals that docs/performance.md begins with. */

import { type Figure, figures, type Goal, type Section } from "./section.ts";

/** A goal of one of the figures. */
export type FigureGoal = Goal & { readonly figure: Figure };

/** In the order of the figures. */
export function figureGoals(sections: Readonly<Record<string, Section>>): readonly FigureGoal[] {
  const goals = Object.values(sections).flatMap((section) => section.goals);
  const of = (figure: Figure) => goals.filter((goal) => goal.figure === figure);
  return figures.flatMap((figure) => of(figure).map((goal) => ({ ...goal, figure })));
}

export function printSection({ title, columns, rows, goals, skipped }: Section): void {
  console.log(`\n### ${title}\n`);
  printTable(columns, rows);
  if (goals.length > 0) console.log();
  printTable(
    ["#", "goal", "wanted", "measured", "met"],
    goals.map(({ figure = "", what, goal, measured, met, why }) => {
      const verdict = met ? "yes" : `no${why ? `: ${why}` : ""}`;
      return [figure, what, goal, measured, verdict];
    }),
  );
  for (const reason of skipped) console.log(`\nSkipped: ${reason}`);
}

/** As docs/performance.md has them: its last column, the reason, is for people to write. */
export function printFigures(goals: readonly FigureGoal[]): void {
  if (goals.length === 0) return;
  console.log("\n### The goals of docs/performance.md\n");
  printTable(
    ["#", "what", "goal", "result", "met", "why not"],
    goals.map(({ figure, what, goal, measured, met, why = "" }) => {
      return [figure, what, goal, measured, met ? "yes" : "**no**", met ? "" : why];
    }),
  );
}

function printTable(columns: readonly string[], rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  for (const cells of [columns, columns.map(() => "---"), ...rows]) {
    console.log(`| ${cells.join(" | ")} |`);
  }
}
