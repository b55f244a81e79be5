/** Whether brokers can be reached, by the names given and by those that they call themselves. */

import type { Config } from "../config/config.ts";
import { counted } from "../lib/text.ts";
import {
  advertisedProblem,
  describeSeen,
  lookAt,
  mistakeOf,
  type Seen,
} from "../process/port-look.ts";
import { type Asked, type Finding, say } from "./finding.ts";
import { checkCertificates, checkOwnCertificate, usesTls } from "./tls.ts";

/** Addresses that are looked at, all at once. */
const LOOKS_MAX = 12;
const LOGIN_REFUSED = new Set([
  "_AUTHENTICATION",
  "SASL_AUTHENTICATION_FAILED",
  "UNSUPPORTED_SASL_MECHANISM",
]);

export type Pinged = Asked<{ brokers: number; addresses?: readonly string[] }>;

/** @param pinged what the client was answered */
export async function checkBrokers(
  { brokers = "", rdkafka }: Pick<Config, "brokers" | "rdkafka">,
  pinged: Pinged,
): Promise<Finding[]> {
  const given = brokers.split(",").slice(0, LOOKS_MAX);
  const told = "value" in pinged ? (pinged.value.addresses ?? []) : [];
  const advertised = told.filter((address) => !given.includes(address)).slice(0, LOOKS_MAX);
  const all = [...given, ...advertised];
  const seen = new Map(
    await Promise.all(all.map(async (address) => [address, await lookAt(address)] as const)),
  );
  // What answers in plaintext has no certificate, and that is told already.
  const reachable = all.filter((address) => {
    const what = seen.get(address);
    return isThere(what) && !["kafka", "open", "controller"].includes(what ?? "");
  });
  return [
    ...("value" in pinged
      ? ofAnswer(pinged.value.brokers, { given, advertised, seen })
      : ofSilence(pinged, { brokers, given, seen, rdkafka })),
    ...(usesTls(rdkafka) ? await tlsFindings(reachable, rdkafka) : []),
    ...ofLogin(pinged, rdkafka),
  ];
}

async function tlsFindings(reachable: readonly string[], rdkafka: Config["rdkafka"]) {
  return [...(await checkCertificates(reachable, rdkafka)), ...checkOwnCertificate(rdkafka)];
}

interface Looks {
  readonly given: readonly string[];
  readonly advertised: readonly string[];
  readonly seen: ReadonlyMap<string, Seen>;
}

function isThere(seen: Seen | undefined): boolean {
  return seen !== "refused" && seen !== "unresolved";
}

function ofAnswer(count: number, { given, advertised, seen }: Looks): Finding[] {
  const { ok, warning, problem } = say("brokers");
  const away = (addresses: readonly string[]) =>
    addresses.filter((address) => !isThere(seen.get(address)));
  const found: Finding[] = [];
  for (const address of away(given)) {
    const why = describeSeen(address, seen.get(address) ?? "refused");
    found.push(warning(`One of --brokers does not answer: ${why}`, "Correct or remove it"));
  }
  const [lost] = away(advertised);
  if (lost !== undefined) {
    const reason = describeSeen(lost, seen.get(lost) ?? "refused");
    const names = away(advertised);
    const mend = `advertised.listeners of the broker, in place of ${names.join(", ")}`;
    const text = advertisedProblem(names, reason);
    // The others answer, so that a part of the partitions works.
    found.push(problem(`The brokers at ${given.join(",")}: ${text}`, mend));
  }
  const are = `${counted(count, "broker")} answer${count === 1 ? "s" : ""}`;
  return found.length > 0
    ? found
    : [ok(`${are}, at ${count === 1 ? "the name" : "the names"} that the cluster gives`)];
}

function ofSilence(
  pinged: Extract<Pinged, { why: string }>,
  of: { brokers: string; rdkafka: Config["rdkafka"] } & Omit<Looks, "advertised">,
): Finding[] {
  const { problem, ok } = say("brokers");
  if (LOGIN_REFUSED.has(pinged.code ?? "")) return [ok(`${of.brokers} answers`)];
  const protocol = of.rdkafka["security.protocol"] ?? "plaintext";
  const mend = "--brokers, or -X security.protocol";
  const seenAt = (address: string) => of.seen.get(address) ?? "refused";
  const mistakes = of.given.flatMap((at) => mistakeOf(at, seenAt(at), protocol) ?? []);
  if (mistakes.length > 0) return mistakes.map((text) => problem(text, mend));
  const others = of.given.length > 1 ? of.given : [];
  return [
    problem(`Cannot reach brokers ${of.brokers}: ${pinged.why}`, mend),
    ...others.map((address) => problem(describeSeen(address, seenAt(address)))),
  ];
}

function ofLogin(pinged: Pinged, rdkafka: Config["rdkafka"]): Finding[] {
  const { ok, problem, skipped } = say("login");
  const mechanism = rdkafka["sasl.mechanism"] ?? rdkafka["sasl.mechanisms"] ?? "";
  const user = rdkafka["sasl.username"] ?? "";
  if ("why" in pinged && LOGIN_REFUSED.has(pinged.code ?? "")) {
    // The sentence names the properties: those of the login, or of the port.
    return [problem(pinged.why)];
  }
  if (!/^SASL/i.test(rdkafka["security.protocol"] ?? "")) return [];
  if ("value" in pinged) return [ok(`The brokers accept the login of user ${user} (${mechanism})`)];
  return [skipped("Nobody has asked for the login, because no broker answers")];
}
