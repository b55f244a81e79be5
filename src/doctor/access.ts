/** The files by which a dashboard lets people in, and its certificate: as a start reads them. */

import type { Config } from "../config/config.ts";
import { isOver, parseTokens, type Token } from "../dashboard/access/tokens.ts";
import { parseUsers } from "../dashboard/access/users.ts";
import { WatchedFile } from "../dashboard/access/watched-file.ts";
import { openCertificate } from "../dashboard/http/certificate.ts";
import { SalesboardError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { counted, shellQuoted } from "../lib/text.ts";
import { type Finding, say } from "./finding.ts";
import { lengthOf, lifeOf } from "./tls.ts";

/** A program that nobody remembers needs another token by then. */
const TOKEN_MS_LEFT_MIN = 7 * 24 * 60 * 60 * 1_000;

/** Nothing of files that are not named. */
export function checkAccess(config: Config, log: Log, now = new Date()): Finding[] {
  const { roles, users, tokens } = config;
  if (!roles.includes("dashboard")) return [];
  const { ok } = say("access");
  return [
    ...looked(users, () => {
      const read = opened("--users", users ?? "", parseUsers, log);
      const may = `${counted(read.size, "user")} may log in`;
      return [ok(`${may}, by the file ${users}`)];
    }),
    ...looked(tokens, () => {
      const read = opened("--tokens", tokens ?? "", parseTokens, log);
      return ofTokens([...read.values()], tokens ?? "", now);
    }),
    ...looked(config.tlsCert, () => ofCertificate(config, log, now)),
  ];
}

function looked(file: string | undefined, look: () => Finding[]): Finding[] {
  if (file === undefined) return [];
  try {
    return look();
  } catch (error) {
    if (!(error instanceof SalesboardError)) throw error;
    return [say("access").problem(error.message)];
  }
}

/** @throws SalesboardError, as at the start */
function opened<T>(option: string, path: string, parse: (text: string) => T, log: Log): T {
  return new WatchedFile({ option, paths: [path], parse, log }).value;
}

function ofTokens(tokens: readonly Token[], path: string, now: Date): Finding[] {
  const { ok, warning } = say("access");
  const late = tokens.flatMap((token) => {
    const { name, end } = token;
    const leftMs = end === undefined ? Number.POSITIVE_INFINITY : end.getTime() - now.getTime();
    if (leftMs >= TOKEN_MS_LEFT_MIN) return [];
    const file = `--name ${shellQuoted(name)} --tokens ${shellQuoted(path)}`;
    const mend = `salesboard token revoke ${file} && salesboard token create ${file}`;
    const life = isOver(token, now)
      ? `ended ${lengthOf(-leftMs)} ago: it lets nobody in`
      : `ends in ${lengthOf(leftMs)}`;
    return [warning(`The token ${name} in ${path} ${life}`, mend)];
  });
  if (late.length > 0) return late;
  const lets = tokens.length === 1 ? "lets" : "let";
  return [ok(`${counted(tokens.length, "token")} in ${path} ${lets} programs in`)];
}

function ofCertificate(config: Config, log: Log, now: Date): Finding[] {
  const pair = openCertificate(config, log);
  if (!pair) return [];
  const words = {
    name: `The certificate of the dashboard, in the file ${config.tlsCert},`,
    over: "browsers refuse it",
    mend: "Renew it: the dashboard reads the file again when it changes, without a restart",
  };
  return [lifeOf(say("access"), words, pair.value.cert, now.getTime())];
}
