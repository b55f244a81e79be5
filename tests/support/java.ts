/**
 * How Java processes start in tests. Most of what one costs that lives for minutes is loading
 * classes and compiling them: Kafka loads its own from an archive, and each compiles once.
 */

import { existsSync, mkdirSync, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { KAFKA_HOME } from "./require.ts";

/** Of the jars where they are: a copy of them makes its own. Any other Java does without. */
const archive = `${KAFKA_HOME}/classes-${Bun.hash(KAFKA_HOME).toString(36)}.jsa`;
/** Who makes the archive holds this folder; longer than this, and whoever held it has died. */
const claim = `${archive}.claim`;
const CLAIM_MS_MAX = 300_000;

const classPath = ["-cp", `${KAFKA_HOME}/libs/*`];
/** Options for a process that ends soon, or it would compile for most of its life. */
export const shortLived = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

/** `thorough`: as a server that lives for long; else as one that ends soon. */
export function javaCommand({ thorough = false } = {}): string[] {
  if (thorough) return ["java", "-XX:+UseSerialGC", ...classPath];
  // An archive that does not fit this Java is ignored, and a word of it would be in the output.
  const shared = existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`, "-Xlog:disable"] : [];
  return ["java", ...shortLived, ...shared, ...classPath];
}

/** As `javaCommand`; what it has loaded becomes the archive `file` when it ends in order. */
export function archivingCommand(file: string): string[] {
  return ["java", ...shortLived, `-XX:ArchiveClassesAtExit=${file}`, ...classPath];
}

/**
 * Makes the archive unless it is there or is being made: whoever starts meanwhile does without, as
 * whoever starts after it failed.
 * @param run runs a broker by `archivingCommand(file)` until it ends in order
 */
export async function archiveClasses(run: (file: string) => Promise<void>): Promise<void> {
  if (existsSync(archive) || !isClaimed()) return;
  const draft = `${archive}.${process.pid}`;
  try {
    await run(draft);
    await rename(draft, archive);
  } catch (error) {
    console.warn(`Kafka starts without an archive of its classes: ${error}`);
  } finally {
    await rm(draft, { force: true });
    await rm(claim, { recursive: true, force: true });
  }
}

function isClaimed(): boolean {
  try {
    mkdirSync(claim);
    return true;
  } catch {
    const madeAt = statSync(claim, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    return Date.now() - madeAt > CLAIM_MS_MAX;
  }
}
