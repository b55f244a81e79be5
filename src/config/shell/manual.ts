/** The manual page, from the same table as the help. */

import { EXIT_STATUS, entriesOf, extra, groups, PRECEDENCE } from "../help.ts";
import { commands } from "../options.ts";

export function manualText(version: string): string {
  const options = groups.flatMap(({ title, flags }) => [
    `.SS ${plain(title)}`,
    ...[...entriesOf(flags), ...(extra[title] ?? [])].flatMap(item),
  ]);
  return [
    `.TH SALESBOARD 1 "" "Salesboard ${version}" "User Commands"`,
    ".SH NAME",
    "salesboard \\- a real\\-time sales dashboard on Kafka",
    ".SH SYNOPSIS",
    ".B salesboard",
    "[\\fIcommand\\fR] [\\fIoptions\\fR]",
    ".SH DESCRIPTION",
    "Reads sales from a Kafka topic, keeps exact totals for each product and day, and shows them on",
    "a live web page. Without a broker it starts its own, in memory.",
    ".SH COMMANDS",
    ...Object.entries(commands).flatMap(item),
    ".SH OPTIONS",
    "Behind each option stand its environment variable and its default.",
    ...options,
    ".SH ENVIRONMENT",
    plain(`Precedence: ${PRECEDENCE}`),
    ".SH EXIT STATUS",
    plain(EXIT_STATUS),
  ].join("\n");
}

/** A name in bold, and its meaning. */
function item([name, meaning]: readonly [string, string]): string[] {
  return [".TP", `\\fB${plain(name)}\\fR`, plain(meaning)];
}

/** No character of the text means anything to roff. */
function plain(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^[.']/, "\\&$&");
}
