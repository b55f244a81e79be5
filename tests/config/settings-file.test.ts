/** The file of --config: what counts when, what is refused in it, and what is never shown of it. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settingsText } from "../../src/config/help.ts";
import { rows } from "../../src/config/options.ts";
import { type Env, read, refusal } from "../support/settings.ts";

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "settings-"));
  path = join(folder, "salesboard.toml");
});
afterAll(() => rmSync(folder, { recursive: true }));

function withFile(content: string, args: string[] = [], env: Env = {}) {
  writeFileSync(path, content);
  return read(["config", "--config", path, ...args], env);
}

function refusalOf(content: string, args: string[] = []): string {
  writeFileSync(path, content);
  return refusal(["config", "--config", path, ...args]);
}

const full = `# A deployment
brokers = ["kafka-1:9093", "kafka-2:9093"]
roles = ["aggregator", "dashboard"]
port = 8080
history = "off"
commit-interval = "2s"
alert = ["nodata[5m]", "revenue > 1"]
json = true
map = """
product: title   
quantity: units
price: price
"""

[rdkafka]
"security.protocol" = "SASL_SSL"
sasl.username = "board"
sasl.password = "geheim"
`;

describe("settings of a file", () => {
  test("are those of the command line, by the names of options", () => {
    const { config } = withFile(full);
    expect(config).toMatchObject({
      brokers: "kafka-1:9093,kafka-2:9093",
      port: 8080,
      history: "off",
      commitIntervalMs: 2_000,
      json: true,
      rdkafka: {
        "security.protocol": "SASL_SSL",
        "sasl.username": "board",
        "sasl.password": "geheim",
      },
    });
    expect(config.alerts?.map(({ text }) => text)).toEqual(["nodata[5m]", "revenue > 1"]);
    expect(config.mapping).toEqual(
      read(["--map", "product: title; quantity: units; price: price"]).config.mapping,
    );
  });

  test("give way to options and variables, properties too", () => {
    const file = 'port = 1\ncurrency = "EUR"\ngroup = "file"\n[rdkafka]\n"client.id" = "file"';
    const env = { KAFKA_GROUP_ID: "variable", SALESBOARD_RDKAFKA_CLIENT_ID: "variable" };
    const { config } = withFile(file, ["--port", "3"], env);
    expect(config).toMatchObject({ port: 3, currency: "EUR", group: "variable" });
    expect(config.rdkafka).toEqual({ "client.id": "variable" });
    expect(withFile(file, ["-X", "client.id=option"], env).config.rdkafka).toEqual({
      "client.id": "option",
    });
  });

  test("rules of the command line replace those of the file, however it gives them", () => {
    const rules = join(folder, "orders.map");
    writeFileSync(rules, "product: a\nquantity: b\nprice: c");
    const byFile = `map-file = "${rules}"`;
    const other = ["--map", "product: x; quantity: y; price: z"];
    const given = (content: string, args: string[] = []) => withFile(content, args).config.mapping;
    expect(given(byFile)).toEqual(
      read(["--map", "product: a; quantity: b; price: c"]).config.mapping,
    );
    expect(given(byFile, other)).toEqual(read(other).config.mapping);
    expect(refusalOf(`${byFile}\nmap = "product: x"`)).toContain("both --map and --map-file");
  });

  test("are named as the source of a value, and no secret of them is shown", () => {
    const text = settingsText(withFile(`${full}\n`, ["--port", "1"]));
    expect(text).not.toContain("geheim");
    expect(JSON.parse(text)).toMatchObject({
      "--port": { value: 1, source: "option" },
      "--history": { value: "off", source: `config history in ${path}` },
      "-X sasl.password": { value: "[redacted]", source: `config sasl.password in ${path}` },
    });
    const hook = 'alert = "nodata[5m]"\nalert-webhook = "https://chat.example/geheim"';
    expect(settingsText(withFile(hook))).not.toContain("geheim");
    expect(refusalOf('alert-webhook = "geheim"')).not.toContain("geheim");
  });

  // Bun's parser repeats such a value: 'Strings must be quoted: "geheim"'.
  test("are shown in no sentence when the quotes of a secret are missing", () => {
    expect(refusalOf("port = 1\nschema-registry-token = geheim")).toBe(
      `Cannot use --config ${path}: it must be TOML (line 2: Strings must be quoted).`,
    );
    expect(refusalOf("[rdkafka]\nsasl.password = ge-heim#x")).not.toContain("heim");
  });

  test("can be named by a variable", () => {
    writeFileSync(path, "port = 7");
    expect(read([], { SALESBOARD_CONFIG: path }).config.port).toBe(7);
  });

  test("can be any option but those that belong on the command line", () => {
    for (const [key, { flag, kind }] of rows) {
      const sentence = refusalOf(`${flag.slice(2)} = { a = 1 }`);
      const isKnown = sentence.endsWith(`: it must be ${kind.accepts}.`);
      expect([flag, isKnown]).toEqual([flag, !["configFile", "yes"].includes(key)]);
    }
  });
});

describe("a file is refused", () => {
  test.each([
    ["prot = 1", "there is no such option; did you mean port?"],
    ["zzzzzzzzzz = 1", "it must be an option without its dashes, such as port, or the table"],
    ["yes = true", "give --yes on the command line"],
    ["port = 70000", "Cannot use the value 70000 of port in"],
    // It did not say what stands there.
    ["port = { a = 1 }", 'Cannot use the value {"a":1} of port in'],
    ['dashboard-token = ["ge", { heim = 1 }]', "Cannot use the value of dashboard-token in"],
    ['demo = "order"', "did you mean orders?"],
    ["port = 1\nport = 2", "it must be TOML (line 2: Cannot redefine key 'port')."],
    ['\n\npassword = "geheim', "it must be TOML (line 3: Unterminated string)."],
    ["rdkafka = 1", "it must be a table of properties"],
    ['[rdkafka]\n"group.id" = "x"', "use --group instead"],
    ["", "it is empty"],
  ])("with %j", (content, sentence) => {
    expect(refusalOf(content)).toContain(sentence);
  });

  test("that is not there, by the name that was given", () => {
    expect(refusal(["--config", "/nowhere.toml"])).toStartWith(
      "Cannot use --config /nowhere.toml: it must name a readable file",
    );
  });
});
