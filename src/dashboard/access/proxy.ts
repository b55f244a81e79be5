/** What a proxy in front says of a request. Only that of a trusted address is believed. */

import { isIP } from "node:net";
import { plainAddress } from "../../lib/addresses.ts";
import { isName } from "./entries.ts";
import type { ReaderRole } from "./reader.ts";

/** oauth2-proxy and Traefik say the first, Authelia and Apache the second. */
const NAME_HEADERS = ["X-Forwarded-User", "Remote-User"] as const;
const GROUP_HEADERS = ["X-Forwarded-Groups", "Remote-Groups"];
const GUESTS = "salesboard-guests";

export type NameHeader = (typeof NAME_HEADERS)[number];

export interface Sender {
  /** The network address that the request comes from, as far as it can be known; "" = unknown. */
  readonly address: string;
  /** It came by TLS as far as the proxy. */
  readonly isSecure: boolean;
  /** Whom the proxy has let in; "conflict" = the headers do not agree, so one is a stranger's. */
  readonly reader: { readonly name: string; readonly role: ReaderRole } | "conflict" | undefined;
}

/** `nameHeader`: the one that says who reads; undefined = each of them does. */
export function senderOf(of: {
  peer: string;
  header: (name: string) => string | undefined;
  trusts: (address: string) => boolean;
  nameHeader?: NameHeader | undefined;
}): Sender {
  const { header, trusts, nameHeader } = of;
  const peer = plainAddress(of.peer);
  if (!trusts(peer)) return { address: peer, isSecure: false, reader: undefined };
  const isSecure = /(^|,)\s*https\s*$/i.test(header("X-Forwarded-Proto") ?? "");
  const address = clientOf(header("X-Forwarded-For") ?? "", peer, trusts);
  return { address, isSecure, reader: readerOf(header, nameHeader) };
}

function readerOf(
  header: (name: string) => string | undefined,
  nameHeader: NameHeader | undefined,
): Sender["reader"] {
  const names = nameHeader === undefined ? NAME_HEADERS : [nameHeader];
  const given = names.map(header).filter((name) => name !== undefined);
  const [name = ""] = given;
  if (given.some((other) => other !== name)) return "conflict";
  if (name === "") return undefined;
  // Two headers of one name are joined by a comma, which no name has.
  if (!isName(name)) return "conflict";
  // From each header, because the group can only take amounts away.
  const groups = GROUP_HEADERS.flatMap((each) => header(each)?.split(/[,|]/) ?? []);
  const isGuest = groups.some((group) => group.trim() === GUESTS);
  return { name, role: isGuest ? "guest" : "viewer" };
}

/** Each proxy appends the address that it sees: the last one that is no proxy is the client. */
function clientOf(list: string, peer: string, trusts: (address: string) => boolean): string {
  let client = peer;
  for (const text of list.split(",").reverse()) {
    const address = plainAddress(text.trim());
    if (isIP(address) === 0) break;
    client = address;
    if (!trusts(address)) break;
  }
  return client;
}
