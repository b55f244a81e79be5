/** What listens at the address given with --brokers, when no broker answers there. */

import { afterEach, describe, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { advertisedBy, describeSeen, lookAt, mistakeOf } from "../../src/process/port-look.ts";
import { openCluster } from "../support/cluster.ts";
import { configOf } from "../support/context.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that answers the first bytes of each connection. */
async function serverOf(answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => answer(socket));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}

describe("lookAt", () => {
  test("knows a broker by its answer", async () => {
    const { cluster } = openCluster(configOf("run"), 1);
    expect(await lookAt(cluster.bootstrapServers)).toBe("open");
    const advertised = await advertisedBy(cluster.bootstrapServers);
    expect(advertised).toContain(cluster.bootstrapServers);
    cluster.close();
  });

  test.each([
    ["tls", (socket: Socket) => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 70]))],
    ["http", (socket: Socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["other", (socket: Socket) => socket.end("220 mail ready\r\n")],
    ["closed", (socket: Socket) => socket.end()],
  ] as const)("knows what is %s", async (seen, answer) => {
    expect(await lookAt(await serverOf(answer))).toBe(seen);
  });

  // It waited for the end of a line, and the process said for 30 s that it waits for brokers.
  test("knows a web server that says nothing to other clients", async () => {
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
    expect(await lookAt(`127.0.0.1:${server.port}`)).toBe("http");
    await server.stop(true);
  });

  // A broker whose advertised address cannot be reached was said to want a login: the client had
  // heard that address, and asked nobody else any more.
  test("knows a broker that wants a login first", async () => {
    const asked: number[] = [];
    const address = await serverOf((socket) => {
      asked.push(asked.length);
      // The answer to the first question; the second one it hangs up on.
      if (asked.length > 1) socket.destroy();
      else socket.write(Buffer.from("0000000600005a1e0000", "hex"));
    });
    expect(await lookAt(address)).toBe("kafka");
  });

  // doctor said that the broker wants a login.
  test("knows the port of a controller by the requests that it takes", async () => {
    const answer = (...requests: number[]) => {
      const rows = requests.flatMap((request) => [0, request, 0, 0, 0, 3]);
      const body = [0, 0, 0x5a, 0x1e, 0, 0, 0, 0, 0, requests.length, ...rows];
      return Buffer.from([0, 0, 0, body.length, ...body]);
    };
    const controller = await serverOf((socket) => socket.write(answer(1, 17, 18)));
    expect(await lookAt(controller)).toBe("controller");
    let asked = 0;
    const broker = await serverOf((socket) => {
      if (++asked > 1) socket.destroy();
      else socket.write(answer(1, 3, 18));
    });
    expect(await lookAt(broker)).toBe("kafka");
  });

  test("knows that nothing listens, or has no such name", async () => {
    const address = await serverOf(() => {});
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await lookAt(address)).toBe("refused");
    expect(await lookAt("kafka.invalid:9092")).toBe("unresolved");
  });
});

describe("mistakeOf", () => {
  test.each([
    ["tls", "plaintext", "b:1 speaks TLS: use -X security.protocol=SSL"],
    ["tls", "sasl_plaintext", "b:1 speaks TLS: use -X security.protocol=SASL_SSL"],
    ["open", "ssl", "b:1 does not speak TLS: use -X security.protocol=PLAINTEXT"],
    ["kafka", "plaintext", "wants a login: use -X security.protocol=SASL_PLAINTEXT"],
    ["controller", "ssl", "b:1 is a port of a controller, which serves no clients"],
    ["http", "plaintext", "a web server listens at b:1, and no Kafka broker: check --brokers"],
  ] as const)("of %s for a client of %s", (seen, protocol, sentence) => {
    expect(mistakeOf("b:1", seen, protocol)).toContain(sentence);
  });

  test("lets brokers that may be starting be waited for", () => {
    for (const seen of ["closed", "silent", "refused", "unresolved"] as const) {
      expect(mistakeOf("b:1", seen, "plaintext")).toBeUndefined();
      expect(describeSeen("b:1", seen)).toContain("b:1");
    }
  });
});
