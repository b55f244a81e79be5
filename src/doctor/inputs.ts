/** Which input topics the patterns of --input-topic find. */

import { type Config, patternsOf } from "../config/config.ts";
import type { Admin } from "../kafka/kafka.ts";
import { findTopics, topicsThere } from "../topics/found-topics.ts";
import { bounded } from "./facts.ts";
import { type Finding, say } from "./finding.ts";

const NAMES_MS_MAX = 10_000;

/** The settings with all topics that would be counted, and what is to be said of others. */
export async function findInputs(
  config: Config,
  admin: Pick<Admin, "topicNames">,
): Promise<{ config: Config; findings: Finding[] }> {
  const patterns = patternsOf(config).join(", ");
  if (patterns === "") return { config, findings: [] };
  const { ok, warning, problem } = say("topics");
  const names = await bounded(() => admin.topicNames(), NAMES_MS_MAX);
  if ("why" in names) {
    const text = `It is not known which topics match ${patterns}: ${names.why}`;
    return { config, findings: [problem(text)] };
  }
  const found = findTopics(config, names.value);
  const findings = [
    ...found.uncounted.map(({ text }) => warning(text)),
    ...found.notes.map((text) => warning(text)),
  ];
  const { foundTopics } = found.config;
  if (foundTopics.length > 0) {
    findings.unshift(ok(`What matches ${patterns} is ${foundTopics.join(", ")}`));
  } else if (found.uncounted.length === 0) {
    const none = `No topic matches ${patterns}. ${topicsThere(names.value)}`;
    findings.unshift(problem(none, "--input-topic with the names of topics, or a wider pattern"));
  }
  return { config: found.config, findings };
}
