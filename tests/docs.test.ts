/** The documents: links lead somewhere, lines can be read, and what is listed is all there is. */

import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { commands, rows } from "../src/config/options.ts";
import { looks } from "./gallery/states.ts";

const columnsMax = 120;
const readmeLinesMax = 150;
const glossaryMax = 25;

const root = fileURLToPath(new URL("..", import.meta.url));
const documents = new Map(listDocuments("").map((file) => [file, text(file)]));
/** Written by a program, or a report of one: as wide as it makes them. */
const isMade = (file: string) => file === "tests/FAULTS.md";

test("links in documents lead to files and headings that there are", () => {
  const broken = [...documents].flatMap(([file, content]) =>
    linksOf(content)
      .filter((target) => !leadsSomewhere(file, target))
      .map((target) => `${file}: ${target}`),
  );
  expect(broken).toEqual([]);
});

/** A row of a table and an address cannot be broken, nor can what stands in a block of code. */
test(`lines of documents have at most ${columnsMax} columns`, () => {
  const wide = [...documents].flatMap(([file, content]) =>
    withoutCode(content)
      .split("\n")
      .flatMap((line, i) => {
        const isTooWide = [...line].length > columnsMax && !/^\||https?:\/\/\S{60}/.test(line);
        return isTooWide && !isMade(file) ? [`${file}:${i + 1}`] : [];
      }),
  );
  expect(wide).toEqual([]);
});

describe("README.md", () => {
  const lines = (documents.get("README.md") ?? "").split("\n");

  test(`has at most ${readmeLinesMax} lines`, () => {
    expect(lines.length - 1).toBeLessThanOrEqual(readmeLinesMax);
  });

  test(`has at most ${columnsMax} columns, tables and code too`, () => {
    expect(lines.filter((line) => [...line].length > columnsMax)).toEqual([]);
  });
});

test("docs/options.md lists every command and every option, with its variable", () => {
  const page = documents.get("docs/options.md") ?? "";
  const row = (name: string) => rowOf(page, name);
  const missing = rows.flatMap(([, { flag, env = "–" }]) =>
    row(flag)?.includes(env) ? [] : [`${flag} ${env}`],
  );
  expect(missing).toEqual([]);
  expect(Object.keys(commands).filter((command) => !row(command))).toEqual([]);
});

test("docs/options.md says the defaults of the table of options", () => {
  const page = documents.get("docs/options.md") ?? "";
  const wrong = rows.flatMap(([, { flag, default: value }]) => {
    const line = rowOf(page, flag) ?? "";
    const shown = value === "false" ? "off" : value;
    return shown === undefined || line.includes(shown) ? [] : [`${flag}: ${shown}`];
  });
  expect(wrong).toEqual([]);
});

test("docs/use.md lists the parameters of an address that the gallery shows", () => {
  const page = documents.get("docs/use.md") ?? "";
  const names = looks.flatMap(([query]) => [...new URLSearchParams(query).keys()]);
  expect(names.filter((name) => !page.includes(`| \`${name}`))).toEqual([]);
});

test("docs/operate.md lists every metric", () => {
  const page = documents.get("docs/operate.md") ?? "";
  const sources = listFiles("src", /\.ts$/).map(text).join("\n");
  const named = [...sources.matchAll(/\bsalesboard_[a-z]+_[a-z_]*[a-z]\b/g)].map(([name]) => name);
  const gauges = [...sources.matchAll(/gauge\(\s*"([a-z_]+)"/g)].map(
    ([, name]) => `salesboard_dashboard_${name}`,
  );
  // "`salesboard_alerts_webhook_delivered_total` | also `_retried_total`": by their ends.
  const isListed = (name: string) =>
    page.includes(`\`${name}\``) ||
    page
      .split("\n")
      .some((line) =>
        [...line.matchAll(/`(_[a-z_]+)`/g)].some(
          ([, end = ""]) => name.endsWith(end) && line.includes(name.slice(0, -end.length)),
        ),
      );
  expect(gauges.length).toBeGreaterThan(5);
  const inTests = /salesboard_aggregator_sales_total/;
  expect([...named, ...gauges].filter((name) => !isListed(name) && !inTests.test(name))).toEqual(
    [],
  );
});

/** A sentence that was changed in the program, and not here, cannot be looked up. */
test("docs/troubleshooting.md quotes the messages as the program has them", () => {
  const page = documents.get("docs/troubleshooting.md") ?? "";
  const source = listFiles("src", /\.ts$/)
    .map(text)
    .join("\n")
    // Sentences that go on in the next literal, and their values.
    .replace(/["`]\s*\+\s*["`]/g, "")
    .replace(/\$\{[^{}]*\}/g, "…");
  const quotes = [...page.matchAll(/^\| ([^|]+?) +\| /gm)].flatMap(([, cell = ""]) =>
    cell
      .replace(/\([^)]*\)|<[^>]*>/g, "…")
      .split(/…|;|: /)
      .map((part) => part.trim()),
  );
  const unknown = quotes.filter(
    (part) => /^\w.{11}/.test(part) && !part.startsWith("_") && !source.includes(part),
  );
  expect(quotes.length).toBeGreaterThan(100);
  expect(unknown).toEqual([]);
});

/** "| V3.3.1 | … | [access](tests/…/access.test.ts): the name of a test; [other](…): …  |" */
test("the checklist of SECURITY.md names tests that there are, or says what is not met", () => {
  const rows = (documents.get("SECURITY.md") ?? "").match(/^\| V\d.*$/gm) ?? [];
  const wrong = rows.flatMap((row) => {
    const [, point = "", , answer = "", tests = ""] = row.split("|").map((cell) => cell.trim());
    const named = [...tests.matchAll(/\]\(([^)]+)\): ([^;]+?)(?:;|$)/g)];
    if (named.length === 0) return answer.startsWith("**Not met:**") ? [] : [point];
    return named
      .filter(
        ([, file = "", name = ""]) => !existsSync(join(root, file)) || !text(file).includes(name),
      )
      .map(([, file, name]) => `${point}: ${file}: ${name}`);
  });
  expect(rows.length).toBeGreaterThan(25);
  expect(wrong).toEqual([]);
});

test(`the glossary of DESIGN.md has at most ${glossaryMax} words, each once`, () => {
  const design = documents.get("src/DESIGN.md") ?? "";
  const [, glossary = ""] = design.split("\n## Glossary\n");
  const words = [...(glossary.split("\n## ")[0] ?? "").matchAll(/^\| \*\*(.+?)\*\*/gm)];
  const names = words.map(([, word]) => word);
  expect(names.length).toBeGreaterThan(10);
  expect(names.length).toBeLessThanOrEqual(glossaryMax);
  expect(new Set(names).size).toBe(names.length);
});

/** A file that DESIGN.md or CONTRIBUTING.md names in code must be there. */
test("files that DESIGN.md and CONTRIBUTING.md name are there", () => {
  const known = [...listFiles("", /./), ""];
  const missing = ["src/DESIGN.md", "CONTRIBUTING.md"].flatMap((file) => {
    const names = [
      ...(documents.get(file) ?? "").matchAll(/`([\w./-]+\.(?:ts|mjs|cc|h|js|patch))`/g),
    ];
    return names
      .map(([, name = ""]) => name)
      .filter((name) => !known.some((path) => path === name || path.endsWith(`/${name}`)))
      .map((name) => `${file}: ${name}`);
  });
  expect(missing).toEqual([]);
});

/** Of a table; its first cell begins with `name`, and perhaps an argument. */
function rowOf(page: string, name: string): string | undefined {
  return page.split("\n").find((line) => /^\| `([^ `]+)/.exec(line)?.[1] === name);
}

function linksOf(content: string): string[] {
  const inline = [...withoutCode(content).matchAll(/\]\(([^)\s]+)\)/g)];
  return inline.map(([, target = ""]) => target).filter((target) => !/^[a-z]+:/.test(target));
}

function leadsSomewhere(from: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const file = path === "" ? from : normalize(join(dirname(from), path));
  if (!existsSync(join(root, file))) return false;
  return anchor === undefined || anchorsOf(text(file)).includes(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf(content: string): string[] {
  return [...withoutCode(content).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-"),
  );
}

/** With as many lines as before. */
function withoutCode(content: string): string {
  return content.replace(/^( *)```.*?^\1```/gms, (block) => block.replace(/[^\n]/g, ""));
}

function listDocuments(folder: string): string[] {
  return listFiles(folder, /\.md$/);
}

function listFiles(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (["node_modules", "dist", ".cache", ".git", "__pycache__"].includes(entry.name)) return [];
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isDirectory()) return listFiles(path, pattern);
    return pattern.test(entry.name) ? [path] : [];
  });
}

function text(file: string): string {
  return readFileSync(join(root, file), "utf8");
}
