/** The proxy sees the frames that were sent, however their bytes arrive. */

import { expect, test } from "bun:test";
import { API, FrameNamer, FrameSplitter } from "./frames.ts";

/** Length, API, version, correlation id, and something behind it. */
function request(api: number, correlationId: number, body: string): Buffer {
  const head = Buffer.alloc(12);
  head.writeInt32BE(8 + body.length, 0);
  head.writeInt16BE(api, 4);
  head.writeInt32BE(correlationId, 8);
  return Buffer.concat([head, Buffer.from(body)]);
}

function answer(correlationId: number): Buffer {
  const frame = Buffer.alloc(8);
  frame.writeInt32BE(4, 0);
  frame.writeInt32BE(correlationId, 4);
  return frame;
}

test("frames are cut where they end, wherever their bytes were cut", () => {
  const sent = [request(API.produce, 1, "sales"), request(API.endTxn, 2, ""), answer(3)];
  const stream = Buffer.concat(sent);
  for (let pieceBytes = 1; pieceBytes <= stream.length; pieceBytes++) {
    const splitter = new FrameSplitter();
    const frames: Buffer[] = [];
    for (let at = 0; at < stream.length; at += pieceBytes) {
      frames.push(...splitter.push(stream.subarray(at, at + pieceBytes)));
    }
    expect(frames).toEqual(sent);
  }
});

test("an answer is named after its request", () => {
  const namer = new FrameNamer(7);
  namer.request(request(API.fetch, 1, ""));
  namer.request(request(API.endTxn, 2, ""));
  expect(namer.answer(answer(2))).toMatchObject({ api: API.endTxn, connection: 7 });
  expect(namer.answer(answer(1)).api).toBe(API.fetch);
  expect(namer.answer(answer(1)).api).toBe(-1);
});
