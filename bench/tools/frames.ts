/** Frames of a live stream, for another server to send. */

export interface Message {
  event?: string;
  data: string;
}

/**
 * The next `count` frames after the snapshot: an unnamed message each, and the entries that changed.
 * Heartbeats are left out.
 */
export async function captureFrames(url: string, count: number): Promise<Message[][]> {
  const abort = new AbortController();
  const { body } = await fetch(url, { signal: abort.signal });
  const decoder = new TextDecoder();
  const frames: Message[][] = [];
  let text = "";
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const parts = text.split("\n\n");
    text = parts.pop() ?? "";
    for (const { event, data } of parts.flatMap(parse)) {
      if (event === undefined) frames.push([{ data }]);
      else if (event === "totals") frames.at(-1)?.push({ event, data });
    }
    // The first one is the snapshot; the last one may not be whole yet.
    if (frames.length > count + 1) break;
  }
  abort.abort();
  return frames.slice(1, count + 1);
}

function parse(text: string): Message[] {
  const [, event] = /^event: (.*)$/m.exec(text) ?? [];
  const [, data] = /^data: (.*)$/m.exec(text) ?? [];
  return data === undefined ? [] : [{ ...(event !== undefined && { event }), data }];
}
