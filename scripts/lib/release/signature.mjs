/** A signature by a key of the user's: Ed25519, which OpenSSL makes and checks. */

import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { Unmet } from "../command.mjs";

/**
 * @param {string} file a private key in PEM, without a passphrase
 * @returns {(content: Uint8Array) => Buffer} what makes the 64 bytes of a signature
 * @throws {Unmet} if the file holds no such key
 */
export function signerOf(file) {
  const key = readKey(file);
  if (key.asymmetricKeyType !== "ed25519") {
    throw new Unmet(
      `Cannot sign with --sign-key ${file}: it holds a key of the kind ` +
        `${key.asymmetricKeyType}, and only Ed25519 is accepted; ` +
        "make one with: openssl genpkey -algorithm ed25519 -out release.key",
    );
  }
  return (content) => sign(null, content, key);
}

/** @param {string} file */
function readKey(file) {
  try {
    return createPrivateKey(readFileSync(file));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Unmet(
      `Cannot read --sign-key ${file}: ${reason}; a private key in PEM without a passphrase is ` +
        "accepted, as this makes: openssl genpkey -algorithm ed25519 -out release.key",
    );
  }
}
