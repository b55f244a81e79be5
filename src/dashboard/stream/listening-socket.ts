/** Settings of the listening socket that Bun does not offer. */

import { readdirSync } from "node:fs";
import { openLibc } from "../../lib/libc.ts";

/**
 * By default, Linux lets a send buffer grow to 4 MB. The kernel doubles this number, for its own
 * bookkeeping. No page of ours needs more than 100 kB a round trip.
 */
const SEND_BUFFER_BYTES = 64 * 1024;

/**
 * Connections that may wait until they are accepted. Bun allows for 512. When all pages of a large
 * audience come back at once, the kernel drops what exceeds that, and each of these pages tries
 * again after 1, 3, 7, 15 or 31 s. The kernel allows for `net.core.somaxconn`: 4,096 by default.
 */
const WAITING_MAX = 16_384;

/** From the headers of Linux, for the architectures that we build for. */
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_ACCEPTCONN = 30;

/**
 * Bounds the send buffers of connections that a port of this process accepts from now on, because
 * they inherit the bound of the listening socket, and lets more of them wait. Bun does not tell the
 * number of that socket, so this function finds it in /proc. Where /proc is hidden it does nothing:
 * then a stalled stream costs more, and a rush of pages takes longer.
 */
export async function adjustListening(port: number): Promise<void> {
  try {
    const files = readdirSync("/proc/self/fd").map(Number);
    const { dlopen, FFIType } = await import("bun:ffi");
    const { i32, ptr, u32 } = FFIType;
    const { symbols, close } = openLibc((name) =>
      dlopen(name, {
        getsockopt: { args: [i32, i32, i32, ptr, ptr], returns: i32 },
        getsockname: { args: [i32, ptr, ptr], returns: i32 },
        listen: { args: [i32, i32], returns: i32 },
        setsockopt: { args: [i32, i32, i32, ptr, u32], returns: i32 },
      }),
    );
    const isListening = (file: number) => {
      const answer = new Int32Array(1);
      const size = new Uint32Array([answer.byteLength]);
      const status = symbols.getsockopt(file, SOL_SOCKET, SO_ACCEPTCONN, answer, size);
      return status === 0 && answer[0] === 1;
    };
    const portOf = (file: number) => {
      // In both address families the port, in network order, follows the family.
      const address = new Uint8Array(128);
      symbols.getsockname(file, address, new Uint32Array([address.byteLength]));
      return new DataView(address.buffer).getUint16(2);
    };
    const bytes = new Int32Array([SEND_BUFFER_BYTES]);
    for (const file of files.filter(isListening)) {
      if (portOf(file) !== port) continue;
      symbols.setsockopt(file, SOL_SOCKET, SO_SNDBUF, bytes, bytes.byteLength);
      symbols.listen(file, WAITING_MAX);
    }
    close();
  } catch {
    // Not Linux, or /proc is hidden.
  }
}
