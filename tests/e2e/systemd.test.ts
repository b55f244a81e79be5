/** The unit of deploy/ under systemd itself, as docs/install.md sets it up. */

import { afterEach, test as always, expect } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { logged, Runs } from "../support/board.ts";
import { freePort } from "../support/ports.ts";
import { requirement } from "../support/require.ts";
import { canBoot, System } from "../support/systemd.ts";
import { hashOf } from "../support/users.ts";
import { waitFor } from "../support/wait.ts";

const unit = "salesboard.service";
const text = readFileSync(fileURLToPath(new URL(`../../deploy/${unit}`, import.meta.url)), "utf8");
/** In the form of docs/install.md. */
const credentials = `[Service]
LoadCredential=users:/etc/salesboard/users
Environment=SALESBOARD_USERS=%d/users
`;

const runs = new Runs();
let system: System | undefined;
afterEach(async () => {
  await system?.stop();
  await runs.end();
});

const wanted = requirement("systemd");
// Root in a container that may not make another one is such a machine.
const test = wanted === always && !canBoot() ? always.skip : wanted;

test("the unit starts it shut in, with credentials, again after a crash, and stops it", async () => {
  const broker = runs.start(["--roles", "producer", "--rate", "50"]);
  const { properties } = await logged(broker, "Embedded broker at");
  const port = await freePort();
  const settings = `KAFKA_BOOTSTRAP_SERVERS=${properties.brokers}\nPORT=${port}\n`;
  const service = new System(unit, {
    "settings/salesboard.env": settings,
    "settings/users": `ada:${await hashOf("right")}\n`,
    [`units/${unit}`]: text,
    [`units/${unit}.d/credentials.conf`]: credentials,
  });
  system = service;
  const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers }).catch(() => undefined);
  const isReady = async () => (await ask("/readyz"))?.status === 200;
  await waitFor(isReady, { what: "the service to be ready" });

  // It counts, and lets in whom the file of root's names, which no other user may read.
  expect((await ask("/api/v1/totals"))?.status).toBe(401);
  const ada = { Authorization: `Basic ${btoa("ada:right")}` };
  const hasSales = async () =>
    /"sales":[1-9]/.test((await (await ask("/api/v1/totals", ada))?.text()) ?? "");
  await waitFor(hasSales, { what: "a sale" });

  const processId = () => service.property(unit, "MainPID");
  const first = await processId();
  const status = await service.run("cat", `/proc/${first}/status`);
  expect(status).not.toMatch(/^Uid:\t0\t/m);
  expect(status).toMatch(/^CapEff:\t0{16}$/m);
  expect(status).toMatch(/^CapBnd:\t0{16}$/m);
  expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  expect(status).toMatch(/^Seccomp:\t2$/m);
  const limits = await service.run("cat", `/proc/${first}/limits`);
  expect(limits).toMatch(/^Max core file size +0 +0 /m);

  await service.run("systemctl", "kill", "--signal=KILL", unit);
  const isBack = async () => !["0", first].includes(await processId()) && (await isReady());
  await waitFor(isBack, { what: "the service to be back" });
  expect(await service.property(unit, "NRestarts")).toBe("1");

  await service.run("systemctl", "stop", unit);
  expect(await service.property(unit, "Result")).toBe("success");
  expect(await service.property(unit, "ExecMainStatus")).toBe("0");

  // A setting that is wrong stays wrong: it is not tried again and again.
  writeFileSync(`${service.settings}/salesboard.env`, `${settings}SALESBOARD_HISTORY=maybe\n`);
  await service.run("systemctl", "start", unit);
  const hasFailed = async () => (await service.property(unit, "ActiveState")) === "failed";
  await waitFor(hasFailed, { what: "the service to have failed" });
  expect(await service.property(unit, "ExecMainStatus")).toBe("2");
  expect(await service.property(unit, "NRestarts")).toBe("0");
  expect(await service.run("journalctl", "-u", unit)).toContain("Cannot use SALESBOARD_HISTORY=");
}, 600_000);
