/** Types of options. Each says what it accepts and checks a text. Every text has a bound. */

import { isIP } from "node:net";
import { z } from "zod";
import { parseRules, RULES_LENGTH_MAX, RULES_MAX, type Rule, RuleError } from "./alert-rule.ts";

/** What a text must be: in words that complete "it must be …", and as a schema. */
export interface Kind<T> {
  readonly accepts: string;
  readonly schema: z.ZodType<T, string>;
  /** All words that it accepts, or that its items may be. */
  readonly choices?: readonly string[];
  /** The messages of `schema` name the wrong part of the text, so they replace `accepts`. */
  readonly explains?: true;
  /** The value as a user would write it; without it, `String(value)`. */
  format?(value: T): string;
  /** `format` leaves out what is secret, so that its text may be shown. */
  readonly redacts?: true;
  /** What a file holds → the text of the option: files may have comments. */
  fromFile?(content: string): string;
}

/** One option. An empty environment variable counts as not set. */
export interface Option<T> {
  readonly flag: `--${string}`;
  /** The name of the value in the help; undefined = the option takes no value. */
  readonly argument?: string;
  /** `<env>_FILE` names a file that holds the value. */
  readonly env?: string;
  /** The default, as the user would write it … */
  readonly default?: string;
  /** … or what its absence means, in words; the value is then undefined. */
  readonly absent?: string;
  readonly kind: Kind<T>;
  readonly meaning: string;
  /** The option is repeatable: its values are joined with this text. */
  readonly separator?: string;
  /** Anybody may see the value, even when it comes from a file. */
  readonly isPublic?: true;
  /** The option names a file that holds the value of this option. */
  readonly fileOf?: string;
  /** Neither the command `config` nor an error shows the value. */
  readonly isSecret?: true;
}

const NUMBER_TEXT_MAX = 20;
const TEXT_MAX = 4096;
const unitsMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

export function integer(min: number, max: number): Kind<number> {
  return {
    accepts: `an integer from ${min} to ${max}`,
    schema: z
      .string()
      .max(NUMBER_TEXT_MAX)
      .regex(/^\d+$/)
      .transform(Number)
      .pipe(z.int().min(min).max(max)),
  };
}

export function decimal(max: number, unit: string): Kind<number> {
  return {
    accepts: `a decimal number from 0 to ${max} (${unit})`,
    schema: z
      .string()
      .max(NUMBER_TEXT_MAX)
      .regex(/^\d+(\.\d+)?$/)
      .transform(Number)
      .pipe(z.number().max(max)),
  };
}

export function duration(minMs: number, maxMs: number): Kind<number> {
  const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
  const toMs = (text: string): number => {
    const [, amount = "", unit = ""] = pattern.exec(text) ?? [];
    return Number(amount) * (unitsMs[unit] ?? Number.NaN);
  };
  return {
    accepts:
      `a duration from ${formatMs(minMs)} to ${formatMs(maxMs)} ` +
      "with its unit: ms, s, m or h, such as 100ms or 2s",
    schema: z
      .string()
      .max(NUMBER_TEXT_MAX)
      .regex(pattern)
      .transform(toMs)
      .pipe(z.int().min(minMs).max(maxMs)),
    format: formatMs,
  };
}

/** Whole days. */
export function days(max: number): Kind<number> {
  return {
    accepts: `a number of days from 0d to ${max}d, such as 7d`,
    schema: z
      .string()
      .max(NUMBER_TEXT_MAX)
      .regex(/^\d+d$/)
      .transform((text) => Number(text.slice(0, -1)))
      .pipe(z.int().min(0).max(max)),
    format: (count) => `${count}d`,
  };
}

function formatMs(ms: number): string {
  for (const unit of ["h", "m", "s"]) {
    const size = unitsMs[unit] ?? 1;
    if (ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}

/** https://kafka.apache.org/documentation: legal names of topics. */
const TOPIC = /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/;
/** Such a name, or the parts of one with `*` for any characters. */
const TOPIC_OR_PATTERN = /^(?!\.{1,2}$)[a-zA-Z0-9._*-]{1,249}$/;

export function topic(): Kind<string> {
  return {
    accepts: "a topic name: 1 to 249 characters from a-z, A-Z, 0-9, ., _ and -, but not . or ..",
    schema: z.string().regex(TOPIC),
  };
}

/** Topics and patterns. The first name has another part than the others, so the order counts. */
export function topicList(max: number): Kind<readonly string[]> {
  return {
    accepts:
      `${topic().accepts}; or up to ${max} such names, comma-separated, each once. In a name, * ` +
      "stands for any characters, such as sales_topic_*; nothing else is a pattern",
    schema: z
      .string()
      .max(TEXT_MAX)
      .transform((text) => text.split(",").map((name) => name.trim()))
      .pipe(z.array(z.string().regex(TOPIC_OR_PATTERN)).max(max))
      .refine((names) => new Set(names).size === names.length),
    format: (names) => names.join(","),
  };
}

export function oneOf<const T extends readonly string[]>(values: T): Kind<T[number]> {
  return { accepts: `one of ${values.join(", ")}`, schema: z.enum(values), choices: values };
}

export function listOf<const T extends string>(values: readonly T[]): Kind<readonly T[]> {
  return {
    accepts: `a comma-separated list of ${values.join(", ")}, each at most once`,
    schema: z
      .string()
      .max(TEXT_MAX)
      .transform((text) => text.split(",").map((item) => item.trim()))
      .pipe(z.array(z.enum(values)))
      .refine((list) => new Set(list).size === list.length),
    choices: values,
    format: (list) => list.join(","),
  };
}

export function brokerList(): Kind<string> {
  return {
    accepts: "a comma-separated list of host:port, such as kafka-1:9092,kafka-2:9092",
    schema: z
      .string()
      .max(TEXT_MAX)
      .transform((text) => text.split(",").map((broker) => broker.trim()))
      .refine((brokers) => brokers.every(isBroker))
      .transform((brokers) => brokers.join(",")),
  };
}

function isBroker(text: string): boolean {
  const [, host = "", port = ""] = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(text) ?? [];
  const bare = host.startsWith("[") ? host.slice(1, -1) : host;
  const isAddress = host.startsWith("[") ? isIP(bare) === 6 : isHost(bare);
  return isAddress && Number(port) >= 1 && Number(port) <= 65_535;
}

/** DNS forbids underscores, but names of containers contain them. */
function isHost(text: string): boolean {
  const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;
  if (isIP(text) !== 0) return true;
  return text.length <= 253 && text.split(".").every((part) => label.test(part));
}

/** "a/b", "/a/b" and "/a/b/" are all "/a/b". */
export function basePath(): Kind<string> {
  return {
    accepts: "a path such as / or /sales, with the characters a-z, A-Z, 0-9, ., _, ~, - and /",
    schema: z
      .string()
      .max(256)
      .transform((text) => `/${text.replace(/^\/|\/$/g, "")}`)
      .refine((path) => path === "/" || /^(\/(?!\.{1,2}(\/|$))[a-zA-Z0-9._~-]+)+$/.test(path)),
  };
}

/** Any text that can be seen: no control characters, and not only spaces. */
export function plainText(charactersMax: number): Kind<string> {
  return {
    accepts: `1 to ${charactersMax} characters without control characters, not only spaces`,
    schema: z
      .string()
      .max(charactersMax)
      .regex(/^(?=.*\S)\P{Cc}+$/u),
  };
}

export function host(): Kind<string> {
  return {
    accepts: "a host name or an IP address, without a port",
    schema: z.string().refine(isHost),
  };
}

/** IPv6 addresses may have brackets. */
export function hostNames(): Kind<readonly string[]> {
  return {
    accepts: "host names or IP addresses without ports, comma-separated, such as sales.example.com",
    schema: z
      .string()
      .max(TEXT_MAX)
      .transform((text) => text.split(",").map((name) => name.trim().replace(/^\[(.*)\]$/, "$1")))
      .refine((names) => names.every(isHost)),
    format: (names) => names.join(","),
  };
}

/** As a header of CSP may have them: anything else could add a rule of its own. */
export function origins(): Kind<readonly string[]> {
  const isOrigin = (text: string) =>
    /^https?:\/\/[a-z0-9.-]+(:\d+)?$/.test(text) && URL.canParse(text);
  return {
    accepts: "origins, comma-separated, such as https://intranet.example.com",
    schema: z
      .string()
      .max(TEXT_MAX)
      .transform((text) => text.split(",").map((origin) => origin.trim().toLowerCase()))
      .refine((all) => all.every(isOrigin)),
    format: (all) => all.join(","),
  };
}

export function currency(): Kind<string> {
  const isKnown = (code: string) => Intl.supportedValuesOf("currency").includes(code);
  return {
    accepts: "an ISO 4217 currency code such as USD or EUR",
    schema: z.string().toUpperCase().refine(isKnown),
  };
}

/** No credentials: process lists would show them, and `fetch` refuses them. */
export function httpUrl(): Kind<string> {
  const isPlain = (text: string) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    return !!url && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
  };
  return {
    accepts: "an http:// or https:// URL without user name and password",
    schema: z
      .string()
      .max(TEXT_MAX)
      .refine(isPlain)
      .transform((text) => new URL(text).href),
  };
}

export function alertRules(): Kind<readonly Rule[]> {
  return {
    accepts: `a rule such as revenue[1m] < 100, or up to ${RULES_MAX} rules separated by ;`,
    schema: z
      .string()
      .max(RULES_LENGTH_MAX, `it must have at most ${RULES_LENGTH_MAX} characters`)
      .transform((text, context) => {
        try {
          return parseRules(text);
        } catch (error) {
          if (!(error instanceof RuleError)) throw error;
          context.addIssue(error.message);
          return z.NEVER;
        }
      }),
    explains: true,
    format: (rules) => rules.map(({ text }) => text).join("; "),
  };
}

/** An option without a value; its text is "true" or "false". */
export function flag(): Kind<boolean> {
  return {
    accepts: "given without a value",
    schema: z.enum(["true", "false"]).transform((text) => text === "true"),
  };
}
