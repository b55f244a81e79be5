import { expect, test } from "bun:test";
import { commands, rows } from "../../../src/config/options.ts";
import { manualText } from "../../../src/config/shell/manual.ts";

const page = manualText("1.2.3");

test("the manual page has every command and option once, with nothing that roff would obey", () => {
  for (const [, { flag }] of rows) {
    const name = flag.replaceAll("-", "\\-");
    expect(page.match(new RegExp(`^\\\\fB${RegExp.escape(name)}(?= |\\\\fR$)`, "gm"))).toHaveLength(
      1,
    );
  }
  for (const name of Object.keys(commands)) expect(page).toContain(`\n\\fB${name}\\fR\n`);
  const known = /^\.(TH|SH|SS|TP|B)( |$)/;
  const obeyed = page.split("\n").filter((line) => /^[.']/.test(line) && !known.test(line));
  expect(obeyed).toEqual([]);
});

test.if(Bun.which("groff") !== null)("groff finds nothing wrong with it", () => {
  const run = Bun.spawnSync(["groff", "-man", "-ww", "-Tutf8"], { stdin: Buffer.from(page) });
  expect(run.stderr.toString()).toBe("");
  expect(run.stdout.toString()).toContain("1.2.3");
});
