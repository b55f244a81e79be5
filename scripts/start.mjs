/** `npm start`: builds what is missing, then runs dist/salesboard with the same arguments. */

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { main } from "./lib/command.mjs";
import { buildExecutable, executable } from "./lib/executable.mjs";

await main(async () => {
  await buildExecutable();
  // In a group of its own: Ctrl-C reaches the whole foreground group, and npm passes it on again,
  // but a second signal means "at once" to Salesboard. So it hears of each from here alone.
  const child = spawn(executable, process.argv.slice(2), { stdio: "inherit", detached: true });
  let forwardedAtMs = Number.NEGATIVE_INFINITY;
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => {
      if (Date.now() - forwardedAtMs < 500) return;
      forwardedAtMs = Date.now();
      child.kill(signal);
    });
  }
  process.exitCode = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) =>
      resolve(code ?? 128 + constants.signals[signal ?? "SIGKILL"]),
    );
  });
});
