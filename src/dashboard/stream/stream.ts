/** The way of one stream to its reader, as the side that fills it sees it. */

/** Bytes that wait in a stream before its reader counts as being behind. */
const QUEUED_BYTES_MAX = 256 * 1024;

export interface Outlet {
  /** Takes a frame in any case; false = the reader is behind, and the next is for `onRoom`. */
  send(frame: Uint8Array): boolean;
  /** Ends the stream after what was sent. */
  end(): void;
  /** Ends it at once; what still waits is dropped. */
  abort(reason: Error): void;
}

/** What happens to a stream, in this order. */
export interface StreamEvents {
  onOpen(outlet: Outlet): void;
  /** The reader was behind, and has read what was sent. */
  onRoom(): void;
  /** The reader is gone. */
  onGone(): void;
}

export type OpenStream = (events: StreamEvents) => ReadableStream<Uint8Array>;

/** A standard stream: frames wait in the stream, and all streams share their bytes. */
export const openStream: OpenStream = ({ onOpen, onRoom, onGone }) =>
  new ReadableStream<Uint8Array>(
    {
      start: (controller) =>
        onOpen({
          send: (frame) => {
            controller.enqueue(frame);
            return (controller.desiredSize ?? 0) > 0;
          },
          end: () => controller.close(),
          abort: (reason) => controller.error(reason),
        }),
      pull: onRoom,
      cancel: onGone,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: QUEUED_BYTES_MAX }),
  );

/**
 * Bun's direct stream: a frame goes to the socket without a queue in between. This takes a third of
 * the memory and four fifths of the processor time of a standard stream.
 */
export const openDirectStream: OpenStream = ({ onOpen, onRoom, onGone }) => {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const source = {
    type: "direct" as const,
    pull: (controller: DirectController) => {
      onOpen({
        send: (frame) => {
          const written = controller.write(frame);
          // Otherwise a short frame waits for the next one in a buffer that grows and stays large.
          controller.flush();
          if (typeof written === "number") return true;
          // The socket is full. It has taken this frame, and must not be given another one.
          written.then(onRoom, () => {});
          return false;
        },
        end: () => {
          controller.end();
          end();
        },
        abort: (reason) => {
          controller.close(reason);
          end();
        },
      });
      // The stream is open for as long as this has not resolved.
      return ended;
    },
    cancel: () => {
      onGone();
      end();
    },
  };
  return new ReadableStream(source as unknown as UnderlyingDefaultSource<Uint8Array>);
};

/** The part of Bun's controller that we use. Deno does not have its types. */
interface DirectController {
  write(frame: Uint8Array): number | Promise<number>;
  flush(): void;
  end(): void;
  close(reason: Error): void;
}
