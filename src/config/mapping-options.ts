/** The options that say how records are read. */

import { inputFormats } from "../mapping/judge.ts";
import { mappingRules, type Option, oneOf, plainText, zoneName } from "./option-types.ts";

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
    meaning: "format of the records: json, csv",
  },
  timeZone: {
    flag: "--time-zone",
    argument: "ZONE",
    env: "SALESBOARD_TIME_ZONE",
    default: "UTC",
    kind: zoneName(),
    meaning: "time zone of times in records that name none",
  },
} as const satisfies Record<string, Option<unknown>>;
