/** What a test needs of the machine, and what to install where it is missing. */

import { test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { KAFKA_VERSION } from "./kafka-files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
export const KAFKA_HOME = `${root}.cache/kafka-${KAFKA_VERSION}`;
/** Asks a server whatever its description allows, and looks at the answers. */
export const SCHEMATHESIS = `${root}.cache/judges/bin/schemathesis`;
/** Compares manifests with the schemas of Kubernetes. */
export const KUBERNETES_VALIDATE = `${root}.cache/judges/bin/kubernetes-validate`;
/** The types of a dashboard for Grafana, of npm. */
export const GRAFANA_SCHEMA = `${root}.cache/judges/node_modules/@grafana/schema`;
export const SPARK_HOME = `${root}.cache/spark`;
const JAVA_VERSION_MIN = 17;
const JUDGES = "node scripts/judges.mjs";

/** Name → found, and what installs it: a package of Debian, or a command. */
const requirements = {
  java: { found: javaVersion() >= JAVA_VERSION_MIN, install: "default-jdk-headless" },
  maven: { found: Bun.which("mvn") !== null || kafkaIsFetched(), install: "maven" },
  kcat: { found: Bun.which("kcat") !== null, install: "kcat" },
  chromium: { found: headlessPath() !== null, install: "chromium" },
  firefox: { found: firefoxPath() !== null, install: "firefox-esr" },
  nginx: { found: nginxPath() !== null, install: "nginx" },
  caddy: { found: Bun.which("caddy") !== null, install: "caddy" },
  cc: { found: Bun.which("cc") !== null, install: "gcc" },
  openssl: { found: Bun.which("openssl") !== null, install: "openssl" },
  promtool: { found: Bun.which("promtool") !== null, install: "prometheus" },
  python3: { found: Bun.which("python3") !== null, install: "python3" },
  systemd: { found: Bun.which("systemd-nspawn") !== null, install: "systemd-container" },
  schemathesis: { found: existsSync(SCHEMATHESIS), install: JUDGES },
  kubernetesValidate: { found: existsSync(KUBERNETES_VALIDATE), install: JUDGES },
  grafanaSchema: { found: existsSync(GRAFANA_SCHEMA), install: JUDGES },
  // Half a gigabyte: not fetched unless it is asked for.
  spark: { found: sparkIsFetched(), install: "CI=true npm test, or npm run bench" },
};

export type Requirement = keyof typeof requirements;

const told = new Set<string>();

/**
 * The `test` for tests that need `names`: `test.skip`, said in one line, when one is missing.
 * @throws Error instead of skipping when SALESBOARD_REQUIRE is set, as `CI=true npm test` does
 */
export function requirement(...names: Requirement[]): typeof test {
  const sentence = missingOf(...names);
  if (!sentence) return test;
  if (Bun.env.SALESBOARD_REQUIRE) throw new Error(`Cannot run these tests: ${sentence}`);
  if (!told.has(sentence)) console.warn(`Skipped: ${sentence}`);
  told.add(sentence);
  return test.skip as typeof test;
}

/**
 * The `test` for a program that no distribution has, and that takes minutes to build: skipped, said
 * in one line, where nobody has put it, also where everything else is required.
 */
export function optional(name: string, path: string | null, install: string): typeof test {
  if (path !== null) return test;
  console.warn(`Skipped: ${name} not found; install by: ${install}`);
  return test.skip as typeof test;
}

/** On the path, or where Go puts what it installs; null when it is not there. */
export function goProgramPath(name: string): string | null {
  const folder = Bun.env.GOBIN ?? `${Bun.env.GOPATH ?? `${Bun.env.HOME}/go`}/bin`;
  return Bun.which(name, { PATH: `${Bun.env.PATH}:${folder}` });
}

/** What is missing of `names` and how to install it, in one sentence. */
export function missingOf(...names: Requirement[]): string | undefined {
  const missing = names.filter((name) => !requirements[name].found);
  if (missing.length === 0) return undefined;
  const installs = missing.map((name) => requirements[name].install);
  const packages = installs.filter((name) => !name.includes(" "));
  const commands = installs.filter((name) => name.includes(" "));
  if (packages.length > 0) commands.unshift(`apt-get install ${packages.join(" ")}`);
  return `${missing.join(", ")} not found; install by: ${commands.join("; ")}`;
}

/** $CHROMIUM, or the first known name on the path; null when there is none. */
export function chromiumPath(): string | null {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  return programPath(Bun.env.CHROMIUM, names);
}

/** As `chromiumPath`, but Chromium without windows where it is installed. */
export function headlessPath(): string | null {
  return programPath(Bun.env.CHROMIUM, ["chromium-headless-shell"]) ?? chromiumPath();
}

/** $FIREFOX, or the first known name on the path; null when there is none. */
export function firefoxPath(): string | null {
  return programPath(Bun.env.FIREFOX, ["firefox-esr", "firefox"]);
}

function programPath(given: string | undefined, names: readonly string[]): string | null {
  if (given) return existsSync(given) ? given : null;
  return names.map((name) => Bun.which(name)).find((path) => path !== null) ?? null;
}

/** Debian keeps it where only root's shell looks; null when it is not there. */
export function nginxPath(): string | null {
  return Bun.which("nginx", { PATH: `${Bun.env.PATH}:/usr/sbin` });
}

/** Maven is needed once only, to fetch the broker's jars. */
export function kafkaIsFetched(): boolean {
  return existsSync(`${KAFKA_HOME}/complete`);
}

export function sparkIsFetched(): boolean {
  return existsSync(`${SPARK_HOME}/salesboard.stamp`);
}

/** Real order lines, in a folder beside the repository; null when they are not there. */
export function sharedData(name: string): { path: string; text(): string } | null {
  const path = fileURLToPath(new URL(`../shared/data/${name}`, `file://${root}`));
  return existsSync(path) ? { path, text: () => readFileSync(path, "utf8") } : null;
}

function javaVersion(): number {
  if (Bun.which("java") === null) return 0;
  const { stderr } = Bun.spawnSync(["java", "-version"]);
  return Number(/version "(\d+)/.exec(stderr.toString())?.[1] ?? 0);
}
