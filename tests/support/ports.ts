/**
 * Ports for programs that cannot choose one themselves, or come back to the one that they had.
 *
 * Port 0 takes one of the range from which the system also gives every connection its own: while a
 * program is away, a connection of a test beside it can take its port, and the program cannot come
 * back. These ports lie below that range (`net.ipv4.ip_local_port_range` begins at 32768).
 */

import { createServer } from "node:net";

const [PORT_MIN, PORT_MAX] = [20_000, 32_000] as const;
/** Most of the range is free; a test that finds nothing by then has another problem. */
const TRIES_MAX = 1_000;

/** @returns ports that were free a moment ago, all different */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries++) {
    if (tries === TRIES_MAX) throw new Error(`Cannot find ${count} ports: ${TRIES_MAX} are in use`);
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

/** @returns one of them */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
