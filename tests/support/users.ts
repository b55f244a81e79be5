/** Files of users and tokens, with hashes that cost little. */

import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** As `htpasswd -B` writes it, but with the least rounds. */
export async function hashOf(password: string): Promise<string> {
  const hash = await Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 });
  return hash.replace("$2b$", "$2y$");
}

/** Replaces the file in one step, as editors do, so that no reader sees a half-written file. */
export function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

export function temporaryFolder(): { file: (name: string) => string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "salesboard-access-"));
  return {
    file: (name) => join(folder, name),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
