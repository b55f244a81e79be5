/** What the files of deployments promise, as far as it can be judged without what runs them. */

import { describe, expect, onTestFinished, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { version } from "../package.json" with { type: "json" };
import { configOf } from "./support/context.ts";
import { executablePath } from "./support/executable.ts";
import { KAFKA_RELEASE } from "./support/kafka-files.ts";
import { KUBERNETES_VALIDATE, requirement } from "./support/require.ts";
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
    expect(service("kafka").image).toBe(`apache/kafka:${KAFKA_RELEASE}`);
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

interface Container {
  name: string;
  image: string;
  args?: string[];
  ports: { name: string; containerPort: number }[];
  livenessProbe?: { httpGet: { path: string; port: string } };
  readinessProbe?: { httpGet?: { path: string; port: string } };
  startupProbe?: unknown;
  securityContext: Record<string, unknown>;
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
}

interface Manifest {
  kind: string;
  spec: {
    selector: { matchLabels?: Record<string, string> };
    template?: {
      metadata: { labels: Record<string, string> };
      spec: { containers: Container[]; volumes: { name: string }[]; securityContext: object };
    };
    ports?: { name: string; port: number; targetPort?: string }[];
  };
}

describe.each(["deployment", "sidecar"])("deploy/kubernetes/%s.yaml", (name) => {
  const manifests = Bun.YAML.parse(read(`deploy/kubernetes/${name}.yaml`)) as Manifest[];
  const pod = manifests.find(({ spec }) => spec.template)?.spec.template;
  const container = (wanted: string) => {
    const found = pod?.spec.containers.find((one) => one.name === wanted);
    if (!found) throw new Error(`${name}.yaml has no container ${wanted}.`);
    return found;
  };
  const own = container("salesboard");

  const manifestsOf = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), "salesboard-manifest-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, `${name}.yaml`);
    writeFileSync(file, text);
    const { exitCode, stdout, stderr } = Bun.spawnSync([KUBERNETES_VALIDATE, "--strict", file]);
    return { exitCode, output: `${stdout}${stderr}` };
  };

  requirement("kubernetesValidate")(
    "is what the schemas of Kubernetes ask for, and no more",
    () => {
      const text = read(`deploy/kubernetes/${name}.yaml`);
      const { exitCode, output } = manifestsOf(text);
      expect([exitCode, output]).toEqual([0, expect.not.stringMatching(/ERROR|WARN/)]);
      expect(output.match(/ passed /g)).toHaveLength(manifests.length);
      for (const [right, wrong, why] of [
        ["timeoutSeconds: 5", "timeoutSecond: 5", "timeoutSecond"],
        ["replicas: 1", "replicas: one", "'one' is not of type"],
      ] as const) {
        const refused = manifestsOf(text.replace(right, wrong));
        expect([wrong, refused.exitCode]).toEqual([wrong, 1]);
        expect(refused.output).toContain(why);
      }
    },
  );

  // A probe of /readyz would restart it while Kafka is away, and a short wait at the start end it.
  test("restarts nothing because Kafka is away", () => {
    expect(own.livenessProbe?.httpGet).toEqual({ path: "/livez", port: "http" });
    expect(own.readinessProbe?.httpGet).toEqual({ path: "/readyz", port: "http" });
    expect(own.startupProbe).toBeUndefined();
    const { config } = settings(own.args ?? [], { HOST: "0.0.0.0" });
    expect(config.startupTimeoutMs).toBe(86_400_000);
    expect(own.ports).toEqual([{ name: "http", containerPort: config.port }]);
  });

  test("lets nobody in who is not in the secret", () => {
    const { config } = settings(own.args ?? [], { HOST: "0.0.0.0" });
    const [mount] = own.volumeMounts;
    expect(config.users).toBe(`${mount?.mountPath}/users`);
    expect(pod?.spec.volumes).toContainEqual(expect.objectContaining({ name: mount?.name }));
    expect(config.insecureListen).toBe(false);
  });

  test("gives Salesboard no right that it does not need", () => {
    expect(pod?.spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(own.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  test("reaches ports that there are, of pods that it has", () => {
    const ports = pod?.spec.containers.flatMap((one) => one.ports) ?? [];
    const services = manifests.filter(({ kind }) => kind === "Service");
    expect(services.length).toBe(1);
    for (const { spec } of services) {
      expect(pod?.metadata.labels).toMatchObject(spec.selector as Record<string, string>);
      for (const { port, targetPort } of spec.ports ?? []) {
        expect(
          ports.some((one) => (targetPort ?? port) === (targetPort ? one.name : one.containerPort)),
        ).toBe(true);
      }
    }
  });

  test("runs this version, and the Kafka that the tests run", () => {
    expect(own.image).toBe(`salesboard:${version}`);
    const images = pod?.spec.containers
      .map(({ image }) => image)
      .filter((image) => /kafka/.test(image));
    if (name === "sidecar") expect(images).toEqual([`apache/kafka:${KAFKA_RELEASE}`]);
  });
});

describe("deploy/salesboard.service", () => {
  const unit = read("deploy/salesboard.service");
  const values = (key: string) =>
    [...unit.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map(([, value = ""]) => value);

  test("starts Salesboard on a Kafka, and not with made-up sales", () => {
    const [program, ...args] = values("ExecStart")[0]?.split(" ") ?? [];
    expect(program).toEndWith("/salesboard");
    expect(String(configOf(...args).command)).toBe("run");
    // Without a minus, systemd does not start it when the file is away.
    expect(values("EnvironmentFile")).toEqual(["/etc/salesboard/salesboard.env"]);
  });

  test("shuts it in, and lets JavaScript be compiled", () => {
    for (const key of ["DynamicUser", "NoNewPrivileges", "PrivateDevices", "RestrictNamespaces"]) {
      expect(values(key)).toEqual(["yes"]);
    }
    expect(values("ProtectSystem")).toEqual(["strict"]);
    expect(values("CapabilityBoundingSet")).toEqual([""]);
    expect(values("SystemCallFilter")).toEqual(["@system-service"]);
    expect(values("MemoryDenyWriteExecute")).toEqual([]);
  });

  test("is a unit that systemd understands, where there is one to ask", () => {
    const folder = mkdtempSync(join(tmpdir(), "salesboard-unit-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "salesboard.service");
    writeFileSync(file, unit.replace(/^ExecStart=\S+/m, "ExecStart=/bin/true"));
    if (Bun.which("systemd-analyze") === null) return;
    const { exitCode, stderr } = Bun.spawnSync(["systemd-analyze", "verify", file]);
    expect(stderr.toString()).toBe("");
    expect(exitCode).toBe(0);
  });
});
