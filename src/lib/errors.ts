/** 1 failure, 2 wrong usage or settings, 69 (EX_UNAVAILABLE of sysexits) brokers not reachable. */
export type FailureStatus = 1 | 2 | 69;

/**
 * A failure meant for the user: `message` is one full sentence and no stack is shown.
 * `final`: starting again cannot help, so the supervisor does not retry.
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

/** Wrong usage or settings: the sentence names the option, the value and what is accepted. */
export function usageError(sentence: string): SalesboardError {
  return new SalesboardError(sentence, { exitStatus: 2 });
}

/** A record that is none of what its topic is for: no Salesboard writes such. */
export class UnreadableRecordError extends Error {
  override readonly name: string = "UnreadableRecordError";
}

/** The text of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
