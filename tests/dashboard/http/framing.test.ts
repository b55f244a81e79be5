import { expect, test } from "bun:test";
import { fedDashboard } from "../fixture.ts";

test("the sites that its settings name may show pages in a frame, and nobody else", async () => {
  const policyOf = async (...args: string[]) => {
    const { dashboard } = await fedDashboard(...args);
    const { headers } = await dashboard.app.request("/?kiosk");
    dashboard.close();
    return headers.get("content-security-policy") ?? "";
  };
  const origins = "https://wall.example.com,http://10.0.0.7:8080";
  expect(await policyOf()).toEndWith("; frame-ancestors 'none'");
  expect(await policyOf("--frame-ancestors", origins)).toEndWith(
    "; frame-ancestors https://wall.example.com http://10.0.0.7:8080",
  );
});
