/** What changes about the addresses at which API and page are reached, in users' words. Pure. */
import { at, isObject, same, type JsonObject, type ReviewedResource } from "./deployment";
import { harmful, harmless, type Sentence } from "./finding";
import { call, show } from "./resource-names";

const REACHED: Readonly<Record<string, string>> = {
  ipv4: "by IPv4 only, because no IPv6 network is allowed",
  dualstack: "by IPv4 and IPv6",
};

export const endpointChanges = (key: string, was: ReviewedResource, now: ReviewedResource): readonly Sentence[] => {
  const [before, after] = [endpointOf(was), endpointOf(now)];
  const found: Sentence[] = [];
  const [from, to] = [show(before["IpAddressType"]), show(after["IpAddressType"])];
  if (from !== to)
    found.push(
      harmless(
        `{in}, API and page are reached ${REACHED[to] ?? to}; until now ${REACHED[from]?.replace(/,.*/, "") ?? from}`,
      ),
    );
  const isPrivate = ({ Types }: JsonObject): boolean => same(Types, ["PRIVATE"]);
  if (isPrivate(before) && !isPrivate(after) && to !== "dualstack")
    found.push(
      harmful(
        "reached",
        call(key, now),
        "{in}, the deployment fails as long as API and page are private, because API Gateway makes a private API public only as dualstack",
        "before you accept it, run aws apigateway update-rest-api with op=replace,path=/endpointConfiguration/types/PRIVATE,value=REGIONAL and op=replace,path=/endpointConfiguration/ipAddressType,value=dualstack",
      ),
    );
  const others = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => name !== "IpAddressType" && !same(before[name], after[name]),
  );
  for (const name of others)
    found.push(
      harmless(`{in}, ${name} of ${call(key, now)} becomes ${show(after[name])} instead of ${show(before[name])}`),
    );
  return found;
};

const endpointOf = ({ properties }: ReviewedResource): JsonObject => {
  const endpoint = at(properties, "EndpointConfiguration");
  return isObject(endpoint) ? endpoint : {};
};
