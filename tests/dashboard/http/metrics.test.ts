import { expect, test } from "bun:test";
import { fedDashboard } from "../fixture.ts";

test("Metrics keeps the figures of each input topic apart, if there are several", async () => {
  const { dashboard } = await fedDashboard();
  const { metrics } = dashboard;
  metrics.report({ salesboard_aggregator_sales_total: 5, salesboard_x_lag: 2 }, "a");
  metrics.report({ salesboard_aggregator_sales_total: 7 }, "b");
  metrics.report({ salesboard_aggregator_sales_total: 6 }, "a");
  const { text } = await metrics.read();
  dashboard.close();
  expect(text).toContain('salesboard_aggregator_sales_total{topic="a"} 6\n');
  expect(text).toContain('salesboard_aggregator_sales_total{topic="b"} 7\n');
  expect(text).toContain('salesboard_x_lag{topic="a"} 2\n');
  expect(text).not.toMatch(/^salesboard_(x_lag|aggregator_sales_total) /m);
});
