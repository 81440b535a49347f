/** What has to be done once in an account before the first deployment: asking for regions, and CDK's bootstrap. */
import type { Stage } from "../config/load-configuration";
import type { Place } from "./nightly-table";

/** Shell lines, in an order that works. Every region once, though several replicate into some. */
export const bootstrapLines = ({ account, rows }: Pick<Stage, "account" | "rows">): readonly string[] => {
  const places = new Map<string, Place>(
    rows.flatMap((row): Place[] => [row, row.replication]).map((place) => [place.region, place]),
  );
  const regions = [...places.values()].toSorted((a, b) => a.region.localeCompare(b.region));
  const target = account ?? "$(aws sts get-caller-identity --query Account --output text)";
  const optIn = regions.filter((place) => place.optIn === true);
  return [
    ...optIn.flatMap(({ name, region }) => [`# ${name}`, `aws account enable-region --region-name ${region}`]),
    ...(optIn.length === 0 ? [] : ["# Enabling takes minutes to hours. Ask until each says ENABLED:"]),
    ...optIn.map(
      ({ region }) => `aws account get-region-opt-status --region-name ${region} --query RegionOptStatus --output text`,
    ),
    ...regions.flatMap(({ name, region }) => [`# ${name}`, `npx cdk bootstrap "aws://${target}/${region}"`]),
  ];
};
