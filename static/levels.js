/** Lines across the chart: the target of a day, and where alerts start. */

import { day } from "./scale.js";

const { Chart } = /** @type {any} */ (globalThis);
const { target, alerts = "[]" } = /** @type {HTMLElement} */ (document.getElementById("charts"))
  .dataset;
/**
 * An alert starts at so much in so many seconds.
 * @type {{ text: string, value: number, seconds: number }[]}
 */
const rules = JSON.parse(alerts);

/**
 * The target of a day, exact digits, where each bar is a day.
 * @param {number} barLength in seconds
 */
export function targetOf(barLength) {
  return target !== undefined && barLength === day ? target : undefined;
}

/**
 * A rule about another span than that of a bar is drawn at the same pace; one about a day, only
 * where bars are days.
 * @param {any} chart @param {number} barLength in seconds @param {string} card its colour
 */
export function drawLevels(chart, barLength, card) {
  const levels = rules
    .filter(({ seconds }) => seconds !== day || barLength === day)
    .map(({ text, value, seconds }) => ({ text, value: (value * barLength) / seconds }));
  const ofDay = targetOf(barLength);
  if (ofDay !== undefined) levels.push({ text: "", value: Number(ofDay) });
  const { ctx, scales } = chart;
  ctx.save();
  /** Where texts stand, in pixels. @type {number[]} */
  const texts = [];
  for (const { text, value } of levels) {
    // A line does not stretch the scale: what is far from all bars is not drawn.
    if (value > scales.y.max || value < scales.y.min) continue;
    const y = scales.y.getPixelForValue(value);
    drawLine(chart, y, card);
    if (texts.some((other) => Math.abs(other - y) < 1.5 * Chart.defaults.font.size)) continue;
    texts.push(y);
    drawText(chart, y, { text, card });
  }
  ctx.restore();
}

/** @param {any} chart @param {number} y @param {string} card */
function drawLine({ ctx, chartArea: { left, right } }, y, card) {
  const { color, font } = Chart.defaults;
  const width = font.size / 9;
  ctx.beginPath();
  ctx.moveTo(left, y);
  ctx.lineTo(right, y);
  ctx.setLineDash([]);
  Object.assign(ctx, { strokeStyle: card, lineWidth: 3 * width });
  ctx.stroke();
  ctx.setLineDash([6 * width, 4 * width]);
  Object.assign(ctx, { strokeStyle: color, lineWidth: width });
  ctx.stroke();
}

/** Above the line, or below it where there is no room. @param {any} chart @param {number} y */
function drawText({ ctx, chartArea: { left, right, top } }, y, { text = "", card = "" }) {
  const { color, font } = Chart.defaults;
  const gap = font.size / 3;
  const isBelow = y - gap - font.size < top;
  const at = /** @type {const} */ ([text, right - gap, isBelow ? y + gap : y - gap, right - left]);
  const style = { font: `${font.size}px ${font.family}`, textAlign: "right", lineJoin: "round" };
  Object.assign(ctx, { ...style, textBaseline: isBelow ? "top" : "bottom", fillStyle: color });
  // The colour of the card sets the text off from the bars behind it.
  Object.assign(ctx, { strokeStyle: card, lineWidth: gap });
  ctx.setLineDash([]);
  ctx.strokeText(...at);
  ctx.fillText(...at);
}
