/** Readers and writers that share no code with Salesboard: kcat, as a second opinion. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import type { ReadRecord as PortRecord } from "./records.ts";

/** Options of kcat, which else gives up a question about topics after 5 s: too soon when busy. */
export const patient = ["-m", "120"];

/** `headers` as kcat prints them: `name=value,name=value`. */
export type ReadRecord = Omit<PortRecord, "headers"> & { headers: string };

interface Topic {
  brokers: string;
  topic: string;
}

/** All records of a topic up to its end, without those of open and aborted transactions. */
export async function readCommitted({ brokers, topic }: Topic): Promise<ReadRecord[]> {
  // Lengths in front, so that no byte of a key or value can be mistaken for a separator.
  const format = "%p %o %T %K %S %h\n%k%s";
  return parse(
    await kcat([
      ...["-C", "-e", "-q", "-b", brokers, "-t", topic, "-o", "beginning", "-f", format],
      ...["-X", "isolation.level=read_committed", "-X", "check.crcs=true"],
    ]),
  );
}

/**
 * Sends each line of a file as a record without a key, spread over the partitions.
 * @param args more of kcat's options, such as `-K` and a separator for keys
 */
export async function produceFile({
  brokers,
  topic,
  file,
  args = [],
}: Topic & { file: string; args?: readonly string[] }): Promise<void> {
  const spread = ["-X", "sticky.partitioning.linger.ms=0"];
  await kcat(["-P", "-b", brokers, "-t", topic, ...spread, ...args, "-l", file]);
}

/**
 * Sends any bytes, each as one record without a key; null is a record without a value.
 * The order among them is not kept.
 */
export async function produceValues({
  brokers,
  topic,
  values,
}: Topic & { values: readonly (Uint8Array | string | null)[] }): Promise<void> {
  const target = ["-P", "-b", brokers, "-t", topic, "-X", "message.max.bytes=10000000"];
  const dir = mkdtempSync(`${tmpdir()}/salesboard-values-`);
  try {
    const files = values.flatMap((value, i) => {
      if (!value?.length) return [];
      writeFileSync(`${dir}/${i}`, value);
      return [`${dir}/${i}`];
    });
    if (files.length > 0) await kcat([...target, ...files]);
    // kcat passes over empty files and lines, but not over a line with its key separator alone.
    for (const value of values) {
      if (value === null) await kcat([...target, "-K:", "-Z"], ":\n");
      else if (value.length === 0) await kcat([...target, "-K:"], ":\n");
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}

async function kcat(args: readonly string[], stdin = ""): Promise<Uint8Array> {
  const child = Bun.spawn({
    cmd: ["kcat", ...patient, ...args],
    stdin: new TextEncoder().encode(stdin),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, status] = await Promise.all([
    new Response(child.stdout).bytes(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (status !== 0) throw new Error(`kcat ${args.join(" ")} exited with ${status}:\n${stderr}`);
  return stdout;
}

function parse(bytes: Uint8Array): ReadRecord[] {
  const records: ReadRecord[] = [];
  const decoder = new TextDecoder();
  let at = 0;
  const take = (length: number): Uint8Array | null => {
    if (length < 0) return null;
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const lineEnd = bytes.indexOf(10, at);
    const fields = decoder.decode(bytes.subarray(at, lineEnd)).split(" ");
    const [partition = 0, offset = 0, timestamp = 0, keyLength = 0, valueLength = 0] =
      fields.map(Number);
    at = lineEnd + 1;
    const key = take(keyLength);
    const value = take(valueLength);
    records.push({ partition, offset, timestamp, key, value, headers: fields.slice(5).join(" ") });
  }
  return records;
}
