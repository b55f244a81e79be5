import { expect, test } from "bun:test";
import { inNetworks, isLoopback, isNetwork, plainAddress } from "../../src/lib/addresses.ts";

test("isLoopback: what only this machine reaches", () => {
  const own = ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"];
  expect(own.filter(isLoopback)).toEqual(own);
  const others = ["0.0.0.0", "::", "10.0.0.1", "board", "127.evil.example", "::2"];
  expect(others.filter(isLoopback)).toEqual([]);
});

test("isNetwork: addresses, and networks with their bits", () => {
  const networks = ["10.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "::1", "fd00::/8", "::/128"];
  expect(networks.filter(isNetwork)).toEqual(networks);
  const others = ["", "10.0.0", "10.0.0.0/33", "::1/129", "10.0.0.0/", "10.0.0.0/8/8", "a/8", "/8"];
  expect(others.filter(isNetwork)).toEqual([]);
});

test("inNetworks: IPv4 addresses may be written as IPv6", () => {
  const has = inNetworks(["127.0.0.1", "10.0.0.0/8", "fd00::/8"]);
  const inside = ["127.0.0.1", "10.255.0.1", "::ffff:10.1.2.3", "fd00::1"];
  expect(inside.filter(has)).toEqual(inside);
  expect(["127.0.0.2", "11.0.0.1", "::ffff:11.0.0.1", "fe80::1", "", "x"].filter(has)).toEqual([]);
  expect(inNetworks([])("127.0.0.1")).toBe(false);
});

test("plainAddress: the IPv4 address in one of IPv6", () => {
  const addresses = ["::ffff:10.1.2.3", "::FFFF:10.1.2.3", "fd00::1", "10.1.2.3"];
  expect(addresses.map(plainAddress)).toEqual(["10.1.2.3", "10.1.2.3", "fd00::1", "10.1.2.3"]);
});
