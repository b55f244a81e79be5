/** What a process does while its brokers do not answer. */

import { afterEach, expect, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { type Admin, type Kafka, KafkaError } from "../../src/kafka/kafka.ts";
import { prepare } from "../../src/process/startup.ts";
import { configOf } from "../support/context.ts";

const LOOK_AFTER_MS = 20;
/** The answer of a broker to the look: size, correlation id. */
const ANSWER = Buffer.from("0000000400005a1e", "hex");

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A port that answers as a broker does; `onLook` runs before each answer. */
async function brokerOf(onLook: () => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => {
      onLook();
      socket.write(ANSWER);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}

/** How `prepare` ends when the client is answered at once on a look, or never. */
async function preparedWith(isAnswered: boolean): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<{ brokers: number; addresses: string[] }>();
  const address = await brokerOf(() => {
    if (isAnswered) resolve({ brokers: 1, addresses: [address] });
  });
  const admin: Partial<Admin> = {
    ping: () => promise,
    describeTopic: () => Promise.reject(new KafkaError("asked", { code: "X", verdict: "fatal" })),
    close: async () => {},
  };
  const kafka: Partial<Kafka> = { admin: () => admin as Admin };
  const config = configOf("run", "--brokers", address);
  const prepared = prepare({ kafka: kafka as Kafka, config, lookAfterMs: LOOK_AFTER_MS });
  return prepared.then(() => "prepared", String);
}

// A container that started beside its broker ended for good: the port answered the look a moment
// before the broker answered the client, and "wants a login" is an error that nobody restarts.
test("a broker that starts meanwhile is waited for, though it answered the look first", async () => {
  expect(await preparedWith(true)).toContain("asked");
});

test("a broker that answers a look and never the client wants a login", async () => {
  expect(await preparedWith(false)).toContain("wants a login");
});
