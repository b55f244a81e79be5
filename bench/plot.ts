/** Line plots as SVG: small, made by hand, readable on light and on dark pages. */

export interface Plot {
  title: string;
  xLabel: string;
  yLabel: string;
  /** Steps of equal width, whatever their values. */
  x: readonly string[];
  series: readonly { name: string; y: readonly number[] }[];
}

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 60;
const RIGHT = 20;
const TOP = 70;
const BOTTOM = 50;
const GRID_LINES_MAX = 6;

// With a ground of its own a plot is readable even where the page's theme is not the system's.
const STYLE = `
    svg { font: 13px system-ui, sans-serif; background: #fff; color: #1f2328; }
    text { fill: currentColor; }
    .title { font-weight: 600; font-size: 15px; }
    .grid { stroke: currentColor; stroke-opacity: 0.15; }
    polyline { fill: none; stroke-width: 2; }
    .s0 { stroke: #0969da; fill: #0969da; }
    .s1 { stroke: #9a6700; fill: #9a6700; }
    @media (prefers-color-scheme: dark) {
      svg { background: #0d1117; color: #e6edf3; }
      .s0 { stroke: #4493f8; fill: #4493f8; }
      .s1 { stroke: #d29922; fill: #d29922; }
    }
    polyline.s0, polyline.s1 { fill: none; }
  `;

/** @returns an SVG file; at most two series */
export function linePlot({ title, xLabel, yLabel, x, series }: Plot): string {
  const step = gridStep(Math.max(...series.flatMap(({ y }) => y)));
  const lines = Math.ceil(Math.max(...series.flatMap(({ y }) => y)) / step);
  const right = WIDTH - RIGHT;
  const bottom = HEIGHT - BOTTOM;
  const atX = (i: number) => round(LEFT + ((i + 0.5) * (right - LEFT)) / x.length);
  const atY = (value: number) => round(bottom - (value / (lines * step)) * (bottom - TOP));

  const grid = Array.from({ length: lines + 1 }, (_, i) => {
    const y = atY(i * step);
    const label = (i * step).toFixed(step < 1 ? (step < 0.1 ? 2 : 1) : 0);
    return [
      `<line class="grid" x1="${LEFT}" y1="${y}" x2="${right}" y2="${y}"/>`,
      `<text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${label}</text>`,
    ].join("");
  });
  const ticks = x.map(
    (name, i) => `<text x="${atX(i)}" y="${bottom + 20}" text-anchor="middle">${name}</text>`,
  );
  const curves = series.map(({ name, y }, s) => {
    const points = y.map((value, i) => `${atX(i)},${atY(value)}`);
    const dots = y.map((value, i) => `<circle cx="${atX(i)}" cy="${atY(value)}" r="3.5"/>`);
    const legend = LEFT + s * 260;
    return [
      `<polyline class="s${s}" points="${points.join(" ")}"/>`,
      `<g class="s${s}">${dots.join("")}<circle cx="${legend + 5}" cy="48" r="5"/></g>`,
      `<text x="${legend + 16}" y="52">${name}</text>`,
    ].join("\n  ");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">
  <title>${title}</title>
  <style>${STYLE}</style>
  <text class="title" x="${LEFT}" y="26">${title}</text>
  <text x="${right}" y="26" text-anchor="end">${yLabel}</text>
  ${[...grid, ...ticks, ...curves].join("\n  ")}
  <text x="${(LEFT + right) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${xLabel}</text>
</svg>
`;
}

/** 1, 2 or 5 times a power of ten, so that few lines reach `most`. */
function gridStep(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most / GRID_LINES_MAX));
  return ([1, 2, 5, 10].find((times) => most / power / times <= GRID_LINES_MAX) ?? 10) * power;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
