/** How many resources of each type a synthesized stage has in each region, and what CDK's bootstrap adds to a region. */
import type { App } from "aws-cdk-lib";

/** By region, then by CloudFormation type. */
export type ResourceCounts = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Of every region that stacks go to. Source: the bootstrap template, in its version of CDK's command line
 * (https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html): five roles and a bucket.
 */
const BOOTSTRAP: Readonly<Record<string, number>> = { "AWS::IAM::Role": 5, "AWS::S3::Bucket": 1 };

interface Template {
  readonly Resources?: Readonly<Record<string, { readonly Type: string }>>;
}

export const countResources = (app: App): ResourceCounts => {
  const counts = new Map<string, Map<string, number>>();
  for (const { environment, template } of app.synth().stacks) {
    const known = counts.get(environment.region) ?? new Map<string, number>();
    counts.set(environment.region, known);
    for (const { Type } of Object.values((template as Template).Resources ?? {}))
      known.set(Type, (known.get(Type) ?? 0) + 1);
  }
  return counts;
};

export const countIn = (counts: ResourceCounts, region: string, types: readonly string[]): number =>
  types.reduce((sum, type) => sum + (counts.get(region)?.get(type) ?? 0), 0);

export const countAll = (counts: ResourceCounts, types: readonly string[]): number =>
  [...counts.keys()].reduce((sum, region) => sum + countIn(counts, region, types), 0);
export const countInBootstrap = (types: readonly string[]): number =>
  types.reduce((sum, type) => sum + (BOOTSTRAP[type] ?? 0), 0);
