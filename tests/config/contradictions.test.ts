import { describe, expect, test } from "bun:test";
import { settingsText } from "../../src/config/help.ts";
import { kafka, read, refusal } from "../support/settings.ts";
import { replaceFile, temporaryFolder } from "../support/users.ts";

describe("an address that other machines reach", () => {
  const sentence = (source: string) =>
    `Cannot use ${source} alone: everybody who reaches this address would read the board. Let people`;

  test.each(["0.0.0.0", "::", "10.0.0.7", "board"])("%s is refused without a gate", (host) => {
    expect(refusal(["--host", host])).toStartWith(sentence(`--host ${host}`));
    expect(refusal(["serve", ...kafka], { HOST: host })).toStartWith(sentence(`HOST=${host}`));
    expect(refusal(["--host", host])).toContain(
      "--insecure-listen (SALESBOARD_INSECURE_LISTEN=true)",
    );
  });

  test.each(["--users u", "--tokens t", "--trusted-proxy 10.0.0.1", "--insecure-listen"])(
    "is accepted with %s",
    (option) => {
      expect(read(["--host", "0.0.0.0", ...option.split(" ")]).config.host).toBe("0.0.0.0");
    },
  );

  test("is accepted where no dashboard listens, and by the command config", () => {
    for (const command of ["produce", "aggregate", "verify", "health", "config"]) {
      expect(read([command, ...kafka], { HOST: "0.0.0.0" }).config.host).toBe("0.0.0.0");
    }
  });
});

test.each(["localhost", "127.0.0.1", "127.0.0.9", "::1"])("%s needs no gate", (host) => {
  expect(read(["--host", host]).config.insecureListen).toBe(false);
});

test("TLS needs a certificate and its key", () => {
  expect(refusal(["--tls-cert", "c"])).toStartWith("Cannot use --tls-cert without --tls-key: TLS");
  expect(refusal(["--tls-key", "k"])).toStartWith("Cannot use --tls-key without --tls-cert: TLS");
});

test("http:// leads to https:// only where there is one", () => {
  expect(refusal(["--http-redirect-port", "80"])).toStartWith(
    "Cannot use --http-redirect-port 80 without --tls-cert: there is no https:// address",
  );
});

test("a header says who reads only where a proxy is believed", () => {
  expect(refusal(["--proxy-user-header", "Remote-User"])).toStartWith(
    "Cannot use --proxy-user-header Remote-User without --trusted-proxy: no proxy is believed.",
  );
});

test.each([
  ["--metrics-port 3000", "--metrics-port 3000 together with --port 3000"],
  ["--port 9 --metrics-port 9", "--metrics-port 9 together with --port 9"],
  [
    "--tls-cert c --tls-key k --metrics-port 9 --http-redirect-port 9",
    "--http-redirect-port 9 together with --metrics-port 9",
  ],
])("%s: each needs a port of its own", (words, sentence) => {
  expect(refusal(words.split(" "))).toBe(`Cannot use ${sentence}: each needs a port of its own.`);
});

// --target and --insecure-listen were accepted, and did nothing.
test.each([
  "--alert revenue<1",
  "--insecure-listen",
  "--metrics-port 9100",
  "--proxy-user-header Remote-User",
  "--target 5000",
  "--tls-cert c",
  "--tokens t",
  "--trusted-proxy 10.0.0.1",
  "--users u",
])("%s needs a dashboard", (option) => {
  const words = option.split(" ");
  expect(refusal(["aggregate", ...kafka, ...words])).toBe(
    `Cannot use ${words[0]} with aggregate and the roles aggregator: it applies only to serve, or ` +
      "to run with the role dashboard.",
  );
});

test.each([
  [
    "--json",
    "--json with serve: it applies only to verify, inspect, doctor, top, config and health.",
  ],
  ["--last 5", "--last 5 with serve: it applies only to inspect and doctor."],
  ["--once", "--once with serve: it applies only to the command top."],
  ["--by store", "--by store with serve: it applies only to the command top."],
  ["--role guest", "--role guest with serve: it applies only to the command token."],
  ["--roles dashboard", "--roles dashboard with serve: it applies only to run and doctor."],
  ["--url http://a", "--url http://a with serve: it applies only to health, doctor and top."],
])("%s is refused by a command that does not use it", (option, sentence) => {
  expect(refusal(["serve", ...kafka, ...option.split(" ")])).toStartWith(`Cannot use ${sentence}`);
});

test("the token for a dashboard is shown nowhere, wherever it comes from", () => {
  const folder = temporaryFolder();
  const file = folder.file("token");
  replaceFile(file, "geheim\n");
  const { config } = read(["top"], { SALESBOARD_DASHBOARD_TOKEN_FILE: file });
  expect(config.dashboardToken).toBe("geheim");
  for (const env of [
    { SALESBOARD_DASHBOARD_TOKEN_FILE: file },
    { SALESBOARD_DASHBOARD_TOKEN: "geheim" },
  ]) {
    expect(settingsText(read(["config"], env))).toMatch(/^--dashboard-token +\[redacted\]/m);
  }
  for (const wrong of ["ge heim", "geheim é", "geheim\n", "geheim".repeat(1_000)]) {
    expect(refusal(["top", "--dashboard-token", wrong])).toBe(
      "Cannot use the value of --dashboard-token: it must be 1 to 4096 visible characters of " +
        "ASCII, without spaces.",
    );
  }
  folder.remove();
});

describe("the topic of a dimension", () => {
  const rules = "product: p; price: 1; by store: s";

  test("is nobody else's", () => {
    expect(refusal(["--map", rules, "--output-topic", "o", "--history-topic", "o.by-store"])).toBe(
      "Cannot use --history-topic o.by-store: the rule by store writes to the topic o.by-store.",
    );
  });

  test("has a name that Kafka accepts", () => {
    const output = "o".repeat(241);
    expect(refusal(["--map", rules, "--output-topic", output])).toContain(
      `Cannot use the rule by store: ${output}.by-store has more than 249 characters.`,
    );
  });
});
