/** A proxy in front of a mock broker that flips a bit of records on their way to consumers. */

import { type AddressInfo, connect, createServer, type Server } from "node:net";

export class FlippingProxy {
  readonly address: string;
  /** While true, each answer with the text arrives damaged. */
  flips = true;
  /** How many answers were damaged. */
  flipped = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** The lowest bit of the byte flips that is `at` bytes from the beginning of `text`. */
  static async open(
    broker: string,
    { text, at = 0 }: { text: string; at?: number },
  ): Promise<FlippingProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const proxy = new FlippingProxy(server);
    const port = Number(broker.split(":").at(-1));
    const ours = Buffer.alloc(4);
    ours.writeInt32BE((server.address() as AddressInfo).port);
    const theirs = Buffer.concat([Buffer.from("127.0.0.1"), Buffer.alloc(4)]);
    theirs.writeInt32BE(port, theirs.length - 4);
    server.on("connection", (client) => {
      const upstream = connect(port, "127.0.0.1");
      const end = () => {
        client.destroy();
        upstream.destroy();
      };
      for (const socket of [client, upstream]) socket.on("error", end).on("close", end);
      client.on("data", (chunk: Buffer) => upstream.write(chunk));
      upstream.on("data", (chunk: Buffer) => {
        // The broker tells clients where it listens: they must come here.
        for (let i = chunk.indexOf(theirs); i >= 0; i = chunk.indexOf(theirs, i + 1)) {
          chunk.set(ours, i + theirs.length - 4);
        }
        const found = proxy.flips ? chunk.indexOf(text) : -1;
        if (found + at >= 0 && found >= 0) {
          chunk[found + at] = (chunk[found + at] as number) ^ 1;
          proxy.flipped++;
        }
        client.write(chunk);
      });
    });
    return proxy;
  }

  close(): void {
    this.#server.close();
  }
}
