/** Certificates as `doctor` sees them: good, of a stranger, for another name, near their end. */

import { afterAll, test as always, beforeAll, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:tls";
import { checkCertificates, checkOwnCertificate } from "../../src/doctor/tls.ts";
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

test("the client's own certificate says how long it lasts, and how to renew it", () => {
  const { certificate } = authority.issue("client", { days: 40 });
  const shown = { "ssl.certificate.location": certificate };
  const [from, day] = [Date.now(), 24 * 3_600_000];
  const after = (days: number) => checkOwnCertificate(shown, from + days * day)[0];
  const name = `The certificate that this client shows, in the file ${certificate},`;
  expect(after(1)).toMatchObject({ state: "ok", text: `${name} ends in 38 days.` });
  expect(after(31)).toMatchObject({
    state: "warning",
    text: `${name} ends in 8 days.`,
    mend: "Renew it: new connections show what the file holds then, without a restart",
  });
  expect(after(39.5)?.text).toBe(`${name} ends in 11 hours.`);
  expect(after(45)).toMatchObject({
    state: "problem",
    text: `${name} ended 5 days ago: no broker accepts it.`,
  });
  expect(checkOwnCertificate({ "ssl.certificate.location": "/nowhere/c.pem" })[0]?.text).toContain(
    "There is no certificate of this client in the file /nowhere/c.pem",
  );
  expect(checkOwnCertificate({})).toEqual([]);
});

// Machines renew certificates of a day some hours before they end: that is no reason to warn.
test("a certificate of a day is all right while much of its time is left", () => {
  const { certificate } = authority.issue("client", { days: 1 });
  const pem = { "ssl.certificate.pem": readFileSync(certificate, "utf8") };
  expect(checkOwnCertificate(pem, Date.now() + 12 * 3_600_000)[0]?.state).toBe("ok");
  expect(checkOwnCertificate(pem, Date.now() + 19 * 3_600_000)[0]?.state).toBe("warning");
});

// It promised that a text is renewed like a file, without a restart.
test("a certificate that is given as a text needs a restart, also beside a file", () => {
  const { certificate } = authority.issue("client", { days: 1 });
  const text = readFileSync(certificate, "utf8");
  const shown = { "ssl.certificate.pem": text, "ssl.certificate.location": "/nowhere/c.pem" };
  expect(checkOwnCertificate(shown, Date.now() + 48 * 3_600_000)[0]).toMatchObject({
    text: expect.stringContaining("in ssl.certificate.pem, ended"),
    mend: expect.stringContaining("and restart"),
  });
});
