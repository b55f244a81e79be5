/** Network addresses: what they belong to. */

import { BlockList, isIP } from "node:net";

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  return /^localhost$/i.test(host) || host === "::1" || (isIP(host) === 4 && /^127\./.test(host));
}

/** An address, or a network such as 10.0.0.0/8. */
export function isNetwork(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  );
}

/** Whether an address is in one of the networks. An IPv4 address may be written as IPv6. */
export function inNetworks(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    const version = isIP(address) === 6 ? "ipv6" : "ipv4";
    list.addSubnet(address, Number(bits ?? (version === "ipv6" ? 128 : 32)), version);
  }
  return (address) => {
    const plain = plainAddress(address);
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 6 ? "ipv6" : "ipv4");
  };
}

/** "::ffff:10.1.2.3" → "10.1.2.3". */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}
