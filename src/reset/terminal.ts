/** Asks a question on the terminal. */

import { createInterface } from "node:readline/promises";

/** The line that the user types; empty when the input ends without one. */
export async function askOnTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const closed = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
    return await Promise.race([terminal.question(question), closed]);
  } finally {
    terminal.close();
  }
}
