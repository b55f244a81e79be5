/** Settings as the tests ask for them. */

import { expect } from "bun:test";
import type { Settings } from "../../src/config/config.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { SalesboardError } from "../../src/lib/errors.ts";

export type Env = Record<string, string>;

export function read(args: string[], env: Env = {}): Settings {
  const settings = readConfig({ args, env });
  if (settings.show) throw new Error("These arguments ask for no help.");
  return settings;
}

/** The sentence with which these settings are refused. */
export function refusal(args: string[], env: Env = {}): string {
  try {
    readConfig({ args, env });
  } catch (error) {
    expect(error).toBeInstanceOf(SalesboardError);
    expect((error as SalesboardError).exitStatus).toBe(2);
    return (error as Error).message;
  }
  throw new Error(`Accepted: ${args.join(" ")} ${JSON.stringify(env)}`);
}

export const kafka = ["--brokers", "kafka:9092"];
