import { describe, expect, test } from "bun:test";
import { helpText, settingsText, shortHelpText } from "../../src/config/help.ts";
import { options, type rows } from "../../src/config/options.ts";
import { kafka, read } from "../support/settings.ts";

describe("settingsText", () => {
  const args = ["config", ...kafka, "--rate", "5", "-X", "client.id=\x1b[31m"];
  const env = {
    SALESBOARD_COMMIT_INTERVAL: "2s",
    SALESBOARD_ALERT: "nodata[5m]; revenue > 1",
    SALESBOARD_ALERT_WEBHOOK: "https://chat.example/geheim",
    SALESBOARD_RDKAFKA_SASL_PASSWORD: "geheim",
    SALESBOARD_RDKAFKA_SSL_KEY_PEM: "geheim",
    SALESBOARD_RDKAFKA_SASL_OAUTHBEARER_CLIENT_SECRET: "geheim",
    SALESBOARD_RDKAFKA_SASL_OAUTHBEARER_CLIENT_CREDENTIALS_CLIENT_SECRET: "geheim",
  };

  test("aligns option, value and origin, without secrets and control characters", () => {
    const text = settingsText(read(args, env));
    expect(text).toMatch(/^option +value +source$/m);
    expect(text).toMatch(/^--rate +5 +option$/m);
    expect(text).toMatch(/^--commit-interval +2s +environment SALESBOARD_COMMIT_INTERVAL$/m);
    expect(text).toMatch(/^--seed +random +default$/m);
    expect(text).toMatch(/^--alert +nodata\[5m\]; revenue > 1 +environment SALESBOARD_ALERT$/m);
    expect(text).toMatch(/^--alert-webhook +\[redacted\] +environment SALESBOARD_ALERT_WEBHOOK$/m);
    expect(text).toMatch(/^--roles +aggregator,dashboard +default$/m);
    expect(text).toMatch(
      /^-X sasl.password +\[redacted\] +environment SALESBOARD_RDKAFKA_SASL_PASSWORD$/m,
    );
    expect(text).toContain('"\\u001b[31m"');
    expect(text).not.toContain("geheim");
  });

  test("redacts a secret of the command line too", () => {
    const webhook = ["--alert", "nodata[5m]", "--alert-webhook", "https://chat.example/geheim"];
    expect(settingsText(read(["config", ...webhook]))).toMatch(
      /^--alert-webhook +\[redacted\] +option$/m,
    );
  });

  test("prints JSON with --json", () => {
    const text = settingsText(read([...args, "--json"], env));
    expect(text).not.toContain("geheim");
    expect(JSON.parse(text)).toMatchObject({
      "--rate": { value: 5, source: "option" },
      "--seed": { value: null, source: "default" },
      "--commit-interval": { value: "2s", source: "environment SALESBOARD_COMMIT_INTERVAL" },
      "-X ssl.key.pem": { value: "[redacted]" },
    });
  });
});

const wide = (text: string) => text.split("\n").filter((line) => line.length > 80);

describe("helpText", () => {
  test("names every option once, with its variable and default, within 80 columns", () => {
    const text = helpText("1.2.3");
    // A word is never cut, so the text is the same without its line ends.
    const plain = text.replaceAll(/\s+/g, " ");
    for (const { flag, env, default: value } of Object.values<(typeof rows)[number][1]>(options)) {
      expect(text.match(new RegExp(`^  ${flag}(?= )`, "gm"))).toHaveLength(1);
      for (const part of [env, value === "false" ? undefined : value]) {
        if (part) expect(plain).toContain(part);
      }
    }
    expect(text).toContain("1.2.3");
    expect(wide(text)).toEqual([]);
  });
});

describe("shortHelpText", () => {
  test("is short, and says where the rest is", () => {
    const text = shortHelpText("1.2.3");
    expect(text.split("\n").length).toBeLessThanOrEqual(36);
    expect(text).toMatch(/--brokers.*--help lists all options\.$/s);
    expect(wide(text)).toEqual([]);
  });
});
