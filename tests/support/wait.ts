/** Waiting for something that another process does. */

/**
 * Asks `condition` until it answers with something true, and returns that. An error ends the wait.
 * @throws Error naming `what` after `timeoutMs`
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { what, timeoutMs = 60_000, pollMs = 50 }: { what: string; timeoutMs?: number; pollMs?: number },
): Promise<NonNullable<T>> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (performance.now() > deadlineMs) {
      throw new Error(`Waited ${timeoutMs} ms in vain for ${what}.`);
    }
    await Bun.sleep(pollMs);
  }
}
