/** A bound for what answers by a promise. */

import { waitFor } from "../support/wait.ts";

/** @throws Error naming `what` when `promise` takes longer than any wait may */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let isSettled = false;
  const settled = () => {
    isSettled = true;
  };
  promise.then(settled, settled);
  await waitFor(() => isSettled, { what });
  return promise;
}
