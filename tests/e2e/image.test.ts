/** The image from the files of a release: its steps are followed here, where no Docker is. */

import { describe, expect, onTestFinished, test } from "bun:test";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pack, targets } from "../support/release.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (name: string) => readFileSync(`${root}${name}`, "utf8");

describe("deploy/release.Dockerfile", () => {
  const [, final = ""] = read("deploy/release.Dockerfile").split(/^FROM (?=gcr)/m);

  test("makes the same image as Dockerfile, from the files of a release", () => {
    const [, usual = ""] = read("Dockerfile").split(/^FROM (?=gcr)/m);
    const ofBuild = usual.replace("--from=build /salesboard/dist/", "--from=unpack /release/");
    expect(final).toBe(ofBuild);
    expect(final).toContain("ENTRYPOINT");
  });

  test("unpacks the archive of each processor, of all that a release has", async () => {
    const folder = mkdtempSync(join(tmpdir(), "salesboard-image-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const { name } of targets) {
      const content = Buffer.from(name);
      await pack(name, [{ name: "salesboard", mode: 0o755, content }], 0, folder);
    }
    const steps = read("deploy/release.Dockerfile");
    const copies = [...steps.matchAll(/^COPY (salesboard\S+) (\S+)$/gm)];
    const [, run = ""] = /^RUN (.+)$/m.exec(steps) ?? [];
    const names = { amd64: "linux-x64", arm64: "linux-arm64" };
    for (const [TARGETARCH, name] of Object.entries(names)) {
      const image = join(folder, TARGETARCH);
      mkdirSync(`${image}/release`, { recursive: true });
      for (const [, pattern = "", place = ""] of copies) {
        const found = [...new Bun.Glob(pattern).scanSync(folder)];
        expect([pattern, found.length]).toEqual([pattern, 1]);
        copyFileSync(join(folder, found[0] ?? ""), image + place);
      }
      const cmd = ["sh", "-c", run.replace("/$TARGETARCH", `${image}/$TARGETARCH`)];
      const env = { PATH: Bun.env.PATH ?? "", TARGETARCH };
      const { exitCode } = Bun.spawnSync({ cmd, cwd: `${image}/release`, env });
      expect([name, exitCode]).toEqual([name, 0]);
      expect(readFileSync(`${image}/release/salesboard`, "utf8")).toBe(name);
      expect(statSync(`${image}/release/salesboard`).mode & 0o777).toBe(0o755);
    }
  });
});
