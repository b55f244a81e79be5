/**
 * A system that systemd has started: /usr of this machine in a container of systemd-nspawn, with
 * this machine's network, and with the executable in /usr/local/bin.
 */

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { executablePath } from "./executable.ts";
import { endWithThisProcess } from "./guard.ts";
import { waitFor, witness } from "./wait.ts";

/** Nothing of this machine's own systemd is asked or told; `/` itself is not touched. */
const container = (name: string) => [
  ...["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", `--machine=${name}`],
  ...["--directory=/", "--volatile=yes"],
];

/** False for a user without rights, and inside most other containers. */
export function canBoot(): boolean {
  if (process.getuid?.() !== 0 || Bun.which("systemd-nspawn") === null) return false;
  const command = [...container(`salesboard-probe-${process.pid}`), "/bin/true"];
  return Bun.spawnSync(command, { stdin: "ignore" }).success;
}

export class System {
  /** A folder of this machine, which the container has as /etc/salesboard. */
  readonly settings: string;
  readonly #child: Bun.Subprocess<"ignore", Bun.BunFile, Bun.BunFile>;

  /**
   * Starts what `unit` needs, and `unit`.
   * @param files text by path, below `local` (the container's /usr/local), `settings` or `units`
   */
  constructor(unit: string, files: Readonly<Record<string, string>>) {
    const folder = mkdtempSync(join(tmpdir(), "salesboard-system-"));
    const [local, units] = [join(folder, "local"), join(folder, "units")];
    this.settings = join(folder, "settings");
    mkdirSync(join(local, "bin"), { recursive: true });
    copyFileSync(executablePath, join(local, "bin/salesboard"));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text, { mode: 0o600 });
    }
    const cmd = [
      ...container(`salesboard-test-${process.pid}`),
      `--overlay-ro=/usr/local:${local}:/usr/local`,
      `--bind-ro=${this.settings}:/etc/salesboard`,
      `--bind-ro=${units}:/etc/systemd/system`,
      // Its first start would ask on the console for a language, and wait.
      ...["--boot", "systemd.firstboot=no", `systemd.unit=${unit}`],
    ];
    const log = Bun.file(join(folder, "console"));
    this.#child = Bun.spawn({ cmd, stdin: "ignore", stdout: log, stderr: log });
    endWithThisProcess(this.#child, folder);
    witness(`the console of ${unit}`, () => readFileSync(join(folder, "console"), "utf8"));
  }

  /** What a command prints inside, run by its root. */
  async run(...command: string[]): Promise<string> {
    const first = await waitFor(() => this.#first(), {
      what: "the first process of the container",
    });
    const spaces = ["--mount", "--uts", "--ipc", "--net", "--pid"];
    const cmd = ["nsenter", `--target=${first}`, ...spaces, ...command];
    const child = Bun.spawn({ cmd, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    const texts = [child.stdout, child.stderr].map((stream) => new Response(stream).text());
    const [stdout, stderr] = await Promise.all(texts);
    if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
    return String(stdout);
  }

  /** A property of a unit, as `systemctl show` prints it. */
  async property(unit: string, name: string): Promise<string> {
    return (await this.run("systemctl", "show", unit, `--property=${name}`, "--value")).trim();
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.exited;
  }

  #first(): string | undefined {
    if (this.#child.exitCode !== null) throw new Error("The container has ended.");
    const { pid } = this.#child;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0];
  }
}
