/** A program that all tests of a process share. */

// When a test times out, `bun test` kills what it has spawned: a shared broker too, and every test
// after that one would fail as well. So the shell starts the program and looks after it, in a
// session of its own, which Ctrl-C and the end of a process group do not reach.
const script = `dir=$1 log=$2 owner=$3; shift 3
(
  "$@" >"$log" 2>&1 </dev/null & pid=$!
  echo $pid
  exec >/dev/null 2>&1
  while kill -0 $owner && kill -0 $pid; do sleep 0.5; done
  kill -0 $owner && exit
  kill -9 $pid
  for try in 1 2 3 4 5 6 7 8 9; do rm -rf "$dir" && exit; sleep 0.1; done
) &`;

/**
 * Starts `cmd` with its output in the file `log`. When this process ends, however it does, the
 * program is killed and `dir` deleted.
 * @returns its process id
 */
export async function startDaemon(
  cmd: readonly string[],
  { dir, log }: { dir: string; log: string },
): Promise<number> {
  const shell = Bun.spawn({
    cmd: ["sh", "-c", script, "sh", dir, log, String(process.pid), ...cmd],
    detached: true,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  return Number(await new Response(shell.stdout).text());
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
