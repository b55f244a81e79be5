/** A certificate authority of a test's own, by openssl: what brokers and clients show each other. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

/** Files of one certificate, in PEM. */
export interface Certificate {
  certificate: string;
  key: string;
}

export class Authority {
  readonly #dir = mkdtempSync(`${tmpdir()}/salesboard-certificates-`);
  /** The file that `ssl.ca.location` names. */
  readonly file = `${this.#dir}/ca.pem`;
  readonly #key = `${this.#dir}/ca.key`;
  #issued = 0;

  /** @throws Error with what openssl says */
  constructor(name = "Salesboard's tests") {
    const made = ["-keyout", this.#key, "-out", this.file];
    openssl("req", "-x509", ...keyArgs, "-days", "2", "-subj", `/CN=${name}`, ...made);
  }

  /** @param names such as `DNS:localhost`; what a client may call the holder */
  issue(
    commonName: string,
    {
      names = ["DNS:localhost", "IP:127.0.0.1"],
      days = 2,
    }: { names?: string[]; days?: number } = {},
  ): Certificate {
    const stem = `${this.#dir}/${++this.#issued}`;
    const [request, key, certificate] = [`${stem}.csr`, `${stem}.key`, `${stem}.pem`];
    openssl("req", ...keyArgs, "-subj", `/CN=${commonName}`, "-keyout", key, "-out", request);
    writeFileSync(`${stem}.ext`, `subjectAltName=${names.join(",")}\n`);
    const by = ["-CA", this.file, "-CAkey", this.#key, "-set_serial", String(this.#issued)];
    const lasting = ["-days", String(days), "-extfile", `${stem}.ext`];
    openssl("x509", "-req", "-in", request, ...by, ...lasting, "-out", certificate);
    return { certificate, key };
  }

  close(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** Key and certificate in one text, as a broker's `ssl.keystore.type=PEM` wants them. */
export function keyStore({ key, certificate }: Certificate): string {
  return readFileSync(key, "utf8") + readFileSync(certificate, "utf8");
}

// Made in milliseconds, while a key of RSA costs seconds on a busy machine.
const keyArgs = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

function openssl(...args: string[]): void {
  const run = Bun.spawnSync(["openssl", ...args], { stdin: "ignore", stderr: "pipe" });
  if (!run.success) throw new Error(`openssl ${args.join(" ")} failed:\n${run.stderr}`);
}
