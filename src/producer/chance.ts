/** Chance that repeats itself: the same seed gives the same numbers. */

/** Popularity by rank (Zipf's law): product n sells 1/n as often as the first. */
export function cumulativeZipf(count: number): number[] {
  const weights = Array.from({ length: count }, (_, rank) => 1 / (rank + 1));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let cumulated = 0;
  const shares = weights.map((weight) => {
    cumulated += weight / sum;
    return cumulated;
  });
  shares[count - 1] = 1;
  return shares;
}

/** Tommy Ettinger's Mulberry32: fast, with 32 bits of state, good enough for a demonstration. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
