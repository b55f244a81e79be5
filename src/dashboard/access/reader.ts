/** Who reads: what a request is allowed follows from this alone. */

/** What somebody may see: everything, or everything but amounts. */
export const readerRoles = ["viewer", "guest"] as const;
export type ReaderRole = (typeof readerRoles)[number];

/** Somebody who is let in. */
export interface Reader {
  readonly name: string;
  readonly role: ReaderRole;
  /** There is a session that can be ended. */
  readonly hasSession: boolean;
  /** Still let in; an open stream asks each second, which counts as use of the session. */
  readonly isLetIn: () => boolean;
}

export function isReaderRole(text: string): text is ReaderRole {
  return (readerRoles as readonly string[]).includes(text);
}
