/** `only` and `minus`, compiled. */

import type { Predicate } from "../model/mapping.ts";
import { UnreadableError } from "../model/value.ts";
import { scalarText } from "./choices.ts";
import type { Paths } from "./paths.ts";
import type { Scope } from "./scope.ts";

/** @throws UnreadableError: JSON or UTF-8 that must be and is not */
export type Holds = (scope: Scope) => boolean;

/** What is not there is in no list; neither is an object or an array. */
export function compileCondition(
  { path, isNegated, texts }: Predicate,
  { paths, rule }: { paths: Paths; rule: string },
): Holds {
  const read = paths.compile(path, rule);
  if (!texts) return (scope) => ((read(scope) ?? null) !== null) !== isNegated;
  const [only, another] = texts;
  if (another === undefined) return (scope) => (scalarText(read(scope)) === only) !== isNegated;
  const set = new Set(texts);
  return (scope) => {
    const text = scalarText(read(scope));
    return (text !== undefined && set.has(text)) !== isNegated;
  };
}

/**
 * Whether all conditions hold. One that does not hold decides, even when another cannot be read: so
 * the order of rules does not matter.
 * @throws UnreadableError when none of them says no and one cannot be read
 */
export function allHold(conditions: readonly Holds[], scope: Scope): boolean {
  let failure: UnreadableError | undefined;
  for (const holds of conditions) {
    try {
      if (!holds(scope)) return false;
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      failure ??= error;
    }
  }
  if (failure) throw failure;
  return true;
}

/** Whether one of them does not hold, as far as they can be read at all. */
export function anySaysNo(conditions: readonly Holds[], scope: Scope): boolean {
  return conditions.some((holds) => {
    try {
      return !holds(scope);
    } catch (error) {
      if (error instanceof UnreadableError) return false;
      throw error;
    }
  });
}
