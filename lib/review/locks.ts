/** What would weaken a lock or another guard of kept data: versions, Object Lock, vault lock, recovery, replication. Pure. */
import { at, isObject, listOf, same, type Json, type ReviewedResource, type ReviewedStack } from "./deployment";
import { harmful, type Sentence } from "./finding";
import { call, show } from "./resource-names";

/** A guard that is on, and what its loss means. */
interface Guard {
  readonly type: string;
  readonly path: readonly string[];
  readonly on: Json;
  readonly loss: string;
}
const GUARDS: readonly Guard[] = [
  {
    type: "AWS::S3::Bucket",
    path: ["VersioningConfiguration", "Status"],
    on: "Enabled",
    loss: "no longer keeps versions, so that objects can be overwritten",
  },
  ...["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"].map((flag) => ({
    type: "AWS::S3::Bucket",
    path: ["PublicAccessBlockConfiguration", flag],
    on: true,
    loss: "can be opened to the public",
  })),
  {
    type: "AWS::DynamoDB::Table",
    path: ["DeletionProtectionEnabled"],
    on: true,
    loss: "can be deleted by anyone who may delete tables",
  },
  {
    type: "AWS::DynamoDB::Table",
    path: ["PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"],
    on: true,
    loss: "can no longer be brought back to an earlier minute",
  },
  {
    type: "AWS::DynamoDB::Table",
    path: ["SSESpecification", "SSEEnabled"],
    on: true,
    loss: "loses its AWS managed key",
  },
  { type: "AWS::KMS::Key", path: ["EnableKeyRotation"], on: true, loss: "no longer rotates" },
];

export const weakenedLocks = (before: ReviewedStack, after: ReviewedStack): readonly Sentence[] => [
  ...(before.terminationProtection && !after.terminationProtection
    ? [
        harmful(
          "weaker",
          `stack ${before.kind.replace(/-.*/, "")}`,
          `{of} stack ${before.kind.replace(/-.*/, "")} loses its termination protection, and one command can delete it`,
          "keep terminationProtection: true",
        ),
      ]
    : []),
  ...Object.entries(before.resources).flatMap(([id, was]) => {
    const now = after.resources[id];
    if (now === undefined || now.type !== was.type) return [];
    return [
      ...GUARDS.filter(({ type, path, on }) => type === was.type && at(was.properties, ...path) === on).flatMap(
        ({ path, on, loss }) =>
          at(now.properties, ...path) === on
            ? []
            : [
                harmful(
                  "weaker",
                  call(id, was),
                  `{in}, ${call(id, was)} ${loss}, because ${path.join(".")} changes from ${show(on)} to ${show(at(now.properties, ...path))}`,
                  `keep ${path.join(".")}`,
                  { about: `${id} ${path[0]}` },
                ),
              ],
      ),
      ...(CHECKS[was.type]?.(call(id, was), was, now) ?? []).map(([property, sentence, instead]) =>
        harmful("weaker", call(id, was), sentence, instead, { about: `${id} ${property}` }),
      ),
    ];
  }),
];

/** What is weaker, with the property that says so. */
type Weaker = readonly [property: string, sentence: string, instead: string];
type Check = (called: string, was: ReviewedResource, now: ReviewedResource) => readonly Weaker[];

const bucket: Check = (called, was, now) => {
  const found: Weaker[] = [];
  const key = (of: ReviewedResource): Json | undefined =>
    at(
      listOf(at(of.properties, "BucketEncryption", "ServerSideEncryptionConfiguration"))[0],
      "ServerSideEncryptionByDefault",
      "KMSMasterKeyID",
    );
  if (!same(key(was), key(now)))
    found.push(
      weaker(
        "BucketEncryption",
        `{in}, new objects of ${called} are encrypted with ${show(key(now))} instead of ${show(key(was))}, which no role may use yet`,
        "keep the key",
      ),
    );
  const rule = (of: ReviewedResource): Json | undefined =>
    at(of.properties, "ObjectLockConfiguration", "Rule", "DefaultRetention");
  const days = (of: ReviewedResource): number =>
    Number(at(rule(of), "Days") ?? 0) + 365 * Number(at(rule(of), "Years") ?? 0);
  if (days(now) < days(was))
    found.push(
      weaker(
        "ObjectLockConfiguration",
        `{in}, ${called} locks new objects for ${days(now)} days by default instead of ${days(was)}`,
        "keep the default retention",
      ),
    );
  if (at(rule(was), "Mode") === "COMPLIANCE" && at(rule(now), "Mode") !== "COMPLIANCE")
    found.push(
      weaker(
        "ObjectLockConfiguration",
        `{in}, ${called} no longer locks new objects in compliance mode by default`,
        "keep the mode",
      ),
    );
  if (was.properties["ObjectLockEnabled"] === true)
    for (const added of newRules(was, now))
      if (EXPIRING.some((property) => at(added, property) !== undefined))
        found.push(
          weaker(
            "LifecycleConfiguration",
            `{in}, S3 itself deletes what is in ${called} by the lifecycle rule ${show(at(added, "Id"))}`,
            "leave deleting to retention and remove the rule",
          ),
        );
  return [...found, ...replication(called, was, now)];
};

const EXPIRING = [
  "ExpirationInDays",
  "ExpirationDate",
  "ExpiredObjectDeleteMarker",
  "NoncurrentVersionExpiration",
  "NoncurrentVersionExpirationInDays",
];
const newRules = (was: ReviewedResource, now: ReviewedResource): readonly Json[] => {
  const rules = (of: ReviewedResource): readonly Json[] => listOf(at(of.properties, "LifecycleConfiguration", "Rules"));
  return rules(now).filter((rule) => !rules(was).some((known) => same(known, rule)));
};

const replication: Check = (called, was, now) => {
  const rules = (of: ReviewedResource): readonly Json[] =>
    listOf(at(of.properties, "ReplicationConfiguration", "Rules")).filter((rule) => at(rule, "Status") !== "Disabled");
  return rules(was).flatMap((rule) => {
    const still = rules(now).find((other) => at(other, "Id") === at(rule, "Id"));
    if (still === undefined)
      return [
        weaker(
          "ReplicationConfiguration",
          `{in}, ${called} is no longer replicated by the rule ${show(at(rule, "Id"))}`,
          "keep the rule enabled",
        ),
      ];
    const found: Weaker[] = [];
    const target = (of: Json): string => show(at(of, "Destination", "Bucket"));
    if (target(still) !== target(rule))
      found.push(
        weaker(
          "ReplicationConfiguration",
          `{in}, ${called} is replicated to ${target(still)} instead of ${target(rule)}`,
          "keep the destination",
        ),
      );
    if (
      at(rule, "Destination", "ReplicationTime", "Status") === "Enabled" &&
      at(still, "Destination", "ReplicationTime", "Status") !== "Enabled"
    )
      found.push(
        weaker(
          "ReplicationConfiguration",
          `{in}, nothing promises any more that ${called} is replicated within 15 minutes`,
          "keep Replication Time Control",
        ),
      );
    if (!same(at(rule, "Filter"), at(still, "Filter")))
      found.push(
        weaker(
          "ReplicationConfiguration",
          `{in}, other objects of ${called} are replicated: ${show(at(still, "Filter"))} instead of ${show(at(rule, "Filter"))}`,
          "keep the filter",
        ),
      );
    return found;
  });
};

const vault: Check = (called, was, now) => {
  const lock = (of: ReviewedResource, name: string): number | undefined => {
    const value = at(of.properties, "LockConfiguration", name);
    return value === undefined ? undefined : Number(value);
  };
  if (isObject(was.properties["LockConfiguration"]) && !isObject(now.properties["LockConfiguration"]))
    return [weaker("LockConfiguration", `{in}, ${called} is no longer locked`, "keep its LockConfiguration")];
  const found: Weaker[] = [];
  for (const name of ["MinRetentionDays", "MaxRetentionDays"]) {
    const [days, nowDays] = [lock(was, name), lock(now, name)];
    if (days !== undefined && (nowDays ?? (name === "MinRetentionDays" ? 0 : Infinity)) < days)
      found.push(
        weaker(
          "LockConfiguration",
          `{in}, ${called} accepts shorter retentions, because ${name} changes from ${days} to ${show(nowDays)}`,
          "keep the days",
        ),
      );
  }
  if (lock(was, "ChangeableForDays") !== undefined && lock(now, "ChangeableForDays") === undefined)
    found.push(
      weaker(
        "LockConfiguration",
        `{in}, ${called} falls back from compliance to governance mode`,
        "keep ChangeableForDays",
      ),
    );
  return found;
};

const key: Check = (called, was, now) => {
  const found: Weaker[] = [];
  if (was.properties["Enabled"] !== false && now.properties["Enabled"] === false)
    found.push(
      weaker("Enabled", `{in}, ${called} is disabled, and nothing encrypted with it can be read`, "leave it enabled"),
    );
  const days = (of: ReviewedResource): number => Number(of.properties["PendingWindowInDays"] ?? 30);
  if (days(now) < days(was))
    found.push(
      weaker(
        "PendingWindowInDays",
        `{in}, ${called} can be destroyed after ${days(now)} days instead of ${days(was)}`,
        "keep PendingWindowInDays",
      ),
    );
  return found;
};

const alias: Check = (called, was, now) =>
  same(was.properties["TargetKeyId"], now.properties["TargetKeyId"])
    ? []
    : [
        weaker(
          "TargetKeyId",
          `{in}, ${called} leads to another key, ${show(now.properties["TargetKeyId"])} instead of ${show(was.properties["TargetKeyId"])}`,
          "keep its target",
        ),
      ];

const CHECKS: Readonly<Record<string, Check>> = {
  "AWS::S3::Bucket": bucket,
  "AWS::Backup::BackupVault": vault,
  "AWS::KMS::Key": key,
  "AWS::KMS::Alias": alias,
};

const weaker = (property: string, sentence: string, instead: string): Weaker => [property, sentence, instead];
