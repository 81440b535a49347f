/** What of the API's configuration depends on other parts of it: each stops synth with one sentence. */
import type { NightlyRow } from "../regions/nightly-table";
import type { ApiConfiguration } from "./api-schema";
import { ConfigurationError } from "./configuration-error";
import { objectionToNetworks, objectionToWideness } from "./networks";

export const checkApi = (file: string, api: ApiConfiguration, rows: readonly NightlyRow[]): void => {
  checkNetworks(file, api);
  checkRegions(file, "api.vpcEndpoints", api.vpcEndpoints ?? {}, rows);
  checkRegions(file, "api.webAclArns", api.webAclArns ?? {}, rows);
  for (const [region, arn] of Object.entries(api.webAclArns ?? {})) {
    const stands = arn.split(":")[3];
    if (stands === region) continue;
    throw new ConfigurationError(
      file,
      `api.webAclArns.${region}`,
      `the web ACL stands in ${stands}`,
      `name one of ${region}, because an API and its web ACL share a region`,
    );
  }
  if (api.endpoint === "public") {
    if (api.vpcEndpoints === undefined) return;
    throw new ConfigurationError(
      file,
      "api.vpcEndpoints",
      "a public API is not reached through VPC endpoints",
      'remove the setting, or set api.endpoint to "private"',
    );
  }
  const without = rows.find(({ region }) => api.vpcEndpoints?.[region] === undefined);
  if (without === undefined) return;
  throw new ConfigurationError(
    file,
    "api.vpcEndpoints",
    `the private API of ${without.region} (${without.name}) has no VPC endpoint, so nobody could reach it`,
    `add one for ${without.region}`,
  );
};

const checkNetworks = (file: string, api: ApiConfiguration): void => {
  const found = objectionToNetworks(api);
  if (found !== undefined)
    throw new ConfigurationError(file, `api.allowedNetworks[${found.index}]`, found.problem, found.mend);
  const wide = objectionToWideness(api);
  if (wide !== undefined)
    throw new ConfigurationError(file, `api.${wide.setting}[${wide.index}]`, wide.problem, wide.mend);
};

const checkRegions = (
  file: string,
  place: string,
  byRegion: Readonly<Record<string, unknown>>,
  rows: readonly NightlyRow[],
): void => {
  for (const region of Object.keys(byRegion)) {
    if (rows.some((row) => row.region === region)) continue;
    throw new ConfigurationError(
      file,
      `${place}.${region}`,
      "the stage is not deployed to that region",
      `use AWS region codes of its regions, such as ${rows[0]?.region ?? "eu-central-1"}`,
    );
  }
};
