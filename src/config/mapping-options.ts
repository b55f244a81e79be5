/** The options that say how records are read. */

import { z } from "zod";
import { inputFormats } from "../mapping/judge.ts";
import { DIMENSION_NAME } from "../mapping/model/mapping.ts";
import {
  type Kind,
  mappingRules,
  type Option,
  oneOf,
  plainText,
  zoneName,
} from "./option-types.ts";
import { certificate, registryUrl } from "./registry-types.ts";

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

/** What may stand behind `by` in a mapping. */
export function dimensionName(): Kind<string> {
  return {
    accepts: "a name such as store: a to z first, then a to z, 0 to 9, _ and -",
    schema: z.string().regex(new RegExp(`^${DIMENSION_NAME.source}$`)),
  };
}
