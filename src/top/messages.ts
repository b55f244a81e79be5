/** Server-Sent Events: the text of a stream → messages. */

/** A message of a dashboard with ten thousand products has about 2 MB. */
const WAITING_CHARACTERS_MAX = 64 * 1024 * 1024;

export interface StreamMessage {
  /** Empty = the message has no name. */
  readonly event: string;
  readonly data: string;
}

export class StreamReader {
  #waiting = "";

  /** @throws Error when a message does not end within the bound */
  push(text: string): StreamMessage[] {
    this.#waiting += text;
    if (this.#waiting.length > WAITING_CHARACTERS_MAX) {
      throw new Error("A message of the stream is too large");
    }
    const blocks = this.#waiting.split("\n\n");
    this.#waiting = blocks.pop() ?? "";
    return blocks.flatMap((block) => messageOf(block) ?? []);
  }
}

/** Undefined for a comment. */
function messageOf(block: string): StreamMessage | undefined {
  const values = (name: string) =>
    block.split("\n").flatMap((line) => {
      return line.startsWith(`${name}: `) ? [line.slice(name.length + 2)] : [];
    });
  const data = values("data");
  return data.length === 0 ? undefined : { event: values("event")[0] ?? "", data: data.join("\n") };
}
