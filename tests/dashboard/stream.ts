/** Reads Server-Sent Events as a browser would. */

export interface Message {
  event: string | undefined;
  data: string;
}

/** The messages in `text`, comments left out. What follows the last complete one is `rest`. */
export function parseMessages(text: string): { messages: Message[]; rest: string } {
  const blocks = text.split("\n\n");
  const rest = blocks.pop() ?? "";
  const messages = blocks.flatMap((block) => {
    const fields = block.split("\n").map((line) => /^(\w*): ?(.*)$/.exec(line) ?? []);
    const data = fields.filter(([, name]) => name === "data").map(([, , value]) => value);
    const event = fields.find(([, name]) => name === "event")?.[2];
    return data.length > 0 ? [{ event, data: data.join("\n") }] : [];
  });
  return { messages, rest };
}

/** A client of a stream that reads only when told to. */
export class StreamClient {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #rest = "";
  /** What came with the last message that was waited for, and behind it. */
  #ahead: Message[] = [];
  ended = false;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** The messages of the next chunk; none at the end of the stream. */
  async read(): Promise<Message[]> {
    if (this.#ahead.length > 0) return this.#ahead.splice(0);
    const { done, value } = await this.#reader.read();
    this.ended = done;
    const { messages, rest } = parseMessages(
      this.#rest + this.#decoder.decode(value, { stream: !done }),
    );
    this.#rest = rest;
    return messages;
  }

  /** All messages up to and with the first one that `isLast` accepts, or the end. */
  async readUntil(isLast: (message: Message) => boolean): Promise<Message[]> {
    const all: Message[] = [];
    while (!this.ended || this.#ahead.length > 0) {
      const messages = await this.read();
      const last = messages.findIndex(isLast);
      if (last >= 0) this.#ahead = messages.splice(last + 1);
      all.push(...messages);
      if (last >= 0) break;
    }
    return all;
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}
