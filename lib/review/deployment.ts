/**
 * What a review compares: the stacks of a stage in a normal form. Names of the region and of its replication region
 * are placeholders in it (`<region>`, `<replication region>`, `<place>`, …), so that 17 regions share most, a change
 * of all of them is one sentence, and the reviewed state stays small.
 */
import type { Tier } from "../../lambda/catalog/items";
import type { RETENTION_PERIODS } from "../../lambda/rules/retention-calendar";

/** Templates are data without a schema of ours. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export interface ReviewedResource {
  readonly type: string;
  readonly deletionPolicy?: string;
  readonly updateReplacePolicy?: string;
  readonly properties: JsonObject;
}
/** Where a stack stands: what its placeholders mean. */
export interface StackPlace {
  readonly stackName: string;
  /** AWS code of the stack's own region. */
  readonly region: string;
  readonly terminationProtection: boolean;
  /** As users know the backed-up region: `Osaka`. */
  readonly place: string;
  readonly primaryRegion: string;
  readonly replicationRegion: string;
}
export interface ReviewedStack extends StackPlace {
  /** `Primary-*`, `Replica-*`: the id with the region's label left out. Stacks of a kind are alike. */
  readonly kind: string;
  /** By logical id for what holds data, by an id without hashes for everything else. */
  readonly resources: Readonly<Record<string, ReviewedResource>>;
}
/** What the code decides and no template shows. */
export interface ReviewedRules {
  readonly retention: Readonly<Record<Tier, (typeof RETENTION_PERIODS)[Tier]>>;
  /** The tier of each night of a quarter, by its first letter. */
  readonly tiers: string;
  /** Political region of each AWS region that is used. */
  readonly politicalRegions: Readonly<Record<string, string>>;
  readonly residencyExceptions: readonly string[];
}
export interface Deployment {
  /** By stack id: `Primary-Osaka`. */
  readonly stacks: Readonly<Record<string, ReviewedStack>>;
  readonly rules: ReviewedRules;
}

/** The type of resource under which a role with all its policies is found. */
export const ROLE = "Role";
/** What holds data, or opens it: it is known by its logical id, as CloudFormation knows it. */
export const KEPT_TYPES: readonly string[] = [
  "AWS::S3::Bucket",
  "AWS::S3::BucketPolicy",
  "AWS::KMS::Key",
  "AWS::KMS::Alias",
  "AWS::DynamoDB::Table",
  "AWS::DynamoDB::GlobalTable",
  "AWS::Backup::BackupVault",
];

/** Whether a resource outlives its stack. The second goes only with the operation that made it, when that is rolled back. */
export const isRetained = (deletionPolicy: string | undefined): boolean =>
  deletionPolicy === "Retain" || deletionPolicy === "RetainExceptOnCreate";

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const listOf = (value: Json | undefined): readonly Json[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? (value as readonly Json[]) : [value];
/** A value inside others, by its path; undefined where the path ends early. */
export const at = (value: Json | undefined, ...path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>((inside, key) => (isObject(inside) ? inside[key] : undefined), value);
export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
