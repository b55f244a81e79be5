/** Waiting for something that another process does. */

/**
 * A guard against hanging, and no bound of what something may take: what takes a second on a quiet
 * machine takes minutes on one that does ten things at once.
 */
export const WAIT_MS_MAX = 180_000;
/** The last lines of a process that stand in the error of a wait in vain. */
const WITNESS_LINES = 12;
const WITNESS_LINE_LENGTH = 1_000;

/** Process → what it has said so far. */
const witnesses = new Map<string, () => string>();

/**
 * From now on, the error of a wait in vain contains what `said` hands back last.
 * @returns ends that
 */
export function witness(who: string, said: () => string): () => void {
  witnesses.set(who, said);
  return () => void witnesses.delete(who);
}

export interface Waiting {
  /** Completes "Waited in vain for …". */
  what: string;
  /** Without an answer, and without progress. */
  timeoutMs?: number | undefined;
  pollMs?: number;
  /** How far it is: when the answer changes, the time begins anew. */
  progress?: () => unknown;
}

/**
 * Asks `condition` until it answers with something true, and returns that. An error ends the wait.
 * @throws Error naming `what` after `timeoutMs`, with what each `witness` said last
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { what, timeoutMs = WAIT_MS_MAX, pollMs = 50, progress }: Waiting,
): Promise<NonNullable<T>> {
  let [reached, since] = [progress?.(), performance.now()];
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    const now = progress?.();
    if (now !== reached) [reached, since] = [now, performance.now()];
    if (performance.now() - since > timeoutMs) {
      throw new Error([`Waited ${timeoutMs} ms in vain for ${what}.`, ...testimonies()].join("\n"));
    }
    await Bun.sleep(pollMs);
  }
}

function testimonies(): string[] {
  return [...witnesses].map(([who, said]) => {
    const lines = said().trimEnd().split("\n").slice(-WITNESS_LINES);
    return [
      `--- ${who} said last:`,
      ...lines.map((line) => line.slice(0, WITNESS_LINE_LENGTH)),
    ].join("\n");
  });
}
