/** The judge that the settings ask for: of the mapping that is given, or of the flat sale. */

import { timeZone } from "./exact/zone.ts";
import { flatJudge } from "./flat.ts";
import { compileMapping, type InputFormat } from "./judge.ts";
import type { Judge, JudgedRecord } from "./model/judgement.ts";
import type { Mapping } from "./model/mapping.ts";
import { FLAT_FINGERPRINT, fingerprintOf } from "./rules/fingerprint.ts";

/** What of the settings says how records are judged. */
export interface JudgeSettings {
  /** Undefined = records are flat sales. */
  readonly mapping: Mapping | undefined;
  readonly inputFormat: InputFormat;
  /** IANA's name. */
  readonly timeZone: string;
  readonly currency: string;
}

/** @throws SalesboardError with exit status 2 when rules do not fit the format */
export function inputJudge(settings: JudgeSettings): Judge {
  const { mapping, inputFormat: format, currency } = settings;
  const zone = timeZone(settings.timeZone);
  return mapping ? compileMapping(mapping, { format, currency, zone }) : flatJudge({ zone });
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
