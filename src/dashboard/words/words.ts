/** The languages of the pages, and which of them a reader gets. */

import { de } from "./de.ts";
import { en, type PageWords } from "./en.ts";
import { es } from "./es.ts";
import { fr } from "./fr.ts";
import { type ScriptWords, scriptWords } from "./scripts.ts";

/** Each has all words, or this file does not compile. */
export const languages = { en, de, es, fr } as const satisfies Readonly<Record<string, PageWords>>;

export type Language = keyof typeof languages;

/** The language of a locale such as `de-AT`; English where the pages do not have it. */
export function languageOf(locale: string): Language {
  const [language = ""] = locale.split("-");
  return Object.hasOwn(languages, language) ? (language as Language) : "en";
}

export function wordsFor(locale: string): PageWords {
  return languages[languageOf(locale)];
}

/** A word in all languages. */
export function labelsOf(pick: (words: PageWords) => string): string[] {
  return Object.values(languages).map(pick);
}

export function scriptWordsFor(locale: string): ScriptWords {
  return scriptWords[languageOf(locale)];
}
