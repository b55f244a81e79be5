/** The command `inspect`: what is in a topic or file, and which mapping would count it. */

import type { Kafka } from "../kafka/kafka.ts";
import { arrivalWithin, judgeWhenReady } from "../mapping/awaiting.ts";
import type { TimeZone } from "../mapping/exact/zone.ts";
import type { Judge } from "../mapping/model/judgement.ts";
import type { Mapping } from "../mapping/model/mapping.ts";
import { printMapping } from "../mapping/rules/print.ts";
import type { CommandParts } from "./command-line.ts";
import { readFileSample } from "./file-sample.ts";
import { findingsOf } from "./findings.ts";
import { findingsJson } from "./json.ts";
import { findingsText } from "./print.ts";
import { styleOf } from "./print-table.ts";
import type { SampleOptions } from "./proposal/propose.ts";
import { readTopicSample } from "./topic-sample.ts";

export interface InspectOptions {
  /** A file or `-`; undefined = the topic. */
  readonly input: string | undefined;
  readonly last: number;
  readonly brokers: string | undefined;
  readonly topic: string;
  readonly timeoutMs: number;
  /** Undefined = flat sales. */
  readonly mapping: Mapping | undefined;
  /** Of the present mapping. */
  readonly judge: Judge;
  /** Undefined = records are JSON or csv. */
  readonly binary?: SampleOptions["binary"];
  readonly schema?: CommandParts["schema"];
  readonly zone: TimeZone;
  readonly currency: string;
  readonly isJson: boolean;
  readonly hasColours: boolean;
  /** Asked only when a topic is read. */
  readonly kafka: () => Promise<Kafka>;
  readonly print: (text: string) => void;
}

/** Returns the exit status: 0 if the present mapping counts or filters every record, else 1. */
export async function runInspect(options: InspectOptions): Promise<0 | 1> {
  const { input, last, brokers, topic, timeoutMs, mapping, judge, zone, currency } = options;
  const sample =
    input === undefined
      ? await readTopicSample(await options.kafka(), {
          topic,
          last,
          brokers: brokers ?? "",
          timeoutMs,
        })
      : await readFileSample(input, { last, topic });
  // Schemas are here before anything is said of records.
  for (const record of options.binary ? sample.records : []) {
    await judgeWhenReady(judge, record, (schema) => arrivalWithin(schema, timeoutMs));
  }
  const findings = findingsOf(sample.records, { judge, zone, currency, binary: options.binary });
  const map = mapping ? printMapping(mapping).replaceAll("\n", "; ") : null;
  options.print(
    options.isJson
      ? findingsJson(sample, findings, map)
      : findingsText(sample, findings, {
          brokers,
          topic,
          timeZone: zone.name,
          schema: options.schema,
          style: styleOf(options.hasColours),
          presentName: mapping ? "the given mapping" : "no mapping (flat sales)",
        }),
  );
  return findings.present.deadLetters === 0 ? 0 : 1;
}
