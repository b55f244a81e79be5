/** What keys choose: the order of the rows, and which of them are in view. */

/** A screen opens with the first, and the key goes through them. */
export const orders = ["revenue", "units", "sales", "product"] as const;
export type RowOrder = (typeof orders)[number];

export interface RowsInView {
  /** Undefined = nobody has chosen one: by revenue. */
  readonly order: RowOrder | undefined;
  /** The first row in view, from 0. */
  readonly first: number;
}

export const START: RowsInView = { order: undefined, first: 0 };

/** What terminals send: `[A` stands for an escape sequence. */
const names: Readonly<Record<string, string>> = {
  ...{ "\u0003": "quit", q: "quit", "\u001a": "suspend", s: "sort" },
  ...{ "[A": "up", OA: "up", k: "up", "[B": "down", OB: "down", j: "down" },
  ...{ "[5~": "pageUp", b: "pageUp", "[6~": "pageDown", " ": "pageDown" },
  ...{ "[H": "home", OH: "home", "[1~": "home", g: "home" },
  ...{ "[F": "end", OF: "end", "[4~": "end", G: "end" },
};

/** Quick fingers, and a slow line, bring several keys at once. Keys without a use are left out. */
export function keysIn(text: string): string[] {
  const [plain = "", ...escaped] = text.split("\u001b");
  const pressed = [...plain];
  for (const part of escaped) {
    const [, sequence, rest = part] = /^(\[[\d;]*[A-Za-z~]|O[A-Z])(.*)$/s.exec(part) ?? [];
    pressed.push(...(sequence === undefined ? [] : [sequence]), ...rest);
  }
  return pressed.flatMap((key) => names[key] ?? []);
}

/** @param shown rows that fit */
export function moved(
  { order, first }: RowsInView,
  key: string,
  { rows, shown }: { rows: number; shown: number },
): RowsInView {
  if (key === "sort") {
    const next = orders[(orders.indexOf(order ?? "revenue") + 1) % orders.length];
    return { order: next, first: 0 };
  }
  const steps: Readonly<Record<string, number>> = {
    up: -1,
    down: 1,
    pageUp: -shown,
    pageDown: shown,
    home: -rows,
    end: rows,
  };
  return { order, first: withinRows(first + (steps[key] ?? 0), { rows, shown }) };
}

/** The last row stands at the bottom at most. */
export function withinRows(
  first: number,
  { rows, shown }: { rows: number; shown: number },
): number {
  return Math.max(0, Math.min(first, rows - shown));
}
