/** What the chart of the graph page has to draw, as its library has it. */

import type { Page } from "playwright-core";

export interface Line {
  label: string;
  /** Times in epoch milliseconds. */
  data: { x: number; y: number }[];
  borderColor: string;
}

export function drawn(page: Page): Promise<{ lines: Line[]; min: number; max: number }> {
  return page.evaluate(() => {
    const { Chart } = globalThis as unknown as { Chart: { getChart(id: string): never } };
    const chart = Chart.getChart("time") as {
      data: { datasets: Line[] };
      options: { scales: { x: { min: number; max: number } } };
    };
    const { min, max } = chart.options.scales.x;
    return { lines: JSON.parse(JSON.stringify(chart.data.datasets)), min, max };
  });
}

export async function lineOf(page: Page, label: string): Promise<Line | undefined> {
  return (await drawn(page)).lines.find((line) => line.label === label);
}
