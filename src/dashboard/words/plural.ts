/** Sentences about a number of things. */

/** Chooses the form for `n`, and puts `shown`, the number as the reader writes it, in place of {}. */
export type Plural = (shown: string, n: bigint | number) => string;

/** Makes sentences of two forms, which is what the languages of the pages have. */
export function pluralsOf(language: string): (one: string, other: string) => Plural {
  const rules = new Intl.PluralRules(language);
  return (one, other) => (shown, n) => {
    const form = rules.select(Number(n)) === "one" ? one : other;
    return form.replace("{}", () => shown);
  };
}
