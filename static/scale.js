/** How long a bar is, and where the ticks of the time axis stand. */

/** @typedef {import("./series.js").Bar} Bar */
/** @typedef {import("./series.js").Series} Series */
/** @typedef {import("./zone.js").Zone} Zone */
/** Epoch seconds. @typedef {{min: number, max: number}} Range */

const quarter = 900;
const hour = 3_600;
export const day = 86_400;
/** Seconds of a bar, or between ticks. */
const lengths = [
  1,
  2,
  5,
  10,
  15,
  30,
  60,
  120,
  300,
  600,
  900,
  1800,
  hour,
  7200,
  10800,
  21600,
  43200,
];
const tickSecondsMin = 5;
/**
 * The most bars of a window. With room for them, the whole window has bars of 10 seconds, of a
 * quarter of an hour, or of a day.
 */
const barsMax = /** @type {Record<string, number>} */ ({
  "15m": 91,
  "24h": 97,
  "30d": 32,
  "60d": 62,
});
const barsMin = 10;
/** Of the shorter bars in those hours in which something was sold. */
const busyShare = 0.75;
/** Of a day in bars of an hour. */
const hoursMin = 12 * hour;
const barPixelsMin = 6;

/**
 * The bars to draw in a range, and the range that has them whole. There are as many as can be told
 * apart on so many pixels.
 * @param {Series} series @param {Zone} zone
 * @param {{range: Range, isChosen: boolean, span: string, width: number}} view
 * @returns {{bars: Bar[], length: number, range: Range}}
 */
export function chooseBars(series, zone, { range, isChosen, span, width }) {
  const { min, max } = range;
  const most = Math.max(barsMin, Math.min(barsMax[span] ?? barsMin, width / barPixelsMin));
  let length = lengths.find((s) => s >= series.step && s * most >= max - min) ?? day;
  // The window ends where its latest slot begins, which may be where a bar begins too.
  const to = isChosen ? max : max + series.step;
  let bars = series.bars(min, to, length, zone);
  if (isChosen) return { bars, length, range };
  if (span === "24h" && length < hour) {
    // Where most quarters of an hour are empty, their bars are noise, and hours are not.
    const sold = bars.filter(({ sums }) => sums.at(-1) !== 0n);
    const hours = new Set(sold.map(({ start }) => zone.floor(start, hour)));
    // Of the first hour and of the running one, a part is not known.
    const known = [...hours].reduce((sum, start) => {
      return sum + Math.min(start + hour, series.last) - Math.max(start, series.since);
    }, 0);
    // A young history would be one bar.
    const calm = max - min > hoursMin ? hour : quarter;
    const isSparse = length < calm && sold.length * length < busyShare * known;
    if (isSparse) [bars, length] = [series.bars(min, to, calm, zone), calm];
  }
  // The first bar and the running one are as wide as the others.
  const end = zone.next(zone.floor(max, length), length);
  const start = series.firstBar(min, length, zone);
  return { bars, length, range: { min: start, max: end } };
}

/**
 * Times for ticks, at most so many, where hours and days of the zone begin. The name of a day
 * stands below the middle of its bar.
 * @param {Range} range @param {number} barLength @param {number} ticksMax @param {Zone} zone
 * @returns {number[]} epoch seconds
 */
export function tickTimes({ min, max }, barLength, ticksMax, zone) {
  const shortest = Math.max(tickSecondsMin, barLength, (max - min) / ticksMax);
  const length = lengths.find((s) => s >= shortest) ?? day;
  const isByDay = barLength >= day;
  const stride = Math.max(1, Math.ceil((max - min) / length / ticksMax));
  const times = [];
  // No tick at the very start, because its label would overlap those of the other axis.
  let at = zone.ceil(isByDay ? min : min + (max - min) / 20, length);
  for (let i = 0; at < max; i++) {
    if (i % stride === 0) times.push(isByDay ? at + day / 2 : at);
    at = zone.next(at, length);
  }
  return times;
}
