/** What a report of `bun test` says of the tests that failed. */

/** The end of a long run is read first, and often alone: an error is short there. */
const LINES_HEAD = 8;
const LINES_TAIL = 4;
const COLUMNS_MAX = 300;

/** @type {Record<string, string>} */
const entities = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/**
 * The failed tests, each as `file: name`, and below that the lines with which its error begins and
 * ends.
 * @param {string} junit a report in the format of JUnit
 * @returns {string[]}
 */
export function failuresOf(junit) {
  const failed = /<testcase ([^>]*[^/])>\s*<failure\b([^>]*)>([^<]*)/g;
  return Array.from(junit.matchAll(failed), ([, test = "", failure = "", body = ""]) => {
    const error = attribute(failure, "message") ?? "";
    const place = /^\s+at (?:.* \()?(tests\/[^\s)]+)/m.exec(decoded(body))?.[1];
    const lines = shortened([...error.trim().split("\n"), ...(place ? [`at ${place}`] : [])]);
    const title = `${attribute(test, "file") ?? "?"}: ${attribute(test, "name") ?? "?"}`;
    return [title, ...lines.map((line) => `    ${line}`)].join("\n");
  });
}

/**
 * The lines that begin and end a text, each cut to what a screen has.
 * @param {readonly string[]} lines
 * @returns {string[]}
 */
export function shortened(lines) {
  const told = lines.filter((line) => line.trim() !== "");
  const left = told.length - LINES_HEAD - LINES_TAIL;
  // One line is as long as what says that it is left out.
  if (left > 1) told.splice(LINES_HEAD, left, `... ${left} lines are left out ...`);
  return told.map((line) =>
    line.length <= COLUMNS_MAX ? line : `${line.slice(0, COLUMNS_MAX - 3)}...`,
  );
}

/**
 * @param {string} text
 * @param {string} name
 */
function attribute(text, name) {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1];
  return value === undefined ? undefined : decoded(value);
}

/** @param {string} xml */
function decoded(xml) {
  return xml.replace(/&(?:#(\d+)|(\w+));/g, (whole, code, name) =>
    code ? String.fromCodePoint(Number(code)) : (entities[name] ?? whole),
  );
}
