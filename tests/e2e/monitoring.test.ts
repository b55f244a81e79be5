/**
 * What deploy/ has for Grafana and Prometheus, judged by a Prometheus that reads the executable,
 * and by the schema that Grafana publishes, where these are.
 */

import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startSalesboard } from "../support/executable.ts";
import { endWithThisProcess } from "../support/guard.ts";
import {
  alerts,
  DASHBOARD_FILE,
  dashboard,
  monitoringMetrics,
  questionOf,
  RULES_FILE,
} from "../support/monitoring.ts";
import { freePorts } from "../support/ports.ts";
import { GRAFANA_SCHEMA, requirement } from "../support/require.ts";
import { hashOf, replaceFile, temporaryFolder } from "../support/users.ts";
import { waitFor } from "../support/wait.ts";

const folder = temporaryFolder();
const ends: (() => void)[] = [];
afterAll(() => {
  for (const end of ends) end();
  folder.remove();
});
const root = fileURLToPath(new URL("../..", import.meta.url));

/** tests/e2e/access.test.ts finds them all in the answer of the executable. */
test("panels and rules ask for metrics that there are", () => {
  const files = [...new Bun.Glob("src/**/*.ts").scanSync(root)];
  const source = files.map((file) => readFileSync(root + file, "utf8")).join("\n");
  const names = monitoringMetrics().filter((name) => name.startsWith("salesboard_"));
  expect(names.length).toBeGreaterThan(15);
  const isThere = (name: string) =>
    source.includes(name) || source.includes(`"${name.replace("salesboard_dashboard_", "")}"`);
  expect(names.filter((name) => !isThere(name))).toEqual([]);
});

describe("the dashboard for Grafana", () => {
  test("has panels side by side, each with a sentence and its question", () => {
    const taken = new Set<string>();
    for (const { title, description, gridPos, targets } of dashboard.panels) {
      expect([title, description.length > 0, targets.length > 0]).toEqual([title, true, true]);
      for (const { expr } of targets) expect(expr).toContain('job=~"$job"');
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([title, x < 24, taken.has(`${x} ${y}`)]).toEqual([title, true, false]);
          taken.add(`${x} ${y}`);
        }
      }
    }
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("asks the source that the reader chose, and no other", () => {
    const sources = [...JSON.stringify(dashboard).matchAll(/"uid":"([^"]+)"/g)];
    const names = sources.map(([, name]) => name);
    expect(new Set(names)).toEqual(new Set(["salesboard", `\${datasource}`]));
  });

  requirement("grafanaSchema")(
    "is what Grafana's own schema describes",
    () => {
      const given = readFileSync(DASHBOARD_FILE, "utf8");
      expect(problemsOf(given)).toBe("");
      const wrong = given.replace('"expr"', '"exp"').replace('"colorMode"', '"colourMode"');
      const problems = problemsOf(wrong);
      for (const name of ["exp", "colourMode"])
        expect(problems).toContain(`'"${name}"' does not exist`);
    },
    600_000,
  );
});

describe("the alert rules", () => {
  test("have names of their own, a severity and a sentence", () => {
    for (const { alert, labels, annotations } of alerts) {
      expect(["critical", "warning"]).toContain(labels.severity);
      expect([alert, annotations.summary]).toEqual([alert, expect.stringMatching(/^.{20,}\.$/)]);
    }
    const names = alerts.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    expect(names.every((name) => name.startsWith("Salesboard"))).toBe(true);
  });

  requirement("promtool")("are what Prometheus accepts, and fire when they should", () => {
    promtool("check", "rules", RULES_FILE);
    promtool("test", "rules", `${root}tests/fixtures/alert-cases.yml`);
  });

  requirement("promtool")("stand beside questions for Grafana that Prometheus understands", () => {
    const rules = dashboard.panels
      .flatMap(({ targets }) => targets)
      .map(({ expr }, i) => ({
        record: `panel_${i}`,
        expr: questionOf(expr),
      }));
    const file = folder.file("panels.yml");
    replaceFile(file, JSON.stringify({ groups: [{ name: "panels", rules }] }));
    promtool("check", "rules", file);
  });
});

requirement("promtool")(
  "Prometheus reads the executable, loads the rules, and has an answer for each panel",
  async () => {
    const [metrics = 0, own = 0] = await freePorts(2);
    replaceFile(folder.file("users"), `ada:${await hashOf("lovelace")}\n`);
    const alert = ["--rate", "50", "--alert", "revenue > 5"];
    const args = ["--port", "0", ...alert, "--metrics-port", String(metrics)];
    const board = startSalesboard([...args, "--users", folder.file("users")]);
    const ask = await startPrometheus(own, metrics);
    try {
      const questions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
      for (const expr of questions) {
        // The embedded broker has no settings of topics to look at.
        if (expr.includes("salesboard_topics_dangers")) continue;
        await waitFor(async () => (await ask("query", questionOf(expr))).result.length > 0, {
          what: `an answer to ${expr}`,
        });
      }
      const [sales] = (await ask("query", "salesboard_dashboard_sales")).result;
      expect(Number(sales?.value[1])).toBeGreaterThan(0);
      const loaded = (await ask("rules")).groups.flatMap(({ rules }) => rules);
      expect(loaded.map(({ name }) => name)).toEqual(alerts.map(({ alert }) => alert));
      const judged = () => ask("rules").then(({ groups }) => groups.flatMap(({ rules }) => rules));
      const areJudged = async () => (await judged()).every(({ health }) => health !== "unknown");
      await waitFor(areJudged, { what: "each rule to be judged once" });
      expect((await judged()).filter(({ health }) => health !== "ok")).toEqual([]);
    } finally {
      await board.stop();
    }
  },
  600_000,
);

/** With the settings of docs/operate.md. Returns what asks its API. */
async function startPrometheus(port: number, metrics: number) {
  const text = readFileSync(`${root}docs/operate.md`, "utf8");
  const block = /^```yaml\n(rule_files:.*?)^```$/ms.exec(text)?.[1] ?? "";
  const settings = block
    .replace("salesboard-alerts.yml", RULES_FILE)
    .replace("board:9464", `127.0.0.1:${metrics}`);
  const often = "global: { scrape_interval: 1s, evaluation_interval: 1s }\n";
  const [dir, file] = [folder.file("data"), folder.file("prometheus.yml")];
  replaceFile(file, often + settings);
  const own = [`--config.file=${file}`, `--storage.tsdb.path=${dir}`];
  const cmd = ["prometheus", ...own, `--web.listen-address=127.0.0.1:${port}`];
  const child = Bun.spawn({ cmd, stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  endWithThisProcess(child, dir);
  ends.push(() => child.kill("SIGKILL"));
  const url = `http://127.0.0.1:${port}`;
  const isReady = async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true;
  await waitFor(isReady, { what: "Prometheus" });
  return async (path: "query" | "rules", query = ""): Promise<Answer> => {
    const answer = await fetch(`${url}/api/v1/${path}?${new URLSearchParams({ query })}`);
    const { data, error } = (await answer.json()) as { data: Answer; error?: string };
    expect([query, error]).toEqual([query, undefined]);
    return data;
  };
}

/** What its API says: to a question, and of the rules. */
interface Answer {
  result: { value: [number, string] }[];
  groups: { rules: { name: string; health: string }[] }[];
}

/** What the compiler says against a dashboard, by the types that Grafana publishes. */
function problemsOf(dashboard: string): string {
  const types = readFileSync(`${root}tests/fixtures/grafana-dashboard.ts.txt`, "utf8");
  const file = folder.file("dashboard.ts");
  const schema = `${GRAFANA_SCHEMA}/dist/types/raw`;
  replaceFile(file, types.replaceAll("SCHEMA", schema) + dashboard);
  const options = "--noEmit --strict --skipLibCheck --target esnext --moduleResolution bundler";
  const compiler = `${root}node_modules/typescript/lib/tsc.js`;
  const cmd = ["node", compiler, ...options.split(" "), "--module", "esnext", "--types", "", file];
  return Bun.spawnSync({ cmd, cwd: folder.file(".") }).stdout.toString();
}

function promtool(...args: string[]): void {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["promtool", ...args]);
  expect([exitCode, `${stdout}${stderr}`]).toEqual([0, expect.any(String)]);
}
