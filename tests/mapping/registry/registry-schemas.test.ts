/** Records of clients that are not ours, by a registry that is slow, away, or has other schemas. */

import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { usageError } from "../../../src/lib/errors.ts";
import { judgeWhenReady } from "../../../src/mapping/awaiting.ts";
import type { JudgedRecord } from "../../../src/mapping/model/judgement.ts";
import type { BinaryFormat } from "../../../src/mapping/model/schema.ts";
import { RegistrySchemas } from "../../../src/mapping/registry/registry-schemas.ts";
import { framed } from "../../support/avro.ts";
import {
  clientRecord,
  clientSchemas,
  type Registry,
  startRegistry,
} from "../../support/registry.ts";
import { requirement } from "../../support/require.ts";
import { waitFor } from "../../support/wait.ts";
import { judgeOf, record, told } from "../records.ts";

const closing: Registry[] = [];
afterEach(async () => {
  for (const registry of closing.splice(0)) await registry.stop();
});

function open(options: Parameters<typeof startRegistry>[0] = {}): Registry {
  const registry = startRegistry(options);
  closing.push(registry);
  return registry;
}

const rules = {
  avro:
    "lines: lines[]; product: item; quantity: units; price: price.units; time: $.at; " +
    "currency: price.currency; returns: subtract",
  protobuf:
    "lines: lines[]; product: item; quantity: units; price: price.cents else 0 / 100; time: $.at",
};

interface Extra {
  url?: string;
  token?: string;
  ca?: string;
  sleep?: (ms: number) => Promise<void>;
  now?: () => number;
  checkFit?: () => Error | undefined;
}

function schemasOf(registry: Registry, format: BinaryFormat, extra: Extra = {}) {
  const { url = registry.url, token, ca, ...seams } = extra;
  const access = { url, ca, token, requestMs: 30_000 };
  return new RegistrySchemas({ access, format, topic: "orders", ...seams });
}

function judging(registry: Registry, format: BinaryFormat, extra: Extra = {}) {
  const schemas = schemasOf(registry, format, extra);
  const judge = judgeOf(rules[format], { format, schemas });
  const judged = async (one: JudgedRecord = clientRecord(`${format} order`)) =>
    told(await judgeWhenReady(judge, one, ({ arrival }) => arrival));
  return { judge, judged };
}

const kettle = {
  avro: [
    "Kettle 2 · 49.90 at 2026-11-27T02:04:05.678Z",
    "Käse -0.45 · -44999999999.9955 at 2026-11-27T02:04:05.678Z return",
  ],
  protobuf: [
    "Kettle 2 · 49.90 at 2026-11-27T02:04:05.678Z",
    "Free 1 · 0.00 at 2026-11-27T02:04:05.678Z",
  ],
};

/** Of 127.0.0.1, signed by itself. */
function certificate(): { cert: string; key: string } {
  const folder = mkdtempSync(`${tmpdir()}/salesboard-tls-`);
  const files = ["-keyout", `${folder}/key.pem`, "-out", `${folder}/cert.pem`];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  Bun.spawnSync(["openssl", "req", "-x509", "-days", "2", ...curve, ...subject, ...files]);
  const read = (name: string) => readFileSync(`${folder}/${name}`, "utf8");
  const pair = { cert: read("cert.pem"), key: read("key.pem") };
  rmSync(folder, { recursive: true });
  return pair;
}

describe("records of confluent-kafka's serializers", () => {
  test.each<[string, BinaryFormat]>([
    ["avro order", "avro"],
    ["avro order of a later schema", "avro"],
    ["avro order, its schema in a header", "avro"],
    ["protobuf order", "protobuf"],
    ["protobuf order, its schema in a header", "protobuf"],
  ])("are counted exactly: %s", async (name, format) => {
    const { judged } = judging(open(), format);
    expect(await judged(clientRecord(name))).toEqual(kettle[format]);
  });

  test("are counted too when the registry hands Protobuf out as text", async () => {
    const { judged } = judging(open({ isTextOnly: true }), "protobuf");
    expect(await judged()).toEqual(kettle.protobuf);
  });

  test("name the message that they are of", async () => {
    const schemas = schemasOf(open(), "protobuf");
    const judge = judgeOf("product: 'other'; quantity: a; price: 1", {
      format: "protobuf",
      schemas,
    });
    const one = clientRecord("protobuf first message");
    const verdict = await judgeWhenReady(judge, one, ({ arrival }) => arrival);
    expect(told(verdict)).toEqual(["other 7 · 7.00"]);
  });
});

describe("RegistrySchemas", () => {
  test("asks once for each schema and each one that it refers to, and keeps them", async () => {
    const registry = open();
    const { judged } = judging(registry, "avro");
    for (let i = 0; i < 3; i++) await judged();
    expect(registry.asked).toEqual(["/schemas/ids/2", "/subjects/shop.Money/versions/1"]);
  });

  test("makes a record of an unknown schema a dead letter, and asks again after a minute", async () => {
    let now = 0;
    const schemas: Record<string, (typeof clientSchemas)[string]> = {};
    const { judged } = judging(open({ schemas }), "avro", { now: () => now });
    expect(await judged()).toEqual(["schema 2: not in the registry"]);
    Object.assign(schemas, clientSchemas);
    expect(await judged()).toEqual(["schema 2: not in the registry"]);
    now = 61_000;
    expect(await judged()).toEqual(kettle.avro);
  });

  test.each<[string, Uint8Array, string]>([
    ["is not framed", new TextEncoder().encode("{}"), "received byte 123"],
    ["is empty", new Uint8Array(0), "the value is empty, so it names no schema"],
    ["ends in the id", Uint8Array.from([0, 0, 1]), "received byte 0 and 2 bytes"],
    ["names a GUID", Uint8Array.from([1, ...Array(16).fill(7)]), "schema's id, received byte 1"],
  ])("makes a value that %s a dead letter", async (_, value, sentence) => {
    const { judged } = judging(open(), "avro");
    expect((await judged(record(value))).join()).toContain(sentence);
  });

  test("makes records of a schema that cannot be used dead letters that say why", async () => {
    const schemas = { 2: { schemaType: "JSON", schema: "{}" } };
    expect(await judging(open({ schemas }), "avro").judged()).toEqual([
      "schema 2: it is of the type JSON, but --input-format is avro",
    ]);
    const { judged } = judging(open({ schemas: { 2: clientSchemas[2] as never } }), "avro");
    expect((await judged()).join()).toContain(
      "it refers to shop.Money version 1, which is not there",
    );
  });

  test.each<[string, () => Response, string]>([
    [
      "fails",
      () => new Response("no leader", { status: 503 }),
      "answers 503 (no leader). See its log",
    ],
    [
      "refuses us",
      () => Response.json({ message: "no" }, { status: 401 }),
      "Give a user and a password",
    ],
    ["is another server", () => new Response("<html>", { status: 404 }), "as no registry does"],
    ["answers nonsense", () => new Response("ok"), "as no registry does"],
  ])("waits, with growing pauses, while a registry %s", async (_, answer, sentence) => {
    const registry = open();
    registry.answer = answer;
    const pauses: number[] = [];
    const sleep = async (ms: number) => {
      pauses.push(ms);
      if (pauses.length === 10) registry.answer = undefined;
    };
    const { judge, judged } = judging(registry, "avro", { sleep });
    const first = judge.judge(clientRecord("avro order"));
    if (first.kind !== "awaiting") throw new Error("It does not wait");
    expect(first.schema).toMatchObject({ name: "schema 2", isHere: false, problem: undefined });
    expect(await judged()).toEqual(kettle.avro);
    expect(first.schema.isHere).toBe(true);
    expect(first.schema.problem).toContain(sentence);
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000]);
  });

  test("waits for a registry that is not there, and never says its password", async () => {
    const registry = startRegistry();
    await registry.stop();
    const url = registry.url.replace("http://", "http://till:s3cret@");
    const { judge } = judging(registry, "avro", { url, sleep: () => new Promise(() => {}) });
    const first = judge.judge(clientRecord("avro order"));
    if (first.kind !== "awaiting") throw new Error("It does not wait");
    await waitFor(() => first.schema.problem !== undefined, { what: "a problem" });
    const { problem } = first.schema;
    expect(problem).toContain(`the registry at ${registry.url} does not answer: `);
    expect(problem).not.toContain("s3cret");
  });

  test("sends the user and password of the URL, or the token", async () => {
    const basic = open({ authorization: `Basic ${btoa("till:s3:cret@")}` });
    const url = basic.url.replace("http://", "http://till:s3%3Acret%40@");
    expect(await judging(basic, "avro", { url }).judged()).toEqual(kettle.avro);
    const bearer = open({ authorization: "Bearer abc" });
    expect(await judging(bearer, "avro", { token: "abc" }).judged()).toEqual(kettle.avro);
  });

  requirement("openssl")(
    "trusts a registry by the certificate that is given, and no other",
    async () => {
      const tls = certificate();
      const registry = open({ tls });
      const { judged } = judging(registry, "avro", { ca: tls.cert });
      expect(await judged()).toEqual(kettle.avro);
      const { judge } = judging(registry, "avro", { sleep: () => new Promise(() => {}) });
      const first = judge.judge(clientRecord("avro order"));
      if (first.kind !== "awaiting") throw new Error("It does not wait");
      await waitFor(() => first.schema.problem !== undefined, { what: "a problem" });
      expect(first.schema.problem).toMatch(/does not answer: .*(self.signed|certificate)/i);
    },
  );

  /**
   * The fast path goes on behind records of the schemas that it has. If the judge forgot one and
   * waited for it again, those records would be counted twice.
   */
  test("never forgets a schema that the fast path has, however many others come", async () => {
    const text = JSON.stringify({ type: "record", name: "R", fields: [] });
    const ids = Array.from({ length: 1_200 }, (_, i) => i + 1);
    const registry = open({
      schemas: Object.fromEntries(ids.map((id) => [id, { schemaType: "AVRO", schema: text }])),
    });
    const schemas = schemasOf(registry, "avro");
    const judge = judgeOf("product: 'x'; price: 1", { format: "avro", schemas });
    const of = (id: number) => record(framed(id, new Uint8Array()));
    const first = ids.slice(0, 100);
    for (const id of first) await judgeWhenReady(judge, of(id), ({ arrival }) => arrival);
    const others = ids.slice(100).map((id) => judge.judge(of(id)));
    await Promise.all(others.map((one) => one.kind === "awaiting" && one.schema.arrival));
    expect(schemas.ready.map(({ id }) => id)).toEqual(first);
    const forgotten = ids.filter((id) => judge.judge(of(id)).kind === "awaiting");
    expect(forgotten[0]).toBe(101);
    await judgeWhenReady(judge, of(101), ({ arrival }) => arrival);
    expect(first.filter((id) => judge.judge(of(id)).kind === "awaiting")).toEqual([]);
  }, 600_000);

  test("has nothing for the fast path of Protobuf, nor by a GUID", async () => {
    const registry = open();
    const schemas = schemasOf(registry, "avro");
    const judge = judgeOf(rules.avro, { format: "avro", schemas });
    const one = clientRecord("avro order, its schema in a header");
    await judgeWhenReady(judge, one, ({ arrival }) => arrival);
    expect(schemas.ready).toEqual([]);
    const protobuf = schemasOf(registry, "protobuf");
    const another = judgeOf(rules.protobuf, { format: "protobuf", schemas: protobuf });
    await judgeWhenReady(another, clientRecord("protobuf order"), ({ arrival }) => arrival);
    expect(protobuf.ready).toEqual([]);
  });

  // A null header let the first 17 bytes of a value pass for a GUID: the registry was asked for it.
  test("takes no bytes of a value for a GUID because a header is null", async () => {
    const registry = open();
    const headers = [{ name: "__value_schema_id", value: null }];
    const value = Uint8Array.from([1, ...Array.from({ length: 20 }, () => 7)]);
    const { judged } = judging(registry, "avro");
    const [reason] = await judged({ topic: "orders", key: null, value, headers });
    expect(reason).toStartWith("the value names no schema");
    expect(registry.asked).toEqual([]);
  });

  test("keeps the path of the URL", async () => {
    const registry = open();
    const asked = judging(registry, "avro", { url: `${registry.url}/apis/ccompat/v7/` });
    expect((await asked.judged()).join()).toBe("schema 2: not in the registry");
    expect(registry.asked).toEqual(["/apis/ccompat/v7/schemas/ids/2"]);
  });

  test("holds rules against the latest schema of the topic once, and fails when they do not fit", async () => {
    const registry = open();
    let isFit = true;
    const checks: number[] = [];
    const checkFit = () => {
      checks.push(1);
      return isFit ? undefined : usageError("It does not fit.");
    };
    const { judged } = judging(registry, "avro", { checkFit });
    await judged();
    await judged(clientRecord("avro order of a later schema"));
    expect(checks).toEqual([1]);
    expect(registry.asked).toContain("/subjects/orders-value/versions/latest");
    isFit = false;
    const { judged: another } = judging(registry, "avro", { checkFit });
    await expect(another()).rejects.toThrow("It does not fit.");
  });
});
