import { describe, expect, test } from "bun:test";
import { senderOf } from "../../../src/dashboard/access/proxy.ts";
import { inNetworks } from "../../../src/lib/addresses.ts";

const trusts = inNetworks(["127.0.0.1", "10.0.0.0/8"]);

function sender(headers: Record<string, string>, peer = "127.0.0.1") {
  const header = (name: string) => headers[name];
  return senderOf({ peer, header, trusts });
}

describe("senderOf", () => {
  const all = {
    "X-Forwarded-User": "ada",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "203.0.113.7",
  };

  test("believes a trusted proxy, also one whose address is written as IPv6", () => {
    const told = {
      address: "203.0.113.7",
      isSecure: true,
      reader: { name: "ada", role: "viewer" },
    } as const;
    expect(sender(all)).toEqual(told);
    expect(sender(all, "::ffff:10.0.0.9")).toEqual(told);
  });

  test.each(["192.0.2.1", "::1", ""])("believes nothing that %s says", (peer) => {
    expect(sender(all, peer)).toEqual({ address: peer, isSecure: false, reader: undefined });
  });

  test("takes either header, and a group of guests", () => {
    expect(sender({ "Remote-User": "bob" }).reader).toEqual({ name: "bob", role: "viewer" });
    const guest = { name: "bob", role: "guest" } as const;
    for (const groups of ["salesboard-guests", "a, salesboard-guests", "a|salesboard-guests"]) {
      expect(sender({ "Remote-User": "bob", "Remote-Groups": groups }).reader).toEqual(guest);
      expect(sender({ "Remote-User": "bob", "X-Forwarded-Groups": groups }).reader).toEqual(guest);
    }
  });

  /** The proxy sets one of the headers, and passes on the other one as the client has sent it. */
  test.each([
    ["ada", "eve"],
    ["", "eve"],
    ["eve", ""],
    ["ada, eve", undefined],
    ["a:b", undefined],
    ["x".repeat(129), undefined],
  ])("does not choose between %p and %p", (one, two) => {
    const headers = { "X-Forwarded-User": one, ...(two !== undefined && { "Remote-User": two }) };
    expect(sender(headers).reader).toBe("conflict");
  });

  test.each([
    ["X-Forwarded-User", "ada"],
    ["Remote-User", "eve"],
  ] as const)("looks at %s alone where it is the one that counts", (nameHeader, name) => {
    const all = { "X-Forwarded-User": "ada", "Remote-User": "eve" };
    const of = (headers: Record<string, string>) =>
      senderOf({ peer: "127.0.0.1", header: (each) => headers[each], trusts, nameHeader }).reader;
    expect(of(all)).toEqual({ name, role: "viewer" });
    expect(of({ ...all, [nameHeader]: "" })).toBeUndefined();
    // A group takes amounts away, whichever header it comes by.
    for (const groups of ["X-Forwarded-Groups", "Remote-Groups"]) {
      expect(of({ ...all, [groups]: "salesboard-guests" })).toEqual({ name, role: "guest" });
    }
  });

  test("knows nobody without a name", () => {
    expect(sender({}).reader).toBeUndefined();
    expect(sender({ "Remote-User": "", "X-Forwarded-User": "" }).reader).toBeUndefined();
  });

  test.each([
    ["203.0.113.7", "203.0.113.7"],
    ["198.51.100.1, 203.0.113.7, 10.0.0.2", "203.0.113.7"],
    ["10.0.0.3, 10.0.0.2", "10.0.0.3"],
    ["203.0.113.7, rubbish", "127.0.0.1"],
    ["rubbish, 203.0.113.7", "203.0.113.7"],
    ["", "127.0.0.1"],
  ])("the client in %p is %s: what clients write in front is not believed", (list, address) => {
    expect(sender({ "X-Forwarded-For": list }).address).toBe(address);
  });

  test.each([
    ["https", true],
    ["http, https", true],
    ["https, http", false],
    ["http", false],
    ["xhttps", false],
  ])("by %s it is safe: %p", (proto, isSecure) => {
    expect(sender({ "X-Forwarded-Proto": proto }).isSecure).toBe(isSecure);
  });
});
