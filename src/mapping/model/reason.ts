/** Reasons of dead letters: which of them are one reason with other values. */

/** A reason without the indexes of lines. */
export function plainReason(reason: string): string {
  return reason.replace(/\[\d+\]/g, "[]");
}

/** The same for reasons that differ only in the line, or in what was received. */
export function reasonKey(reason: string): string {
  return plainReason(reason).replace(/received .*?( at |$)/, "$1");
}
