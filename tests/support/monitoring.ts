/** What deploy/ has for Grafana and Prometheus. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

interface Panel {
  id: number;
  title: string;
  description: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string }[];
}

interface AlertRule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string };
}

const folder = fileURLToPath(new URL("../../deploy/", import.meta.url));
const read = (name: string) => readFileSync(folder + name, "utf8");

export const dashboard = JSON.parse(read("salesboard-grafana.json")) as { panels: Panel[] };

const { groups } = Bun.YAML.parse(read("salesboard-alerts.yml")) as {
  groups: { rules: AlertRule[] }[];
};
export const alerts = groups.flatMap(({ rules }) => rules);

/** The names that panels and rules ask for, each once; `up` is of Prometheus itself. */
export function monitoringMetrics(): string[] {
  const questions = [...dashboard.panels.flatMap(({ targets }) => targets), ...alerts];
  const names = questions.flatMap(
    ({ expr }) => expr.match(/\b(salesboard|process)_[a-z_]+/g) ?? [],
  );
  return [...new Set(names)].sort();
}
