/** What the container files promise, as far as it can be judged without a container engine. */

import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { configOf } from "./support/context.ts";
import { executablePath } from "./support/executable.ts";
import { KAFKA_VERSION } from "./support/kafka-files.ts";
import { refusal, read as settings } from "./support/settings.ts";

interface Service {
  image: string;
  command: string[];
  network_mode: string;
  depends_on: Record<string, { condition: string }>;
  healthcheck: { test: string };
  read_only: boolean;
  cap_drop: string[];
  security_opt: string[];
  tmpfs: string[];
  ports: string[];
  profiles?: string[];
}

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (name: string) => readFileSync(`${root}${name}`, "utf8");
const { services } = Bun.YAML.parse(read("compose.yaml")) as { services: Record<string, Service> };

function service(name: string): Service {
  const found = services[name];
  if (!found) throw new Error(`compose.yaml has no service ${name}.`);
  return found;
}

describe("compose.yaml", () => {
  test("runs the Kafka that the tests run", () => {
    expect(service("kafka").image).toBe(`apache/kafka:${KAFKA_VERSION}`);
  });

  test.each(["salesboard", "demo"])("starts %s once Kafka answers", (name) => {
    expect(service("kafka").healthcheck.test).toContain("localhost:9092");
    expect(service(name).depends_on).toEqual({ kafka: { condition: "service_healthy" } });
    expect(service(name).network_mode).toBe("service:kafka");
    expect(service(name).command).toContain("localhost:9092");
  });

  test.each(["salesboard", "demo"])("gives %s no right that it does not need", (name) => {
    expect(service(name)).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
    });
  });

  test.each([
    ["salesboard", "run"],
    ["demo", "produce"],
  ])("starts %s by a command that Salesboard understands", (name, command) => {
    expect(String(configOf(...service(name).command).command)).toBe(command);
  });

  // Other machines reach the address in the container, but only this one the published port.
  test("says that its dashboard asks nobody, which the image alone refuses", () => {
    const [, host = ""] = /^ENV HOST=(.+)$/m.exec(read("Dockerfile")) ?? [];
    const { command } = service("salesboard");
    expect(settings(command, { HOST: host }).config.insecureListen).toBe(true);
    const bare = command.filter((word) => word !== "--insecure-listen");
    expect(refusal(bare, { HOST: host })).toStartWith(`Cannot use HOST=${host} alone`);
  });

  test("produces made-up sales only when asked to", () => {
    const producing = Object.entries(services).filter(([, { command }]) => {
      return command?.some((word) => /^produce|^--roles/.test(word));
    });
    expect(producing.map(([name, { profiles }]) => [name, profiles])).toEqual([["demo", ["demo"]]]);
  });

  test("publishes ports to this machine only", () => {
    const ports = Object.values(services).flatMap(({ ports = [] }) => ports);
    expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
    expect(ports).toContain("127.0.0.1:3000:3000");
  });
});

describe("Dockerfile", () => {
  const [build = "", final = ""] = read("Dockerfile")
    .split(/^FROM /m)
    .slice(1);
  const [, folder] = /^WORKDIR (\S+)$/m.exec(build) ?? [];

  test("leaves only the executable in the image, owned by nobody who runs it", () => {
    expect(build).toContain("\nRUN npm run build\n");
    const built = executablePath.replace(root, `${folder}/`);
    const steps = final.split("\n").filter((line) => /^(RUN|COPY|ADD) /.test(line));
    expect(steps).toEqual([`COPY --from=build ${built} /salesboard`]);
    expect(final).toMatch(/^\S+:nonroot\n/);
  });

  test("runs on the Debian release that it was built on", () => {
    const releases: Record<string, string> = { bookworm: "debian12", trixie: "debian13" };
    const release = /^node:\d+-(\w+)/.exec(build)?.[1] ?? "";
    expect(final.split(":")[0]).toEndWith(releases[release] ?? "a known release");
  });

  test("asks the executable for its health, without a shell", () => {
    const command = /^HEALTHCHECK [^[]*CMD (\[.*\])$/m.exec(final.replaceAll("\\\n", ""))?.[1];
    const [program, ...args] = JSON.parse(command ?? "[]");
    expect(program).toBe("/salesboard");
    expect(configOf(...args).command).toBe("health");
    expect(final).toContain(`ENTRYPOINT ["${program}"]`);
  });

  test("installs what the build installs where it may", () => {
    const installed = /apt-get install -y --no-install-recommends (.*) \\/.exec(build)?.[1];
    const script = read("scripts/lib/system.mjs");
    const libraries = [...script.matchAll(/"lib\w+\.a": "([\w-]+)"/g)].map(([, name]) => name);
    const tools = /const tools = \[([^\]]*)\]/.exec(script)?.[1]?.match(/[\w+]+/g) ?? [];
    // g++ brings gcc.
    const needed = new Set([...libraries, ...tools.filter((name) => name !== "gcc")]);
    expect(needed.size).toBeGreaterThan(3);
    expect(new Set(installed?.split(" "))).toEqual(needed as Set<string>);
  });

  test("gets what it copies past .dockerignore", () => {
    const allowed =
      read(".dockerignore")
        .match(/^!.*/gm)
        ?.map((line) => line.slice(1)) ?? [];
    const copied = /^COPY (package.*) \.\/$/m.exec(build)?.[1]?.split(" ") ?? [];
    expect(copied.length).toBeGreaterThan(0);
    expect(
      [...copied, "src", "static", "scripts"].filter((path) => !allowed.includes(path)),
    ).toEqual([]);
    expect(allowed.filter((path) => !existsSync(`${root}${path}`))).toEqual([]);
  });
});
