/** What the chart of the graph page has to draw, as its library has it. */

import type { Page } from "playwright-core";

export interface Line {
  label: string;
  /** Middles of bars, in epoch milliseconds, and how high they are. */
  data: { x: number; y: number }[];
  borderColor: string;
}

interface Drawn {
  label: string;
  data: { x: number; height: number }[];
  borderColor: string;
}

export function drawn(page: Page): Promise<{ lines: Line[]; min: number; max: number }> {
  return page.evaluate(() => {
    const { Chart } = globalThis as unknown as { Chart: { getChart(id: string): never } };
    const chart = Chart.getChart("time") as {
      data: { datasets: Drawn[] };
      options: { scales: { x: { min: number; max: number } } };
    };
    const { min, max } = chart.options.scales.x;
    // `height`: of a bar, above those below it.
    const lines = chart.data.datasets.map(({ label, data, borderColor }) => ({
      label,
      borderColor: String(borderColor),
      data: data.map(({ x, height }) => ({ x, y: height })),
    }));
    return { lines, min, max };
  });
}

export async function lineOf(page: Page, label: string): Promise<Line | undefined> {
  return (await drawn(page)).lines.find((line) => line.label === label);
}
