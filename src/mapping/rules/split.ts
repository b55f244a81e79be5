/** The text of a mapping → the texts of its rules. */

/**
 * At each `;` and line break that is not inside of quotes; a text in quotes ends with its line.
 * With `hasComments` a `#` at a word's beginning drops the rest of the line. Rules without a text
 * are left out.
 */
export function splitRules(text: string, { hasComments }: { hasComments: boolean }): string[] {
  return text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .flatMap((line) => splitLine(line, hasComments))
    .map((rule) => rule.trim())
    .filter((rule) => rule !== "");
}

function splitLine(line: string, hasComments: boolean): string[] {
  const rules: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let i = 0; i < line.length; i++) {
    const character = line[i];
    if (character === "'") isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === ";") {
      rules.push(line.slice(start, i));
      start = i + 1;
    } else if (hasComments && character === "#" && /^$|[\s;]/.test(line[i - 1] ?? "")) {
      return [...rules, line.slice(start, i)];
    }
  }
  return [...rules, line.slice(start)];
}
