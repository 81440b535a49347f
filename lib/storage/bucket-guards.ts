/** What a bucket's own policy refuses, whatever an identity's policy says. */
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { BUCKET_SETTINGS } from "../guards/guarded-actions";
import { denyToOthers, guardingRoles } from "../guards/guarding-roles";
import { AUDIT_RECORDS } from "../permissions/key-patterns";
import type { ServiceRegion } from "../service-region";

/** What the other guards stand on: the policy that holds them, versions, lifecycle, replication, keys. */
export const denyOtherSettings = (bucket: Bucket, region: ServiceRegion): PolicyStatement =>
  denyToOthers("OnlyDeploymentsChangeGuards", BUCKET_SETTINGS, guardingRoles(bucket, region), [
    bucket.bucketArn,
    bucket.arnForObjects("*"),
  ]);

/** Locks are kept by S3; this keeps everyone but the deleting role from going around governance mode (I2). */
export const denyGovernanceBypass = (bucket: Bucket, deletingRoleArn: string): PolicyStatement =>
  denyToOthers(
    "OnlyDeletingRoleBypassesGovernance",
    ["s3:BypassGovernanceRetention"],
    [deletingRoleArn],
    [bucket.arnForObjects("*")],
  );

/**
 * A delete without a version puts a marker, which hides even a locked object; nothing of ours needs one, neither
 * for snapshots nor for records. Deleting a version is another action, `s3:DeleteObjectVersion`.
 */
export const denyDeleteMarkers = (bucket: Bucket): PolicyStatement =>
  new PolicyStatement({
    sid: "NobodyPutsDeleteMarkers",
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ["s3:DeleteObject"],
    resources: [bucket.arnForObjects("*")],
  });

/** Records aren't locked, and retention may delete what isn't: audit records it never does, and nobody else does either. */
export const denyAuditDeletion = (bucket: Bucket): PolicyStatement =>
  new PolicyStatement({
    sid: "NobodyDeletesAuditRecords",
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ["s3:DeleteObjectVersion"],
    resources: AUDIT_RECORDS.map((pattern) => bucket.arnForObjects(pattern)),
  });
