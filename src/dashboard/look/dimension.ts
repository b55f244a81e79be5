/** What readers call a dimension. */

/** "Payment method" for `payment_method`: data, in no language of ours. */
export function titleOf(dimension: string): string {
  const words = dimension.replace(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
