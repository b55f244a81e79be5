/** The command line that is proposed can be pasted: it has all options but secrets. */

import { expect, test } from "bun:test";
import { schemaOptions } from "../../src/inspect/command-line.ts";
import { configOf } from "../support/context.ts";

const args = ["inspect", "--brokers", "k:9092", "--input-format", "avro"] as const;
const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

test("a registry is named without its password, its token and the text of its certificates", () => {
  const registry = ["--schema-registry", "https://till:s3cret@registry:8081"];
  const secrets = ["--schema-registry-token", "s3cret", `--schema-registry-ca=${pem}`];
  const config = configOf(...args, ...registry, ...secrets);
  const options = schemaOptions(config);
  expect(options?.map(([option]) => option)).toEqual(["--schema-registry", "--schema-registry-ca"]);
  expect(options?.[1]).toEqual(["--schema-registry-ca", "FILE"]);
  expect(JSON.stringify(options)).not.toContain("s3cret");
});

// The command that was proposed did not trust the registry that was just asked.
test("the file of a registry's certificates is named", () => {
  const config = configOf(...args, "--schema-registry", "https://registry:8081");
  const options = schemaOptions({
    ...config,
    schemaRegistryCa: pem,
    schemaRegistryCaFile: "/etc/ca.pem",
  });
  expect(options).toContainEqual(["--schema-registry-ca", "/etc/ca.pem"]);
});
