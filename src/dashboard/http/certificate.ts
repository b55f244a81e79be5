/** The certificate that the dashboard shows, and its key: read again when the files change. */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { Config } from "../../config/config.ts";
import type { Log } from "../../lib/log.ts";
import { WatchedFile } from "../access/watched-file.ts";

/** Both in PEM. The certificate may be followed by those that signed it. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/**
 * Undefined = plain HTTP.
 * @throws SalesboardError when the files cannot be read, or do not belong together
 */
export function openCertificate(config: Config, log: Log): WatchedFile<KeyPair> | undefined {
  const { tlsCert, tlsKey } = config;
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  const paths = [tlsCert, tlsKey];
  return new WatchedFile({ option: "--tls-cert and --tls-key", paths, parse: keyPair, log });
}

/** @throws Error that says what is wrong, without the key */
export function keyPair(cert = "", key = ""): KeyPair {
  const certificate = orThrow("the certificate cannot be read", () => new X509Certificate(cert));
  const secret = orThrow("the key cannot be read: it must be PEM without a password", () =>
    createPrivateKey(key),
  );
  if (!certificate.checkPrivateKey(secret)) {
    throw new Error("the key is not that of the certificate");
  }
  // As the server will: a file that is half written can begin with a whole certificate.
  orThrow("a certificate behind the first one cannot be read", () =>
    createSecureContext({ cert, key }),
  );
  return { cert, key };
}

function orThrow<T>(reason: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new Error(reason, { cause });
  }
}
