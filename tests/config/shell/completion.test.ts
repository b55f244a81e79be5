/** Completions as shells use them: bash and fish by asking them, as far as they are here. */

import { describe, expect, test } from "bun:test";
import { rows } from "../../../src/config/options.ts";
import { completions } from "../../../src/config/shell/completion.ts";

/** What bash offers for the last word. */
function offered(...words: string[]): string[] {
  const line = ["salesboard", ...words].map((word) => `'${word}'`).join(" ");
  const script = `${completions.bash()}
COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _salesboard; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, success } = Bun.spawnSync(["bash", "--norc", "-c", script]);
  if (!success) throw new Error(stderr.toString());
  return stdout.toString().split("\n").filter(Boolean);
}

describe.if(Bun.which("bash") !== null)("bash", () => {
  test("offers the commands, until there is one", () => {
    expect(offered("ver")).toEqual(["verify"]);
    expect(offered("")).toContain("doctor");
    expect(offered("verify", "")).toEqual([]);
  });

  test("offers options by their beginning", () => {
    expect(offered("serve", "--out")).toEqual(["--output-topic"]);
    const all = offered("--");
    for (const [, { flag }] of rows) expect(all).toContain(flag);
  });

  test("offers the values of a closed list, and none of an open one", () => {
    expect(offered("--input-format", "")).toEqual(["json", "avro", "protobuf", "csv"]);
    expect(offered("run", "--history", "of")).toEqual(["off"]);
    expect(offered("--brokers", "ve")).toEqual([]);
    expect(offered("completion", "")).toEqual(["bash", "zsh", "fish"]);
    expect(offered("token", "")).toEqual(["create", "list", "revoke"]);
  });

  test("offers files where an option names one", () => {
    expect(offered("--map-file", "package.js")).toEqual(["package.json"]);
  });
});

describe.if(Bun.which("fish") !== null)("fish", () => {
  /** What fish offers behind a line, without the meanings. */
  const offeredBehind = (line: string) => {
    const script = `${completions.fish()}\ncomplete -C ${JSON.stringify(line)}`;
    const { stdout, stderr } = Bun.spawnSync(["fish", "--no-config", "-c", script]);
    expect(stderr.toString()).toBe("");
    return stdout
      .toString()
      .split("\n")
      .flatMap((each) => each.split("\t")[0] || []);
  };

  test("offers commands, options and values", () => {
    expect(offeredBehind("salesboard ver")).toEqual(["verify"]);
    expect(offeredBehind("salesboard serve --out")).toEqual(["--output-topic"]);
    expect(offeredBehind("salesboard run --history of")).toEqual(["off"]);
    expect(offeredBehind("salesboard completion ").sort()).toEqual(["bash", "fish", "zsh"]);
    expect(offeredBehind("salesboard --map-file package.js")).toEqual(["package.json"]);
  });
});

describe.each(["bash", "zsh", "fish"] as const)("%s", (shell) => {
  const script = completions[shell]();

  test("knows every option", () => {
    for (const [, { flag }] of rows) {
      expect(script).toContain(shell === "fish" ? ` -l ${flag.slice(2)} ` : flag);
    }
  });

  test("knows what stands behind completion and token", () => {
    for (const words of ["bash zsh fish", "create list revoke"]) expect(script).toContain(words);
  });

  test.if(Bun.which(shell) !== null)("accepts its script", () => {
    const { stderr } = Bun.spawnSync([shell, "-n", "/dev/stdin"], { stdin: Buffer.from(script) });
    expect(stderr.toString()).toBe("");
  });
});
