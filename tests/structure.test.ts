/** Style is a test: who may import whom, how long things may be, what no file may contain. */

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const fileLinesMax = 300;
const functionLinesMax = 70;
const columnsMax = 100;
const folderFilesMax = 15;

/** Deliberate exceptions: rule, file, reason. One that is no longer needed fails. */
const exceptions: readonly (readonly [string, string, string])[] = [
  [
    "environment",
    "src/lib/log.ts",
    "NO_COLOR is a convention among programs, not a setting of ours",
  ],
  [
    "runtime",
    "src/kafka/load-addon.ts",
    "the executable holds its addon inside, a source tree beside it",
  ],
  ["runtime", "src/config/settings-file.ts", "only Bun reads TOML"],
  ["runtime", "src/dashboard/http/server.ts", "each runtime has a serve call of its own"],
  ["runtime", "src/dashboard/access/passwords.ts", "Bun has bcrypt and argon2 inside"],
];

/** Tests of more than one file; every other test stands where the file that it tests does. */
const testsOfTheWhole = new RegExp(
  [
    /^tests\/(structure|deploy|docs|failures|release)\.test\.ts$/,
    /^tests\/kafka\/(certificate-files|close|coordinator|exceptions|fetch-rest)\.test\.ts$/,
    /^tests\/kafka\/(membership|new-products|out-of-order|partitions-in-flight)\.test\.ts$/,
    /^tests\/kafka\/(rebootstrap|refused-login)\.test\.ts$/,
    /^tests\/kafka\/(record-batch-reader|whole-batches)\.test\.ts$/,
    /^tests\/dashboard\/guest\.test\.ts$/,
    /^tests\/mapping\/(cases|examples)\.test\.ts$/,
    /^tests\/(bench|browser|e2e|faults|fuzz|gallery|simulation)\//,
  ]
    .map(({ source }) => source)
    .join("|"),
);

const root = fileURLToPath(new URL("..", import.meta.url));
const files = listFiles("");
const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
const sources = files.filter((file) => /^src\/.*\.ts$/.test(file) && !file.endsWith(".d.ts"));
const code = files.filter((file) => /\.(ts|mjs|js|cc|h|css)$/.test(file));

test("folders import what DESIGN.md says, all of it and nothing else", () => {
  const found = new Map<string, Set<string>>();
  for (const file of files.filter((file) => /^src\/.*\.(ts|cc|h)$/.test(file))) {
    const targets = found.get(folderOf(file)) ?? new Set();
    found.set(folderOf(file), targets);
    for (const target of importsOf(file)) {
      if (target.startsWith("src/") && folderOf(target) !== folderOf(file)) {
        targets.add(folderOf(target));
      }
    }
  }
  const sorted = (imports: Map<string, Iterable<string>>) =>
    [...imports].map(([folder, targets]) => `${folder}: ${[...targets].sort()}`).sort();
  expect(sorted(found)).toEqual(sorted(drawnArrows()));
});

test("folders form no cycle", () => {
  const arrows = drawnArrows();
  const visit = (folder: string, path: readonly string[]): string[] =>
    path.includes(folder)
      ? [[...path, folder].join(" → ")]
      : (arrows.get(folder) ?? []).flatMap((target) => visit(target, [...path, folder]));
  expect([...arrows.keys()].flatMap((folder) => visit(folder, []))).toEqual([]);
});

test(`folders have at most ${folderFilesMax} files`, () => {
  const counts = new Map<string, number>();
  for (const file of sources) counts.set(folderOf(file), (counts.get(folderOf(file)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > folderFilesMax)).toEqual([]);
});

test("only main.ts knows more of Kafka than the port", () => {
  const wrong = sources
    .filter((file) => file !== "src/main.ts" && !file.startsWith("src/kafka/"))
    .flatMap((file) => importsOf(file).map((target) => `${file} imports ${target}`))
    .filter((arrow) => /imports src\/kafka\//.test(arrow) && !arrow.endsWith("/kafka.ts"));
  expect(wrong).toEqual([]);
});

// A word means one thing: who reads "Source" must not ask which of three.
test("no two types have the same name", () => {
  const homes = new Map<string, string[]>();
  for (const file of sources) {
    for (const [, name = ""] of text(file).matchAll(
      /^(?:export )?(?:abstract )?(?:interface|class|type) (\w+)/gm,
    )) {
      homes.set(name, [...(homes.get(name) ?? []), file]);
    }
  }
  expect([...homes].filter(([, files]) => files.length > 1)).toEqual([]);
});

test("imports form no cycle", () => {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [[...path, file].join(" → ")];
    if (done.has(file)) return [];
    const cycles = importsOf(file).flatMap((target) => visit(target, [...path, file]));
    done.add(file);
    return cycles;
  };
  expect(files.flatMap((file) => visit(file, []))).toEqual([]);
});

test("every file is used", () => {
  const entries = [
    "src/main.ts",
    ...files.filter((file) => /\.test\.ts$|^(scripts|bench)\/[^/]+$|^bench\/peers\//.test(file)),
  ];
  const used = new Set<string>();
  const visit = (file: string): void => {
    if (used.has(file)) return;
    used.add(file);
    importsOf(file).forEach(visit);
  };
  entries.forEach(visit);
  const named = (file: string) => sources.concat(entries).some((from) => mentions(from, file));
  const candidates = files.filter((file) =>
    /^(src|static|tests|scripts)\/.*\.\w*[jt]s$/.test(file),
  );
  const unused = candidates.filter((file) => !/\.d\.ts$/.test(file) && !used.has(file));
  expect(unused.filter((file) => !named(file))).toEqual([]);
});

// What only tests call is promised to nobody, and must be kept all the same.
test("what a client of the addon offers is used", () => {
  const interfaces = /^export interface Native(?:Client|Consumer|Producer|Admin)\b.*?^}/gms;
  const declared = (text("src/kafka/native.ts").match(interfaces) ?? []).flatMap((body) =>
    [...body.matchAll(/^ {2}(?:readonly )?(\w+)[(:]/gm)].map(([, name = ""]) => name),
  );
  const adapter = files.filter((file) => /^src\/kafka\/librdkafka.*\.ts$/.test(file)).map(text);
  const isUsed = (name: string) =>
    adapter.some((code) => new RegExp(`\\b(native|reader|admin)\\.${name}\\b`).test(code));
  expect(declared).toContain("poll");
  expect(declared.filter((name) => !isUsed(name))).toEqual([]);
});

test("tests mirror src", () => {
  const tests = files.filter((file) => file.endsWith(".test.ts") && !testsOfTheWhole.test(file));
  const source = (file: string) => file.replace(/^tests/, "src").replace(/\.test\.ts$/, ".ts");
  expect(tests.filter((file) => !texts.has(source(file)))).toEqual([]);
});

test(`files have at most ${fileLinesMax} lines`, () => {
  const long = (file: string) => lines(file).length - 1 > fileLinesMax;
  expect(without("file length", code.filter(long))).toEqual([]);
});

/** The formatter breaks code; it cannot break a text or markup, and there a break would show. */
function isTooWide(line: string): boolean {
  return [...line].length > columnsMax && !/["'`<].{40}/.test(line);
}

test(`lines have at most ${columnsMax} columns`, () => {
  const wide = code.flatMap((file) =>
    lines(file).flatMap((line, i) => (isTooWide(line) ? [`${file}:${i + 1}`] : [])),
  );
  expect(wide).toEqual([]);
});

// Functions in TypeScript are measured by the linter, which knows their ends better.
test(`functions in C++ have at most ${functionLinesMax} lines`, () => {
  const long = code
    .filter((file) => file.endsWith(".cc"))
    .flatMap((file) => {
      let start = 0;
      return lines(file).flatMap((line, i) => {
        if (/^\S.*\{$/.test(line) && !line.startsWith("namespace")) start = i;
        const isLong = line === "}" && i - start + 1 > functionLinesMax;
        return isLong ? [`${file}:${start + 1}`] : [];
      });
    });
  expect(long).toEqual([]);
});

test("nothing is left to do or silenced", () => {
  const banned = /\b(TO[D]O|FIX[M]E|X{3})\b|@ts-(ignore|nocheck|expect-error)|biome-ig[n]ore/;
  expect(
    without(
      "banned",
      code.filter((file) => banned.test(text(file))),
    ),
  ).toEqual([]);
});

test("the environment is read in one place", () => {
  const reads = sources.filter((file) => /\b(process|Bun|Deno)\.env\b/.test(text(file)));
  const home = ["src/main.ts"];
  expect(without("environment", reads).filter((file) => !home.includes(file))).toEqual([]);
});

test("runtimes differ in few places", () => {
  const own = /\btypeof (Bun|Deno)\b|\b(Bun|Deno)\.\w|\bBun\?\.|"Deno" in|from "bun/;
  expect(
    without(
      "runtime",
      sources.filter((file) => own.test(text(file))),
    ),
  ).toEqual([]);
});

test("no file names a machine's folders or a package registry", () => {
  const folder = /(^|[\s"'`(=:])\/(work|root|home|Users)\//m;
  const registry = /\b(registry|repo\d?|files|proxy)[.]\w+[.](org|com|io|dev)\b/;
  const named = files.filter((file) => folder.test(text(file)) || registry.test(text(file)));
  expect(named).toEqual([]);
});

test("no exception is stale", () => {
  const used = new Set(applied);
  const stale = exceptions.filter(([rule, file]) => !used.has(`${rule} ${file}`));
  expect(stale).toEqual([]);
});

const applied: string[] = [];

/** Takes the exceptions of a rule out of what it found, and remembers that they were needed. */
function without(rule: string, found: readonly string[]): string[] {
  return found.filter((file) => {
    const excused = exceptions.some(([of, where]) => of === rule && where === file);
    if (excused) applied.push(`${rule} ${file}`);
    return !excused;
  });
}

/** Files of ours that a file imports or includes, types too. */
function importsOf(file: string): string[] {
  const pattern = /(?:from|import|#include|require|new URL)\s*\(?"(\.{0,2}[\w./-]+)"/g;
  return [...text(file).matchAll(pattern)]
    .map(([, name = ""]) => normalize(join(dirname(file), name)))
    .filter((target) => texts.has(target));
}

/** A file that is started by its path rather than imported. */
function mentions(from: string, file: string): boolean {
  return from !== file && text(from).includes(file.slice(file.lastIndexOf("/") + 1));
}

function listFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (["node_modules", "dist", ".cache", ".git", "__pycache__"].includes(entry.name)) return [];
    if (entry.isDirectory()) return listFiles(path);
    return entry.isFile() && !/\.(png|jpg|woff2|ico)$/.test(path) ? [path] : [];
  });
}

/** Below src/: "dashboard/model"; of a file that stands in src/ itself, its name. */
function folderOf(file: string): string {
  return file.replace(/^src\//, "").replace(/\/[^/]*$/, "");
}

/** The table of folders in DESIGN.md: what each of them imports. */
function drawnArrows(): Map<string, string[]> {
  const rows = text("src/DESIGN.md").matchAll(/^\| `([\w./-]+)` +\| .* \| ([^|]*) \|$/gm);
  return new Map(
    [...rows].map(([, folder = "", imports = ""]) => [
      folder.replace(/\/$/, ""),
      [...imports.matchAll(/`([\w./-]+)`/g)].map(([, target = ""]) => target.replace(/\/$/, "")),
    ]),
  );
}

function text(file: string): string {
  return texts.get(file) ?? "";
}

function lines(file: string): string[] {
  return text(file).split("\n");
}
