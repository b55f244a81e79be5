import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settingsText } from "../../src/config/help.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { read, refusal } from "../support/settings.ts";

describe("readArguments", () => {
  test.each([
    [["--help"], "help"],
    [["produce", "-h"], "shortHelp"],
    [["--port", "x", "--nonsense", "--help"], "help"],
    [["help"], "help"],
    [["--version"], "version"],
    [["man"], "man"],
    [["completion", "zsh"], "zsh"],
    [["--json", "completion", "fish"], "fish"],
  ] as const)("shows what %j asks for", (args, show) => {
    expect(readConfig({ args, env: { PORT: "x" } })).toEqual({ show });
  });

  test.each<[string[], string]>([
    [["--prot", "1"], "Cannot use option --prot: there is no such option; did you mean --port?"],
    [["--zzzzzz"], "Cannot use option --zzzzzz: there is no such option; --help lists them."],
    [["-z"], "Cannot use option -z: there is no such option; --help lists them."],
    [["--__proto__=1"], "Cannot use option --__proto__: there is no such option"],
    [["sevre"], "Cannot use command sevre: it must be one of run, produce"],
    [["sevre"], "; did you mean serve?"],
    [["completion"], "Cannot use completion without a shell: it must be one of bash, zsh, fish."],
    [["completion", "bsh"], "; did you mean bash?"],
    [["completion", "bash", "zsh"], "Cannot use zsh after completion"],
    [["man", "bash"], "Cannot use bash after man"],
    [["run", "fast"], "Cannot use fast after run: there can be only one command."],
    [["token"], "Cannot use command token alone: it must be one of create, list, revoke"],
    [
      ["token", "creat"],
      "Cannot use creat after token: it must be one of create, list, revoke; did",
    ],
    [["token", "list", "all"], "Cannot use all after token: there can be only one command."],
    [["--port"], "Cannot use --port without a value: the value must be an integer"],
    [["--port", "--json"], "Cannot use --port without a value"],
    [["-X"], "Cannot use -X without a value: the value must be key=value."],
    [["-X", "client.id"], "Cannot use -X client.id: it must be key=value"],
    [["-X", "__proto__=1"], "Cannot use -X __proto__=1: it must be key=value"],
    [["config", "--json=no"], "Cannot use --json=no: it takes no value."],
  ])("refuses %j", (args, sentence) => {
    expect(refusal(args)).toContain(sentence);
  });
});

describe("environment", () => {
  test("collects librdkafka's properties, option before environment", () => {
    const env = {
      KAFKA_BOOTSTRAP_SERVERS: "kafka:9092",
      SALESBOARD_RDKAFKA_SASL_USERNAME: "env",
      SALESBOARD_RDKAFKA_CLIENT_ID: "env",
      SALESBOARD_RDKAFKA_SASL_OAUTHBEARER_ASSERTION_FILE: "/run/assertion",
    };
    const args = ["-X", "client.id=option", "-Xssl.ca.pem=a=b\nc", "-X", "client.rack="];
    expect(read(args, env).config.rdkafka).toEqual({
      "sasl.username": "env",
      "client.id": "option",
      "sasl.oauthbearer.assertion.file": "/run/assertion",
      "ssl.ca.pem": "a=b\nc",
      "client.rack": "",
    });
  });

  test("warns of variables that nothing reads", () => {
    const env = { SALESBOARD_INPUT_TOPICS: "a", SALESBOARD_PORT_FILE: "", PORTS: "1" };
    expect(read([], env).warnings).toEqual([
      "Ignoring the unknown environment variable SALESBOARD_INPUT_TOPICS; " +
        "did you mean SALESBOARD_INPUT_TOPIC?",
    ]);
  });
});

describe("NAME_FILE", () => {
  let folder = "";
  const file = (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "salesboard-config-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("gives the content without the last line break, of any variable", () => {
    const env = {
      KAFKA_BOOTSTRAP_SERVERS_FILE: file("brokers", "kafka:9092\r\n"),
      SALESBOARD_RDKAFKA_SASL_PASSWORD_FILE: file("password", " geheim \n\n"),
    };
    const { config } = read([], env);
    expect(config.brokers).toBe("kafka:9092");
    expect(config.rdkafka).toEqual({ "sasl.password": " geheim \n" });
  });

  test("is refused beside NAME", () => {
    const env = { PORT: "1", PORT_FILE: file("port", "2") };
    expect(refusal([], env)).toBe("Cannot use both PORT and PORT_FILE: set only one of them.");
  });

  test("is refused when it cannot be read, is empty or too large", () => {
    const missing = join(folder, "missing");
    expect(refusal([], { PORT_FILE: missing })).toContain(
      `Cannot use PORT_FILE=${missing}: it must`,
    );
    expect(refusal([], { PORT_FILE: folder })).toContain("EISDIR");
    expect(refusal([], { PORT_FILE: file("empty", "\n") })).toContain("it is empty");
    const large = file("large", new Uint8Array(1024 * 1024 + 1));
    expect(refusal([], { PORT_FILE: large })).toContain("it has more than 1048576 bytes");
  });

  test("never has its content repeated", () => {
    expect(refusal([], { PORT_FILE: file("secret", "geheim") })).toBe(
      "Cannot use the content of PORT_FILE: it must be an integer from 0 to 65535.",
    );
  });

  test("is shown as origin by settingsText, its content redacted", () => {
    const text = settingsText(read(["config"], { PORT_FILE: file("port", "4711\n") }));
    expect(text).toMatch(/^--port +\[redacted\] +file PORT_FILE$/m);
    expect(text).not.toContain("4711");
  });
});
