/** RFC 4180 for the oracle of mappings, character by character. */

/** The fields of one record; null for an empty one without quotes. Undefined when it is none. */
export function csvFields(text: string): (string | null)[] | undefined {
  const fields: (string | null)[] = [];
  let at = 0;
  for (;;) {
    const field = text[at] === '"' ? quotedField(text, at + 1) : plainField(text, at);
    if (!field) return undefined;
    fields.push(field.text);
    at = field.end;
    if (at === text.length) return fields;
    if (text[at] !== ",") return undefined;
    at++;
  }
}

function plainField(text: string, start: number) {
  let end = start;
  while (end < text.length && text[end] !== ",") {
    if ('"\r\n'.includes(text[end] as string)) return undefined;
    end++;
  }
  return { text: end === start ? null : text.slice(start, end), end };
}

function quotedField(text: string, start: number) {
  let field = "";
  for (let at = start; at < text.length; at++) {
    if (text[at] !== '"') field += text[at];
    else if (text[at + 1] === '"') field += text[at++];
    else return { text: field, end: at + 1 };
  }
  return undefined;
}
