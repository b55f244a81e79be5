/** What a command prints arrives whole, however slow its reader is. */

import { expect, test } from "bun:test";

const MODULE = new URL("../../src/lib/output.ts", import.meta.url).pathname;
const CHARACTERS = 700_000;

// The end of the process cut `config --json` and `inspect --json` at 64 KB, the room of a pipe.
test("nothing is lost when the reader begins after the process would have ended", async () => {
  const code = `import { outputWritten, writeOut } from ${JSON.stringify(MODULE)};
    writeOut("x".repeat(${CHARACTERS}));
    await outputWritten();
    process.exit(0);`;
  const child = Bun.spawn(["sh", "-c", `"$0" -e "$1" | (sleep 0.3; cat)`, process.execPath, code], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const text = await new Response(child.stdout).text();
  expect(text.length).toBe(CHARACTERS);
});

test("a reader that has gone is no error", async () => {
  const code = `import { outputWritten, writeOut } from ${JSON.stringify(MODULE)};
    writeOut("x".repeat(${CHARACTERS}));
    await outputWritten();
    process.stderr.write("ended in order");
    process.exit(0);`;
  const child = Bun.spawn(["sh", "-c", `"$0" -e "$1" | head -c 5`, process.execPath, code], {
    stdout: "pipe",
    stderr: "pipe",
  });
  expect(await new Response(child.stdout).text()).toBe("xxxxx");
  expect(await new Response(child.stderr).text()).toBe("ended in order");
});
