/** Waiting that ends early when a role is told to stop. */

/** Waits for `ms`, or until `signal` is aborted or `event` has happened. */
export function pause(ms: number, signal: AbortSignal, event?: Promise<void>): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    void event?.then(done);
  });
}

/**
 * Waits for `promise`, or until `signal` is aborted. Leaves no listener on the signal.
 * @throws what `promise` rejects with, if that happens first
 */
export async function orAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let stop = () => {};
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", stop);
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
