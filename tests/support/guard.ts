/** Nothing that a test starts outlives the test process, however that ends. */

// Waits for the end of the pipe, which comes even when this process is killed; then cleans up.
// A program that is still dying can put a file back: so the folder is deleted until it is gone.
const script = `cat >/dev/null; kill -9 "$1" 2>/dev/null
for try in 1 2 3 4 5 6 7 8 9; do rm -rf "$2" && exit; sleep 0.1; done`;

/**
 * Kills `child` when this process ends, and then deletes `dir`.
 * Does neither when the child ends first.
 */
export function endWithThisProcess(
  child: { pid: number; exited: Promise<number> },
  dir: string,
): void {
  const guard = Bun.spawn({
    cmd: ["sh", "-c", script, "guard", String(child.pid), dir],
    // Ctrl-C and a time limit end whole groups of processes, which the guard must survive.
    detached: true,
    stdin: "pipe",
    stdout: "ignore",
    stderr: "ignore",
  });
  guard.unref();
  void child.exited.finally(() => guard.kill("SIGKILL"));
}
