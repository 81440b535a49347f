/**
 * The networks from which the API may be reached: what of a list can't mean what it says, and which addresses the API
 * needs. Pure.
 */
import { BlockList, isIPv4 } from "node:net";
import type { ApiConfiguration } from "./api-schema";

type Fence = Pick<ApiConfiguration, "allowedNetworks" | "endpoint"> &
  Partial<Pick<ApiConfiguration, "acceptedWideNetworks">>;
export interface Objection {
  /** Of the network in the list. */
  readonly index: number;
  readonly problem: string;
  readonly mend: string;
}

const addressOf = (network: string): string => network.slice(0, network.indexOf("/"));
const lengthOf = (network: string): number => Number(network.slice(network.indexOf("/") + 1));
const isV4 = (network: string): boolean => isIPv4(addressOf(network));

/**
 * A client with both kinds of addresses prefers IPv6, and would be refused by a list that names its IPv4 network alone:
 * then the API has no IPv6 address that could be preferred. Private APIs have no other kind than dualstack.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-ip-address-type.html
 */
export const ipAddressType = ({ allowedNetworks, endpoint }: Fence): "ipv4" | "dualstack" =>
  endpoint === "private" || allowedNetworks.some((network) => !isV4(network)) ? "dualstack" : "ipv4";

/** Undefined where the list makes sense. */
export const objectionToNetworks = (fence: Fence): Objection | undefined => {
  for (const [index, network] of fence.allowedNetworks.entries()) {
    const found = objectionToNetwork(network, fence);
    if (found !== undefined) return { index, ...found };
  }
  return undefined;
};

const objectionToNetwork = (
  network: string,
  { allowedNetworks, endpoint }: Fence,
): Omit<Objection, "index"> | undefined => {
  const quoted = `"${network}"`;
  const mapped = mappedV4(network);
  if (mapped !== undefined)
    return {
      problem: `${quoted} is IPv4 written as IPv6, and no request comes from such an address`,
      mend: mapped === "" ? "write the IPv4 network itself" : `write "${mapped}"`,
    };
  const first = firstOf(network);
  if (first !== network.toLowerCase())
    return {
      problem: `${quoted} is neither a network, which begins at ${addressOf(first)}, nor one address`,
      mend: `write "${first}" or "${addressOf(network)}/${isV4(network) ? 32 : 128}"`,
    };
  if (lengthOf(network) === 0) return objectionToEverywhere(network, allowedNetworks);
  if (endpoint === "public" && isInside(network, NEVER_PUBLIC))
    return {
      problem: `${quoted} is inside a private or reserved range, and requests to a public API come from public addresses`,
      mend: 'name the addresses from which your network reaches the internet, or set api.endpoint to "private"',
    };
  return undefined;
};

/** A /8 is the most that IPv4's registries ever gave to one organisation, a /20 about the most of IPv6. */
const WIDEST = { v4: 1n << 24n, v6: 1n << 108n } as const;

/**
 * Networks of a public API that together are wider than one organisation is, however they are cut, and that nobody has
 * accepted. Undefined where there are none.
 */
export const objectionToWideness = ({
  allowedNetworks,
  acceptedWideNetworks = [],
  endpoint,
}: Fence): (Objection & { readonly setting: "allowedNetworks" | "acceptedWideNetworks" }) | undefined => {
  const idle = acceptedWideNetworks.findIndex((network) => !allowedNetworks.includes(network));
  if (idle >= 0)
    return {
      setting: "acceptedWideNetworks",
      index: idle,
      problem: `"${acceptedWideNetworks[idle]}" is not among the allowed networks, so there is nothing to accept`,
      mend: "remove it, or write it as in api.allowedNetworks",
    };
  if (endpoint !== "public") return undefined;
  const open = allowedNetworks.filter((network) => !acceptedWideNetworks.includes(network));
  for (const isFour of [true, false]) {
    const ofKind = [...new Set(open.filter((network) => isV4(network) === isFour))];
    const bits = isFour ? 32 : 128;
    const distinct = ofKind.filter(
      (one) =>
        !isInside(
          one,
          ofKind.filter((other) => other !== one),
        ),
    );
    const total = distinct.reduce((sum, network) => sum + (1n << BigInt(bits - lengthOf(network))), 0n);
    const widest = distinct.toSorted((a, b) => lengthOf(a) - lengthOf(b))[0];
    if (total <= (isFour ? WIDEST.v4 : WIDEST.v6) || widest === undefined) continue;
    const share = Number((total * 1000n) / (1n << BigInt(bits))) / 10;
    const wide = distinct.filter((network) => distinct.length === 1 || lengthOf(network) < (isFour ? 16 : 32));
    return {
      setting: "allowedNetworks",
      index: allowedNetworks.indexOf(widest),
      problem: `${(wide.length === 0 ? distinct : wide).map((one) => `"${one}"`).join(", ")} admit${distinct.length === 1 ? "s" : ""} ${share >= 0.1 ? `${share} %` : "a large part"} of all ${isFour ? "IPv4" : "IPv6"} addresses, and the API can delete backups with a stolen key`,
      mend: `name your own networks, or, if that is meant, add "acceptedWideNetworks": ${JSON.stringify(wide.length === 0 ? distinct : wide)} beside them`,
    };
  }
  return undefined;
};

/** All of one kind and only some of the other: a fence with a gate beside it, or clients locked out by their preference. */
const objectionToEverywhere = (network: string, all: readonly string[]): Omit<Objection, "index"> | undefined => {
  const isAllV4 = all.some((one) => isV4(one) && lengthOf(one) === 0);
  const isAllV6 = all.some((one) => !isV4(one) && lengthOf(one) === 0);
  if (isAllV4 && (isAllV6 || all.every(isV4))) return undefined;
  return isAllV4
    ? {
        problem: `"${network}" admits everyone by IPv4, while by IPv6, which clients prefer, only some networks are admitted`,
        mend: 'add "::/0", leave the IPv6 networks out, or name networks in its place',
      }
    : {
        problem: `"${network}" admits everyone by IPv6, while by IPv4 ${all.some(isV4) ? "only some networks are" : "nobody is"} admitted`,
        mend: 'name networks in its place, or add "0.0.0.0/0" if everyone is meant',
      };
};

/** Whole ranges from which nothing comes over the internet (IANA's special-purpose address registries). */
const NEVER_PUBLIC = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/127",
  "fc00::/7",
  "fe80::/10",
  "ff00::/8",
] as const;
/** Set aside for examples in documents (RFC 5737, RFC 3849, RFC 9637). */
const DOCUMENTATION = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"] as const;
export const isDocumentation = (network: string): boolean => isInside(network, DOCUMENTATION);

const isInside = (network: string, ranges: readonly string[]): boolean =>
  ranges.some((range) => {
    if (isV4(range) !== isV4(network) || lengthOf(range) > lengthOf(network)) return false;
    const family = isV4(range) ? "ipv4" : "ipv6";
    const list = new BlockList();
    list.addSubnet(addressOf(range), lengthOf(range), family);
    return list.check(addressOf(network), family);
  });

/** `::ffff:203.0.113.0/120` and its hexadecimal form; empty where it holds more than IPv4 has. */
const mappedV4 = (network: string): string | undefined => {
  if (isV4(network) || bitsOf(addressOf(network)) >> 32n !== 0xffffn) return undefined;
  return lengthOf(network) < 96
    ? ""
    : firstOf(`${v4From(bitsOf(addressOf(network)) & 0xffff_ffffn)}/${lengthOf(network) - 96}`);
};

/** With its first address; IPv6 as eight groups unless it is as given. */
const firstOf = (network: string): string => {
  const isFour = isV4(network);
  const size = isFour ? 32 : 128;
  const rest = BigInt(size - lengthOf(network));
  const bits = bitsOf(addressOf(network));
  const first = (bits >> rest) << rest;
  if (first === bits) return network.toLowerCase();
  return `${isFour ? v4From(first) : v6From(first)}/${lengthOf(network)}`;
};

const v4From = (bits: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join(".");
const v6From = (bits: bigint): string =>
  new URL(
    `http://[${Array.from({ length: 8 }, (_, at) => ((bits >> BigInt(112 - 16 * at)) & 0xffffn).toString(16)).join(":")}]`,
  ).hostname.slice(1, -1);

const bitsOf = (address: string): bigint => {
  if (isIPv4(address)) return address.split(".").reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
  /** The URL parser writes every form of IPv6 as groups, the longest run of zeros as "::". */
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string | undefined): readonly string[] =>
    text === undefined || text === "" ? [] : text.split(":");
  const [left, right] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...zeros, ...right].reduce((bits, part) => (bits << 16n) | BigInt(`0x${part}`), 0n);
};
