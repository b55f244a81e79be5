/** What deploy/ has for Grafana and Prometheus, judged by Prometheus's own tool where it is. */

import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { alerts, dashboard, monitoringMetrics } from "../support/monitoring.ts";
import { requirement } from "../support/require.ts";
import { replaceFile, temporaryFolder } from "../support/users.ts";

const folder = temporaryFolder();
afterAll(() => folder.remove());
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
    const file = `${root}deploy/salesboard-alerts.yml`;
    promtool("check", "rules", file);
    promtool("test", "rules", `${root}tests/fixtures/alert-cases.yml`);
  });

  requirement("promtool")("stand beside questions for Grafana that Prometheus understands", () => {
    const rules = dashboard.panels
      .flatMap(({ targets }) => targets)
      .map(({ expr }, i) => ({
        record: `panel_${i}`,
        expr: expr.replaceAll("$job", ".*").replaceAll("$instance", ".*"),
      }));
    const file = folder.file("panels.yml");
    replaceFile(file, JSON.stringify({ groups: [{ name: "panels", rules }] }));
    promtool("check", "rules", file);
  });
});

function promtool(...args: string[]): void {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["promtool", ...args]);
  expect([exitCode, `${stdout}${stderr}`]).toEqual([0, expect.any(String)]);
}
