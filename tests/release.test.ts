/** What `npm run release` makes, as far as it can be judged without compilers for other machines. */

import { describe, expect, onTestFinished, test } from "bun:test";
import { generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import manifest from "../package.json" with { type: "json" };
import {
  archived,
  type Component,
  components,
  type Entry,
  elf,
  glibcMax,
  licenceTexts,
  pack,
  readArguments,
  sbom,
  signerOf,
  sumsOf,
  tar,
  targets,
} from "./support/release.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const lockfile = JSON.parse(readFileSync(`${root}package-lock.json`, "utf8")) as {
  packages: Record<string, { version?: string; integrity?: string; dev?: boolean }>;
};
const timeS = Date.UTC(2026, 0, 2, 3, 4, 5) / 1000;
const listed = () => components({ zig: "zig", vendored: "crates" });

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "salesboard-release-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

function output(command: string, ...args: string[]): string {
  const { stdout, stderr, exitCode } = Bun.spawnSync([command, ...args]);
  if (exitCode !== 0) throw new Error(`${command} exited with ${exitCode}: ${stderr}`);
  return stdout.toString();
}

const entry = (name: string, text: string, mode = 0o644): Entry => ({
  name,
  mode,
  content: Buffer.from(text),
});

describe("a release is for", () => {
  test("two processors and two C libraries", () => {
    const names = ["linux-x64", "linux-arm64", "linux-x64-musl", "linux-arm64-musl"];
    expect(targets.map(({ name }) => name)).toEqual(names);
  });

  test("each with the runtime whose checksum the lockfile has", () => {
    const version = lockfile.packages["node_modules/bun"]?.version;
    for (const { runtime } of targets) {
      expect(lockfile.packages[`node_modules/${runtime}`]).toMatchObject({
        version: version ?? "",
        integrity: expect.stringMatching(/^sha512-/),
      });
    }
  });

  test("a glibc that RHEL 8 has", () => {
    expect(glibcMax).toBe("2.28");
    const glibc = targets.filter(({ libc }) => libc === "glibc");
    expect(glibc.filter(({ triple }) => !triple.endsWith("-gnu.2.28"))).toEqual([]);
  });

  test("all of them, or those of --only", () => {
    expect(readArguments([]).chosen).toEqual(targets);
    const { chosen, key } = readArguments(["--only", "linux-arm64,linux-x64", "--sign-key", "k"]);
    expect(chosen.map(({ name }) => name)).toEqual(["linux-x64", "linux-arm64"]);
    expect(key).toBe("k");
  });

  test("no machine that it does not know", () => {
    expect(() => readArguments(["--only", "macos-arm64"])).toThrow(
      "Cannot release for macos-arm64: --only takes names, with commas in between, of linux-x64, ",
    );
    expect(() => readArguments(["--fast"])).toThrow(
      "takes: --only NAMES, --sign-key FILE, --roots",
    );
  });
});

describe("an archive", () => {
  const long = `docs/${"a".repeat(90)}/${"b".repeat(60)}.md`;
  const entries = [
    entry("salesboard", "\x7fELF", 0o755),
    entry("docs/use.md", "x".repeat(513)),
    entry(long, ""),
    entry("LICENSE", "MIT"),
  ];

  test("has one folder, names in order, fixed owners, modes and times", () => {
    const file = join(folder(), "a.tar");
    writeFileSync(file, tar("salesboard-1", entries, timeS));
    const lines = output("env", "TZ=UTC", "tar", "--numeric-owner", "--full-time", "-tvf", file);
    const rows = lines
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/));
    expect(rows.map(([mode, owner, size, , , name]) => [mode, owner, size, name])).toEqual([
      ["drwxr-xr-x", "0/0", "0", "salesboard-1/"],
      ["drwxr-xr-x", "0/0", "0", "salesboard-1/docs/"],
      ["drwxr-xr-x", "0/0", "0", `salesboard-1/docs/${"a".repeat(90)}/`],
      ["-rw-r--r--", "0/0", "3", "salesboard-1/LICENSE"],
      ["-rw-r--r--", "0/0", "0", `salesboard-1/${long}`],
      ["-rw-r--r--", "0/0", "513", "salesboard-1/docs/use.md"],
      ["-rwxr-xr-x", "0/0", "4", "salesboard-1/salesboard"],
    ]);
    expect(new Set(rows.map(([, , , day, time]) => `${day} ${time}`))).toEqual(
      new Set(["2026-01-02 03:04:05"]),
    );
  });

  test("holds the bytes that were put in", () => {
    const path = folder();
    writeFileSync(join(path, "a.tar"), tar("one", entries, timeS));
    output("tar", "-xf", join(path, "a.tar"), "-C", path);
    for (const { name, content } of entries) {
      expect(readFileSync(join(path, "one", name)).equals(content)).toBe(true);
    }
  });

  test("is the same when its files come in another order", () => {
    const forth = tar("one", entries, timeS);
    expect(tar("one", entries.toReversed(), timeS).equals(forth)).toBe(true);
  });

  // By Bun, which runs scripts/lib/release/compress.mjs.
  test("is compressed in two ways, to the same bytes each time", async () => {
    const [first, second] = [folder(), folder()];
    for (const path of [first, second]) await pack("linux-x64", entries, timeS, path);
    const title = `salesboard-${manifest.version}-linux-x64`;
    expect(readdirSync(first).sort()).toEqual([`${title}.tar.gz`, `${title}.tar.zst`]);
    const read = (path: string, end: string) => readFileSync(join(path, `${title}.tar.${end}`));
    for (const end of ["gz", "zst"]) expect(read(first, end).equals(read(second, end))).toBe(true);
    const whole = tar(title, entries, timeS);
    expect(gunzipSync(read(first, "gz")).equals(whole)).toBe(true);
    expect(zstdDecompressSync(read(first, "zst")).equals(whole)).toBe(true);
  });

  test("holds the executable, all licences, the documents and the unit of systemd", () => {
    const all = archived(Buffer.from("ELF"), "licences");
    const names = all.map(({ name }) => name);
    for (const name of ["salesboard", "LICENSE", "LICENSES-THIRD-PARTY.txt", "README.md"]) {
      expect(names).toContain(name);
    }
    expect(names).toContain("docs/install.md");
    expect(names).toContain("deploy/salesboard.service");
    const executables = all.filter(({ mode }) => mode === 0o755);
    expect(executables.map(({ name }) => name)).toEqual(["salesboard"]);
  });

  test("is one of the files that sha256sum checks", () => {
    const path = folder();
    for (const name of ["b.tar.gz", "a.cdx.json"]) writeFileSync(join(path, name), name);
    writeFileSync(join(path, "SHA256SUMS"), sumsOf(path));
    const check = ["sh", "-c", 'cd "$0" && sha256sum --check SHA256SUMS', path] as const;
    expect(output(...check)).toBe("a.cdx.json: OK\nb.tar.gz: OK\n");
  });
});

describe("the list of components", () => {
  const document = () => JSON.parse(sbom(manifest, listed(), timeS));

  test("has every package of the lockfile that is not only for developers", () => {
    const packages = Object.entries(lockfile.packages).filter(([path, { dev }]) => path && !dev);
    expect(packages.length).toBeGreaterThan(10);
    const purls = document().components.map(({ purl }: Component) => purl);
    for (const [path, { version }] of packages) {
      const name = path.replace(/^.*node_modules\//, "").replace("@", "%40");
      expect(purls).toContain(`pkg:npm/${name}@${version}`);
    }
  });

  test("has what is linked in, with versions", () => {
    const found = document().components.filter(({ name }: Component) =>
      ["bun", "librdkafka", "libc++", "openssl", "zlib", "zstd"].includes(name),
    );
    expect(found).toHaveLength(6);
    for (const { version } of found) expect(version).toMatch(/^\d+\.\d+/);
  });

  test("is a CycloneDX document, the same for the same content", () => {
    const { bomFormat, specVersion, serialNumber, metadata, components: all } = document();
    expect({ bomFormat, specVersion }).toEqual({ bomFormat: "CycloneDX", specVersion: "1.6" });
    expect(serialNumber).toMatch(
      /^urn:uuid:[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/,
    );
    expect(metadata.timestamp).toBe("2026-01-02T03:04:05Z");
    const refs = all.map((part: Record<string, string>) => part["bom-ref"]);
    expect(new Set(refs).size).toBe(refs.length);
    expect(document()).toEqual(document());
  });

  test("comes with the words of each licence", () => {
    // The compiler and the crates are not here: their files are read when a release is built.
    const all = listed();
    const here = all.filter(({ texts }) => texts.every((file) => existsSync(file)));
    const text = licenceTexts(here);
    for (const { name, version, texts } of here) {
      expect(text).toContain(`${name} ${version} (`);
      for (const file of texts) expect(text).toContain(readFileSync(file, "utf8").trim());
    }
    expect(here.filter(({ texts }) => texts.length === 0).map(({ name }) => name)).toEqual([
      "tr46",
    ]);
    const elsewhere = all.filter((part) => !here.includes(part));
    expect(elsewhere.map(({ name }) => name)).toEqual(["libc++", "openssl", "zlib", "zstd"]);
  });
});

describe("a signature", () => {
  const keyFile = ({ privateKey }: { privateKey: KeyObject }) => {
    const file = join(folder(), "release.key");
    writeFileSync(file, privateKey.export({ type: "pkcs8", format: "pem" }));
    return file;
  };

  test("is Ed25519's, over the sums", () => {
    const pair = generateKeyPairSync("ed25519");
    const sums = Buffer.from("abc  salesboard.tar.gz\n");
    const signature = signerOf(keyFile(pair))(sums);
    expect(signature).toHaveLength(64);
    expect(verify(null, sums, pair.publicKey, signature)).toBe(true);
    expect(verify(null, Buffer.from("abd"), pair.publicKey, signature)).toBe(false);
  });

  test("is made with no other key", () => {
    const other = keyFile(generateKeyPairSync("ec", { namedCurve: "P-256" }));
    expect(() => signerOf(other)).toThrow("only Ed25519 is accepted");
    expect(() => signerOf("/nowhere/release.key")).toThrow("Cannot read --sign-key /nowhere/");
  });
});

describe("what is made for another machine", () => {
  test("names the libraries that it needs", () => {
    const text = " 0x0000000000000001 (NEEDED)             Shared library: [libstdc++.so.6]\n";
    expect(elf.parseNeeded(text)).toEqual(["libstdc++.so.6"]);
  });

  // The addon wanted 2.35: RHEL 9, Debian 11 and Ubuntu 20.04 refused it.
  test("needs no glibc that is newer than the oldest machine's", () => {
    const text =
      "  0x0010:   Name: GLIBC_2.35  Flags: none\n  0x0020:   Name: GLIBC_2.2.5  Flags: none";
    expect(elf.glibcVersions(text)).toEqual(["2.35", "2.2.5"]);
    const isNewer = (version: string) => elf.isNewer(version, glibcMax);
    expect(["2.35", "2.2.5", "2.28", "2.9", "3.0"].filter(isNewer)).toEqual(["2.35", "3.0"]);
  });

  test("says which symbols it shows and which it lacks", () => {
    const text = [
      "     1: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND SSL_new",
      "     2: 0000000000000000     0 FUNC    WEAK   DEFAULT  UND open@GLIBC_2.2.5 (3)",
      "     3: 0000000000012340    99 FUNC    GLOBAL DEFAULT   14 napi_register_module_v1",
    ].join("\n");
    expect(elf.parseSymbols(text)).toEqual([
      { name: "SSL_new", defined: false, weak: false, versioned: false },
      { name: "open", defined: false, weak: true, versioned: true },
      { name: "napi_register_module_v1", defined: true, weak: false, versioned: false },
    ]);
  });
});

test("the workflow builds a release by the commands that anybody would type", () => {
  const { jobs } = Bun.YAML.parse(readFileSync(`${root}.github/workflows/release.yml`, "utf8")) as {
    jobs: { release: { steps: { run?: string; with?: Record<string, string> }[] } };
  };
  const { steps } = jobs.release;
  expect(steps.flatMap(({ run }) => run ?? [])).toEqual(["npm ci", "npm run release"]);
  expect(basename(steps.at(-1)?.with?.path ?? "")).toBe("release");
});
