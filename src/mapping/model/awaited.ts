/** What a record waits for before it can be judged. */

/** A schema that was asked for and is not here yet. */
export interface AwaitedSchema {
  /** `schema 7`. */
  readonly name: string;
  /** It has come, or is known not to exist: the record can be judged. */
  readonly isHere: boolean;
  /** Resolves then, or when `failure` is set. */
  readonly arrival: Promise<void>;
  /** What the last request met, and what to do; undefined until one has failed. */
  readonly problem: string | undefined;
  /** The rules cannot be used with it: no record may be judged. */
  readonly failure: Error | undefined;
}
