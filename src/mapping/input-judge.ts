/** The judge that the settings ask for: of the mapping that is given, or of the flat sale. */

import type { SalesboardError } from "../lib/errors.ts";
import { timeZone } from "./exact/zone.ts";
import { misfitOf } from "./fit.ts";
import { FLAT_RULES, flatJudge } from "./flat.ts";
import { compileMapping, type InputFormat } from "./judge.ts";
import type { Judge, JudgedRecord } from "./model/judgement.ts";
import type { Mapping } from "./model/mapping.ts";
import { type BinaryFormat, isBinary, type Schemas } from "./model/schema.ts";
import { RegistrySchemas } from "./registry/registry-schemas.ts";
import { FLAT_FINGERPRINT, fingerprintOf } from "./rules/fingerprint.ts";
import { parseMapping } from "./rules/parse.ts";
import { type SchemaFile, sameSchema, schemaOfFile } from "./schema-file.ts";

/** The longest time of one request to a registry. */
const REGISTRY_REQUEST_MS = 10_000;

/** What of the settings says how records are judged. */
export interface JudgeSettings {
  /** Undefined = records are flat sales. */
  readonly mapping: Mapping | undefined;
  readonly inputFormat: InputFormat;
  /** IANA's name. */
  readonly timeZone: string;
  readonly currency: string;
  readonly inputTopic?: string;
  /** With user and password: a secret. */
  readonly schemaRegistry?: string | undefined;
  readonly schemaRegistryToken?: string | undefined;
  /** Certificates in PEM. */
  readonly schemaRegistryCa?: string | undefined;
  /** Where they stand; undefined = they were given as a text. */
  readonly schemaRegistryCaFile?: string | undefined;
  readonly schemaFile?: SchemaFile | undefined;
  readonly message?: string | undefined;
}

/**
 * `schemas`: those of the settings, unless others share them.
 * @throws SalesboardError with exit status 2 when rules do not fit the format
 */
export function inputJudge(settings: JudgeSettings, schemas = inputSchemas(settings)): Judge {
  const { mapping, inputFormat: format, currency } = settings;
  const zone = timeZone(settings.timeZone);
  if (mapping) return compileMapping(mapping, { format, schemas, currency, zone });
  if (!schemas) return flatJudge({ zone });
  return compileMapping(parseMapping(FLAT_RULES), { format, schemas, currency, zone });
}

/**
 * Where schemas come from; undefined = the format has none. `isLenient`: the rules need not fit.
 * @throws SalesboardError with exit status 2 when the schema's file cannot be used
 */
export function inputSchemas(
  settings: JudgeSettings,
  { isLenient = false } = {},
): Schemas | undefined {
  const { inputFormat: format, mapping, message, schemaFile, schemaRegistry: url } = settings;
  if (!isBinary(format)) return undefined;
  if (schemaFile) return sameSchema(schemaOfFile(schemaFile, { format, message }));
  if (url === undefined) return undefined;
  const { schemaRegistryCa: ca, schemaRegistryToken: token, inputTopic: topic = "" } = settings;
  return new RegistrySchemas({
    access: { url, ca, token, requestMs: REGISTRY_REQUEST_MS },
    format,
    topic,
    checkFit: mapping && !isLenient ? ({ root }, name) => misfitOf(mapping, root, name) : undefined,
  });
}

/** What is needed to read records that are neither JSON nor csv. */
export interface BinaryInput {
  readonly format: BinaryFormat;
  readonly schemas: Schemas;
}

/** For those who look at records without counting them: rules need not fit. As `inputSchemas`. */
export function binaryInput(settings: JudgeSettings): BinaryInput | undefined {
  const { inputFormat: format } = settings;
  const schemas = inputSchemas(settings, { isLenient: true });
  return isBinary(format) && schemas ? { format, schemas } : undefined;
}

/** What of a schema's file contradicts the rules; undefined = nothing. Throws as `inputSchemas`. */
export function misfitOfFile(settings: JudgeSettings): SalesboardError | undefined {
  const { inputFormat: format, mapping, message, schemaFile } = settings;
  if (!isBinary(format) || !schemaFile) return undefined;
  const { root } = schemaOfFile(schemaFile, { format, message });
  return mapping && misfitOf(mapping, root, schemaFile.path);
}

/** What bookkeeping says of the mapping. */
export function mappingFingerprint({ mapping }: Pick<JudgeSettings, "mapping">): string {
  return mapping ? fingerprintOf(mapping) : FLAT_FINGERPRINT;
}

/** Records that stand one behind the other, as in a batch of a consumer. */
export interface RecordColumns {
  key(i: number): Uint8Array | null;
  value(i: number): Uint8Array | null;
  headers(i: number): JudgedRecord["headers"];
}

/** Record `i`. Most mappings need neither key nor headers, so both are read only when asked for. */
export function judgedRecord(batch: RecordColumns, i: number, topic: string): JudgedRecord {
  return {
    topic,
    get key() {
      return batch.key(i);
    },
    value: batch.value(i),
    get headers() {
      return batch.headers(i);
    },
  };
}
