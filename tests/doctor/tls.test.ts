/** Certificates as `doctor` sees them: good, of a stranger, for another name, near their end. */

import { afterAll, test as always, beforeAll, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:tls";
import { checkCertificates } from "../../src/doctor/tls.ts";
import { Authority, type Certificate } from "../support/certificates.ts";
import { requirement } from "../support/require.ts";

const test = requirement("openssl");
const servers: Server[] = [];
let authority: Authority;
let stranger: Authority;

if (test === always) {
  beforeAll(() => {
    authority = new Authority();
    stranger = new Authority("A stranger");
  });
  afterAll(() => {
    for (const server of servers) server.close();
    authority.close();
    stranger.close();
  });
}

async function addressOf({ certificate, key }: Certificate): Promise<string> {
  const files = { cert: readFileSync(certificate), key: readFileSync(key) };
  const server = createServer(files, (socket) => socket.on("error", () => {}));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `localhost:${typeof address === "object" && address ? address.port : 0}`;
}

async function seen(address: string, properties: Record<string, string> = {}) {
  const all = { "security.protocol": "SSL", "ssl.ca.location": authority.file, ...properties };
  const [finding] = await checkCertificates([address], all);
  return finding;
}

test("a certificate with many days left is all right, and one with few is a warning", async () => {
  const long = await addressOf(authority.issue("broker", { days: 400 }));
  expect(await seen(long)).toMatchObject({
    state: "ok",
    text: expect.stringMatching(
      /^The certificate of localhost:\d+ is trusted, and ends in \d+ days\.$/,
    ),
  });
  const short = await addressOf(authority.issue("broker", { days: 5 }));
  expect(await seen(short)).toMatchObject({
    state: "warning",
    mend: "Renew it on the broker",
  });
});

test("a certificate of an authority that is not known says which setting names it", async () => {
  const address = await addressOf(authority.issue("broker"));
  expect(await seen(address, { "ssl.ca.location": stranger.file })).toMatchObject({
    state: "problem",
    text: expect.stringContaining("The broker's certificate cannot be verified"),
    mend: "-X ssl.ca.location=FILE, with the authority's certificate",
  });
});

test("a certificate for another name is a problem, unless names are not compared", async () => {
  const address = await addressOf(
    authority.issue("broker", { names: ["DNS:elsewhere"], days: 400 }),
  );
  expect(await seen(address)).toMatchObject({
    state: "problem",
    text: expect.stringContaining("The broker's certificate is for another host name"),
  });
  const ignored = { "ssl.endpoint.identification.algorithm": "none" };
  expect(await seen(address, ignored)).toMatchObject({ state: "ok" });
});

test("a file of certificates that is not there is named", async () => {
  const address = await addressOf(authority.issue("broker"));
  expect(await seen(address, { "ssl.ca.location": "/nowhere/ca.pem" })).toMatchObject({
    state: "problem",
    text: expect.stringContaining("/nowhere/ca.pem"),
  });
});
