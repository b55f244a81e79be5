/** The options that say how records are read. */

import { z } from "zod";
import { timeZone } from "../mapping/exact/zone.ts";
import { inputFormats } from "../mapping/judge.ts";
import { DIMENSION_NAME, type Mapping } from "../mapping/model/mapping.ts";
import { publicUrl } from "../mapping/registry/http.ts";
import { parseMapping } from "../mapping/rules/parse.ts";
import { printMapping } from "../mapping/rules/print.ts";
import { splitRules } from "../mapping/rules/split.ts";
import { type Kind, type Option, oneOf, plainText } from "./option-types.ts";

const URL_MAX = 4096;
/** A bundle of all public authorities has 0.3 MB. */
const PEM_MAX = 1024 * 1024;
const ZONE_MAX = 4096;

export const mappingOptions = {
  mapping: {
    flag: "--map",
    argument: "RULES",
    env: "SALESBOARD_MAP",
    absent: "flat sales: product, quantity, price, timestamp",
    kind: mappingRules(),
    meaning:
      "where a record has its sales, such as 'lines: items[]; product: title; price: unit_price'; repeatable",
    separator: "\n",
    isPublic: true,
  },
  mappingFile: {
    flag: "--map-file",
    argument: "FILE",
    absent: "none",
    kind: plainText(4096),
    meaning: "file with the rules of --map; # begins a comment",
    fileOf: "mapping",
  },
  inputFormat: {
    flag: "--input-format",
    argument: "F",
    env: "SALESBOARD_INPUT_FORMAT",
    default: "json",
    kind: oneOf(inputFormats),
    meaning: "format of the records: json, avro, protobuf, csv",
  },
  schemaRegistry: {
    flag: "--schema-registry",
    argument: "URL",
    env: "SALESBOARD_SCHEMA_REGISTRY",
    absent: "none",
    kind: registryUrl(),
    meaning: "Confluent-compatible registry of the schemas of avro and protobuf records",
    // It may have a password in it.
    isSecret: true,
  },
  schemaRegistryToken: {
    flag: "--schema-registry-token",
    argument: "TOKEN",
    env: "SALESBOARD_SCHEMA_REGISTRY_TOKEN",
    absent: "none",
    kind: plainText(16_384),
    meaning: "bearer token for the registry",
    isSecret: true,
  },
  schemaRegistryCa: {
    flag: "--schema-registry-ca",
    argument: "FILE",
    env: "SALESBOARD_SCHEMA_REGISTRY_CA",
    absent: "the system's",
    kind: certificate(),
    meaning: "certificates in PEM that the registry's is checked against",
  },
  schema: {
    flag: "--schema",
    argument: "FILE",
    env: "SALESBOARD_SCHEMA",
    absent: "none",
    kind: plainText(4096),
    meaning:
      "schema of avro or protobuf records that name none: .avsc, a descriptor set, or .proto",
  },
  message: {
    flag: "--message",
    argument: "NAME",
    env: "SALESBOARD_MESSAGE",
    absent: "the only one in --schema",
    kind: plainText(1024),
    meaning: "protobuf message of the records in --schema, such as shop.Order",
  },
  timeZone: {
    flag: "--time-zone",
    argument: "ZONE",
    env: "SALESBOARD_TIME_ZONE",
    default: "UTC",
    kind: zoneName(),
    meaning: "time zone of days, and of times in records that name none",
  },
} as const satisfies Record<string, Option<unknown>>;

/** A user and a password may stand in it, and are not shown. */
function registryUrl(): Kind<string> {
  return {
    accepts:
      "an http:// or https:// URL such as https://registry:8081 or http://user:password@registry:8081",
    schema: z
      .string()
      .max(URL_MAX)
      .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))
      .transform((text) => new URL(text).href),
    format: publicUrl,
    redacts: true,
  };
}

/** Certificates, or the name of a file with them. */
function certificate(): Kind<string> {
  return {
    accepts: "a file with certificates in PEM (-----BEGIN CERTIFICATE-----), or such a text",
    schema: z.string().max(PEM_MAX),
    format: (text) => (isPem(text) ? "certificates in PEM" : text),
  };
}

export function isPem(text: string): boolean {
  return text.includes("-----BEGIN CERTIFICATE-----");
}

/** Where a record has its sales. A wrong rule throws, with a caret under its place. */
function mappingRules(): Kind<Mapping> {
  return {
    accepts: "rules such as 'product: title; price: unit_price'",
    schema: z.string().transform((text) => parseMapping(text)),
    format: printMapping,
    fromFile: (content) => splitRules(content, { hasComments: true }).join("\n"),
  };
}

/** IANA's name of a time zone. */
function zoneName(): Kind<string> {
  return {
    accepts: "a time zone such as UTC or Europe/Vienna",
    schema: z.string().max(ZONE_MAX).refine(isZone),
  };
}

function isZone(name: string): boolean {
  try {
    timeZone(name);
    return true;
  } catch {
    return false;
  }
}

/** What may stand behind `by` in a mapping. */
export function dimensionName(): Kind<string> {
  return {
    accepts: "a name such as store: a to z first, then a to z, 0 to 9, _ and -",
    schema: z.string().regex(new RegExp(`^${DIMENSION_NAME.source}$`)),
  };
}
