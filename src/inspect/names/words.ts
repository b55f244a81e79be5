/** Names of fields, split into words, and what the words mean. */

import type { Step } from "../../mapping/model/mapping.ts";
import { type Meaning, vocabulary } from "./vocabulary.ts";

const meanings = Object.fromEntries(
  Object.entries(vocabulary).map(([meaning, words]) => [
    meaning,
    new Set(words.split(/\s+/).map(plain)),
  ]),
) as unknown as Record<Meaning, ReadonlySet<string>>;

/** Words that stand glued together in names such as `orderunits`. */
const glued = new Set(
  [...meanings.product, ...meanings.name, ...meanings.code, ...meanings.quantityFirst]
    .concat([...meanings.price, ...meanings.unit, ...meanings.total, "order", "date", "time"])
    .filter((word) => word.length > 1),
);

const known = new Map<string, readonly string[]>();
/** Names are remembered, as many as a sample can have. */
const KNOWN_MAX = 5_000;

/** `unitPriceCents`, `unit_price_cents` and `Unit Price (Cents)` are unit, price, cents. */
export function wordsOf(name: string): readonly string[] {
  const found = known.get(name);
  if (found) return found;
  const words = plain(name)
    .replace(/(\p{Ll}|\p{Nd})(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{Nd}$]+/u)
    .filter((word) => word !== "")
    .flatMap(unglued);
  if (known.size < KNOWN_MAX) known.set(name, words);
  return words;
}

/** Letters without their marks: `quantité`, `quantite`, and `Größe`, `Grosse`, are one each. */
export function plain(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .normalize("NFC")
    .replace(/[ßłŁøØıđ]/g, (letter) => letters[letter] ?? letter);
}

const letters: Readonly<Record<string, string>> = {
  ß: "ss",
  ł: "l",
  Ł: "L",
  ø: "o",
  Ø: "O",
  ı: "i",
  đ: "d",
};

/** Scripts without spaces between words. */
export const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u;
const unspaced = [...new Set(Object.values(meanings).flatMap((words) => [...words]))]
  .filter((word) => UNSPACED.test(word))
  .sort((a, b) => b.length - a.length);

/** `商品名称` is 商品 and 名称; what no word explains stands as it is. */
function segmented(text: string): readonly string[] {
  const words: string[] = [];
  let [rest, at] = ["", 0];
  while (at < text.length) {
    const word = unspaced.find((one) => text.startsWith(one, at));
    if (word === undefined) rest += text[at++];
    else {
      if (rest !== "") words.push(rest);
      words.push(word);
      rest = "";
      at += word.length;
    }
  }
  return rest === "" ? words : [...words, rest];
}

function unglued(word: string): readonly string[] {
  if (UNSPACED.test(word) && word.length <= 30) return segmented(word);
  if (word.length < 5 || word.length > 30) return [word];
  if (Object.values(meanings).some((words) => words.has(word))) return [word];
  for (let cut = 2; cut <= word.length - 2; cut++) {
    const [left, right] = [word.slice(0, cut), word.slice(cut)];
    if (glued.has(left) && glued.has(right)) return [left, right];
  }
  return [word];
}

export function means(words: readonly string[], meaning: Meaning): boolean {
  return words.some((word) => meanings[meaning].has(word));
}

/** Keys that only wrap a value, as in extended JSON and in DynamoDB's. */
const wrapper = /^\$(numberDecimal|numberDouble|numberLong|numberInt|date|oid)$|^(S|N|BOOL)$/;

/** The keys of a path that say something, the last one last. */
export function keysOf(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step, i) =>
    step.kind === "key" && (i === 0 || !wrapper.test(step.key)) ? [step.key] : [],
  );
}

const vague = new Set(
  [
    "amount value units nanos id name code cent cents minor micros",
    "unscaled set shop money presentment",
  ]
    .join(" ")
    .split(" "),
);

/** Two letters are a language. */
function isVague(word: string): boolean {
  return vague.has(word) || /^[a-z]{2}$/.test(word);
}

/** The words of the last key; those of the keys above before them, while they say too little. */
export function leafWords(steps: readonly Step[]): readonly string[] {
  const keys = keysOf(steps);
  let words: readonly string[] = wordsOf(keys.at(-1) ?? "");
  for (let i = keys.length - 2; i >= 0 && words.every(isVague); i--) {
    words = [...wordsOf(keys[i] ?? ""), ...words];
  }
  return words;
}
