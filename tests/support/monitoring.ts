/** What deploy/ has for Grafana and Prometheus. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What a reader of the dashboard chooses from. */
interface Variable {
  name: string;
  query: string | { query: string };
}

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
export const DASHBOARD_FILE = `${folder}salesboard-grafana.json`;
export const RULES_FILE = `${folder}salesboard-alerts.yml`;

export const dashboard = JSON.parse(readFileSync(DASHBOARD_FILE, "utf8")) as {
  panels: Panel[];
  templating: { list: Variable[] };
};

const { groups } = Bun.YAML.parse(readFileSync(RULES_FILE, "utf8")) as {
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

/** The question of a panel, as Grafana asks it for all that there is. */
export function questionOf(expr: string): string {
  return expr.replaceAll("$job", ".*").replaceAll("$instance", ".*");
}
