/** What readers call a dimension, and the lines without a value of one. */

/** The value of lines that have none, as it stands in the topic. */
export const NO_VALUE = "(none)";

/** "Payment method" for `payment_method`: data, in no language of ours. */
export function titleOf(dimension: string): string {
  const words = dimension.replace(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
