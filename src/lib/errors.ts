/**
 * 1: failure. 2: invalid options or settings. 69 (EX_UNAVAILABLE): brokers, or the registry of
 * schemas, are unreachable.
 */
export type FailureStatus = 1 | 2 | 69;

/**
 * A failure that the user reads: `message` is one full sentence, and no stack is shown.
 * `final`: a restart cannot help, so the supervisor does not try one.
 */
export class SalesboardError extends Error {
  override readonly name = "SalesboardError";
  readonly exitStatus: FailureStatus;
  readonly final: boolean;

  constructor(
    message: string,
    options: { exitStatus?: FailureStatus; final?: boolean; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitStatus = options.exitStatus ?? 1;
    this.final = options.final ?? this.exitStatus !== 1;
  }
}

/** An invalid option or setting. The sentence names the option, the value and what is accepted. */
export function usageError(sentence: string): SalesboardError {
  return new SalesboardError(sentence, { exitStatus: 2 });
}

/** A record that does not belong in its topic: Salesboard never writes one like it. */
export class UnreadableRecordError extends Error {
  override readonly name: string = "UnreadableRecordError";
}

/** The message of any thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
