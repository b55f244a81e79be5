/** Standard output: texts are written in order, and the process can wait until all are out. */

let waiting = 0;
let last: Promise<void> = Promise.resolve();

/** Never waits. A reader that has gone is no error. */
export function writeOut(text: string): void {
  waiting += text.length;
  last = new Promise((resolve) => {
    process.stdout.write(text, () => {
      waiting -= text.length;
      resolve();
    });
  });
}

/** Characters that the reader has not taken yet. */
export function outputWaiting(): number {
  return waiting;
}

/** The end of the process cuts what a pipe has no room for: it has 64 KB, and readers are slow. */
export function outputWritten(): Promise<void> {
  return last;
}
