/** A client's certificate that is renewed while it runs: `patches/certificate-files.patch`. */

import { expect, onTestFinished } from "bun:test";
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { Authority, type Certificate } from "../support/certificates.ts";
import { recordingLog } from "../support/context.ts";
import { LoneBroker } from "../support/lone-broker.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";

const TEST_MS_MAX = 600_000;
const PING_MS_MAX = 30_000;
const test = requirement("openssl");

/** A broker that wants a certificate of each client, and a client whose files can be replaced. */
async function connected() {
  const authority = new Authority();
  const dir = mkdtempSync(`${tmpdir()}/salesboard-files-`);
  const file = (name: string) => `${dir}/${name}.pem`;
  const replace = (name: string, by: string) => {
    copyFileSync(by, `${file(name)}.new`);
    renameSync(`${file(name)}.new`, file(name));
  };
  const show = ({ certificate, key }: Certificate) => {
    replace("certificate", certificate);
    replace("key", key);
  };
  show(authority.issue("first"));
  const own = authority.issue("broker");
  const broker = await LoneBroker.listen({
    cert: readFileSync(own.certificate),
    key: readFileSync(own.key),
    ca: readFileSync(authority.file),
    requestCert: true,
    rejectUnauthorized: true,
  });
  const { log, lines } = recordingLog();
  const properties = {
    "security.protocol": "SSL",
    "ssl.ca.location": authority.file,
    "ssl.certificate.location": file("certificate"),
    "ssl.key.location": file("key"),
  };
  const kafka = librdkafka({
    brokers: broker.brokers.replace("127.0.0.1", "localhost"),
    properties,
    log,
  });
  const admin = kafka.admin();
  onTestFinished(async () => {
    await admin.close();
    broker.close();
    authority.close();
    rmSync(dir, { recursive: true, force: true });
  });
  /** The name in the certificate that new connections show. */
  const shown = async () => {
    const before = broker.clients.length;
    broker.disconnect();
    await waitFor(() => broker.clients.length > before, {
      what: `a new connection after ${before}; the log: ${lines.join(" | ")}`,
    });
    await admin.ping(PING_MS_MAX);
    return broker.clients.at(-1);
  };
  await admin.ping(PING_MS_MAX);
  return { authority, broker, lines, file, replace, show, shown };
}

// A client read its files once. A certificate that was renewed in time was never shown, and when
// the first one had expired no broker let the client in until somebody restarted the process.
test(
  "new connections show the certificate that is in the files now",
  async () => {
    const { authority, broker, show, shown } = await connected();
    expect(await shown()).toBe("first");
    show(authority.issue("second"));
    expect(await shown()).toBe("second");
    expect(new Set(broker.clients.slice(0, -1))).toContain("first");
  },
  TEST_MS_MAX,
);

test(
  "while files do not fit, the ones before stay in use, and the log says so",
  async () => {
    const { authority, lines, file, replace, shown } = await connected();
    const { certificate, key } = authority.issue("second");
    replace("certificate", certificate);
    expect(await shown()).toBe("first");
    const told = /^Changed certificate files cannot be used.*the ones before stay in use/;
    await waitFor(() => lines.some((line) => told.test(line)), {
      what: `a word about the files; the log: ${lines.join(" | ")}`,
    });
    replace("key", key);
    expect(await shown()).toBe("second");
    writeFileSync(file("certificate"), "half a cert");
    expect(await shown()).toBe("second");
  },
  TEST_MS_MAX,
);
