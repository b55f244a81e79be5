/** Server-Sent Events: messages → bytes. */

const encoder = new TextEncoder();

/**
 * One message. Each line of `data` gets its own `data:` field, so that no CR or LF in it can end
 * the message. Without `event` the message is unnamed.
 * @throws TypeError when `event` is empty or has a line break
 */
export function encodeMessage({ event, data }: { event?: string; data: string }): Uint8Array {
  if (event !== undefined && !/^[^\r\n\0]+$/.test(event)) {
    throw new TypeError(
      `Cannot encode message: event must be one non-empty line, received ${JSON.stringify(event)}.`,
    );
  }
  const name = event === undefined ? "" : `event: ${event}\n`;
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return encoder.encode(`${name}${lines.join("")}\n`);
}

/** A comment, which readers skip. @throws TypeError when `text` has a line break */
export function encodeComment(text: string): Uint8Array {
  if (/[\r\n]/.test(text)) {
    throw new TypeError(
      `Cannot encode comment: text must be one line, received ${JSON.stringify(text)}.`,
    );
  }
  return encoder.encode(`: ${text}\n\n`);
}

/** Joins messages into one frame, which is queued, sent and dropped as a whole. */
export function joinMessages(...messages: readonly Uint8Array[]): Uint8Array {
  const frame = new Uint8Array(messages.reduce((bytes, message) => bytes + message.length, 0));
  let at = 0;
  for (const message of messages) {
    frame.set(message, at);
    at += message.length;
  }
  return frame;
}
