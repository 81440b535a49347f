/**
 * What would replace or delete something that holds data: a bucket, its policy, a key, an alias, the catalog, a
 * vault. Update behaviours are those of CloudFormation's reference of each type. Pure.
 */
import { isRetained, KEPT_TYPES, same, type ReviewedResource, type ReviewedStack } from "./deployment";
import { harmful, harmless, type Sentence } from "./finding";
import { call, physicalName, show } from "./resource-names";

/** Properties whose change makes CloudFormation put a new, empty resource in place of the old one. */
const REPLACING: Readonly<Record<string, readonly string[]>> = {
  "AWS::S3::Bucket": ["BucketName", "BucketNamePrefix", "BucketNamespace"],
  "AWS::S3::BucketPolicy": ["Bucket"],
  "AWS::KMS::Alias": ["AliasName"],
  "AWS::DynamoDB::Table": ["TableName", "KeySchema", "LocalSecondaryIndexes", "ImportSourceSpecification"],
  "AWS::DynamoDB::GlobalTable": ["TableName", "KeySchema", "LocalSecondaryIndexes"],
  "AWS::Backup::BackupVault": ["BackupVaultName", "EncryptionKeyArn"],
};
/** Properties that can't change: the update fails, whatever UpdateReplacePolicy says. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  "AWS::S3::Bucket": ["ObjectLockEnabled"],
  "AWS::KMS::Key": ["KeySpec", "KeyUsage", "MultiRegion", "Origin"],
};

export const isKept = ({ type }: ReviewedResource): boolean => KEPT_TYPES.includes(type);

export const keptResources = (before: ReviewedStack, after: ReviewedStack): readonly Sentence[] =>
  Object.entries(before.resources)
    .filter(([, resource]) => isKept(resource))
    .flatMap(([id, resource]) => {
      const now = after.resources[id];
      if (now === undefined) return [gone(id, resource, after)];
      if (now.type !== resource.type)
        return [
          lost(
            id,
            resource,
            `{in}, ${call(id, resource)} is deleted, because its logical id ${id} becomes a ${now.type}`,
            "give the new resource an id of its own",
          ),
        ];
      return [...replaced(id, resource, now), ...lessKept(id, resource, now)];
    });

/** Ids under which kept resources of `after` took the place of others: they are not new. */
export const renamedIds = (before: ReviewedStack, after: ReviewedStack): ReadonlySet<string> =>
  new Set(
    Object.entries(before.resources).flatMap(([id, resource]) =>
      isKept(resource) && after.resources[id] === undefined ? (namesake(resource, before, after) ?? []) : [],
    ),
  );

const namesake = (resource: ReviewedResource, before: ReviewedStack, after: ReviewedStack): string | undefined =>
  Object.entries(after.resources).find(
    ([id, other]) =>
      before.resources[id] === undefined &&
      other.type === resource.type &&
      (physicalName(resource) === undefined ? same(other, resource) : physicalName(other) === physicalName(resource)),
  )?.[0];

const gone = (id: string, resource: ReviewedResource, after: ReviewedStack): Sentence => {
  const other = Object.entries(after.resources).find(
    ([, candidate]) =>
      candidate.type === resource.type &&
      (physicalName(resource) === undefined
        ? same(candidate, resource)
        : physicalName(candidate) === physicalName(resource)),
  )?.[0];
  if (other !== undefined)
    return lost(
      id,
      resource,
      `{in}, ${call(id, resource)} is made anew, because its logical id changes from ${id} to ${other}: ` +
        `CloudFormation leaves the old one without a stack and ${physicalName(resource) === undefined ? "begins with a new one that opens nothing" : "can't make another of the same name"}`,
      "move the construct back, or keep the id with overrideLogicalId",
    );
  return isRetained(resource.deletionPolicy)
    ? lost(
        id,
        resource,
        `{in}, ${call(id, resource)} (${id}) leaves its stack and stays behind without one, unguarded by the next deployment`,
        "put it back into the template",
      )
    : lost(
        id,
        resource,
        `{in}, ${call(id, resource)} (${id}) is deleted with everything in it`,
        "put it back into the template",
      );
};

const lost = (id: string, resource: ReviewedResource, sentence: string, instead: string): Sentence =>
  harmful("replaced", call(id, resource), sentence, instead);

const replaced = (id: string, was: ReviewedResource, now: ReviewedResource): readonly Sentence[] => {
  const changes = (names: readonly string[] = []): readonly (readonly [name: string, change: string])[] =>
    names
      .filter((name) => !same(was.properties[name], now.properties[name]))
      .map(
        (name) =>
          [name, `${name} changes from ${show(was.properties[name])} to ${show(now.properties[name])}`] as const,
      );
  return [
    ...changes(REPLACING[was.type]).map(([name, change]) => ({
      ...lost(
        id,
        was,
        `{in}, ${call(id, was)} is replaced by a new, empty one, because ${change}`,
        "keep the former value",
      ),
      about: `${id} ${name}`,
    })),
    ...changes(FIXED[was.type]).map(([name, change]) => ({
      ...lost(
        id,
        was,
        `{in}, ${call(id, was)} can't be updated, because ${change} and AWS refuses that`,
        "keep the former value",
      ),
      about: `${id} ${name}`,
    })),
  ];
};

/** CloudFormation knows `RetainExceptOnCreate` for a deletion, not for a replacement. */
const lessKept = (id: string, was: ReviewedResource, now: ReviewedResource): readonly Sentence[] => {
  const less = (outlived: string, attribute: string, before: string | undefined, after: string | undefined): Sentence =>
    harmful(
      "kept-less",
      call(id, was),
      `{in}, ${call(id, was)} no longer outlives its ${outlived}, because ${attribute} changes from ${show(before)} to ${show(after)}`,
      "keep its removal policy",
    );
  return [
    ...(isRetained(was.deletionPolicy) && !isRetained(now.deletionPolicy)
      ? [less("stack", "DeletionPolicy", was.deletionPolicy, now.deletionPolicy)]
      : []),
    ...(was.updateReplacePolicy === "Retain" && now.updateReplacePolicy !== "Retain"
      ? [less("replacement", "UpdateReplacePolicy", was.updateReplacePolicy, now.updateReplacePolicy)]
      : []),
    ...keptOtherwise(id, was, now),
  ];
};

/** Both outlive the stack; they differ in what becomes of a resource that a failed operation has just made. */
const keptOtherwise = (id: string, was: ReviewedResource, now: ReviewedResource): readonly Sentence[] => {
  const policies = [was.deletionPolicy, now.deletionPolicy];
  if (!policies.every(isRetained) || was.deletionPolicy === now.deletionPolicy) return [];
  const justMade = now.deletionPolicy === "Retain" ? "stays behind too" : "is deleted again";
  return [
    harmless(
      `{in}, {who} {is} still kept when the stack is deleted; what a deployment has just made, and then fails, ${justMade} (DeletionPolicy changes from ${show(was.deletionPolicy)} to ${show(now.deletionPolicy)})`,
      { who: call(id, was) },
    ),
  ];
};
