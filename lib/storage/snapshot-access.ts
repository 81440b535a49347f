/**
 * Permissions on a bucket of snapshots, the primary's or the replica's. The replica stands in another region and
 * is known by name; its key only by its alias, which is no IAM resource but may stand in a condition.
 */
import type { Key } from "aws-cdk-lib/aws-kms";
import type { BucketKind } from "../names";
import { allow, inAccount, type Grantee, type Permission } from "../permissions/allow";
import {
  ATTEMPT_OBJECTS,
  DRILLS_RECORDS,
  MANIFESTS,
  OUTCOMES,
  PACKS,
  RECORDS,
  REGISTER,
  SERVICE_RECORDS,
} from "../permissions/key-patterns";
import type { ServiceRegion } from "../service-region";

const OBJECTS =
  "Snapshots have a bucket of their own; which objects a call touches follows from the environment at run time.";

/** Use of a key in this account that carries the alias. */
export const keyByAlias = (
  region: ServiceRegion,
  keyRegion: string,
  alias: string,
  actions: readonly string[],
): Permission => ({
  actions,
  resources: [`arn:aws:kms:${keyRegion}:${region.account}:key/*`],
  conditions: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": alias } },
  wildcard: "A key of another region is known by its alias only, which the condition demands.",
});

export class SnapshotAccess {
  private constructor(
    private readonly region: ServiceRegion,
    private readonly kind: Exclude<BucketKind, "transfer">,
    private readonly keyPermission: (actions: readonly string[]) => Permission,
  ) {}

  static toPrimary(region: ServiceRegion, key: Key): SnapshotAccess {
    return new SnapshotAccess(region, "primary", (actions) => ({ actions, resources: [key.keyArn] }));
  }
  /** A recovery's own records, where an ordinary deployment has its snapshots too. */
  static toRecords(region: ServiceRegion, key: Key): SnapshotAccess {
    return new SnapshotAccess(region, "records", (actions) => ({ actions, resources: [key.keyArn] }));
  }
  static toReplica(region: ServiceRegion): SnapshotAccess {
    const alias = region.names.keyAlias("replica");
    return new SnapshotAccess(region, "replica", (actions) =>
      keyByAlias(region, region.row.replication.region, alias, actions),
    );
  }

  /** Any object by version, with its lock; absent ones answer 404 because listing is allowed. */
  grantRead(grantee: Grantee): void {
    this.onObjects(grantee, ["s3:GetObject", "s3:GetObjectRetention", "s3:GetObjectVersion"]);
    this.onBucket(grantee, ["s3:ListBucket", "s3:ListBucketVersions"]);
    allow(grantee, this.keyPermission(["kms:Decrypt"]));
  }
  /** What snapshots say of themselves, none of their data. S3 tells an object's lock only to whoever may ask for it. */
  grantReadManifests(grantee: Grantee): void {
    this.onObjects(grantee, ["s3:GetObject", "s3:GetObjectRetention", "s3:GetObjectVersion"], [MANIFESTS]);
    this.onBucket(grantee, ["s3:ListBucket", "s3:ListBucketVersions"]);
    allow(grantee, this.keyPermission(["kms:Decrypt"]));
  }
  /** With `grantReadManifests`, which tells absent ones from forbidden ones. */
  grantReadRecords(grantee: Grantee): void {
    this.onObjects(grantee, ["s3:GetObject", "s3:GetObjectVersion"], [RECORDS]);
  }
  /** New objects, in one request or in parts, locked as they are written. */
  grantWrite(grantee: Grantee, ...keyPatterns: readonly string[]): void {
    this.onObjects(grantee, ["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectRetention"], keyPatterns);
    this.grantEncrypt(grantee);
  }
  /** Locks of objects that stand already; shortening one takes governance bypass. */
  grantRenewLocks(grantee: Grantee, ...keyPatterns: readonly string[]): void {
    this.onObjects(grantee, ["s3:PutObjectRetention"], keyPatterns);
  }
  /** Records are versioned and never locked. */
  grantWriteRecords(grantee: Grantee): void {
    this.onObjects(grantee, ["s3:AbortMultipartUpload", "s3:PutObject"], [RECORDS]);
    this.grantEncrypt(grantee);
  }
  /** How snapshots ended: of all records only these. */
  grantWriteOutcomes(grantee: Grantee): void {
    this.onObjects(grantee, ["s3:PutObject"], [OUTCOMES]);
    this.grantEncrypt(grantee);
  }
  /** Of all records those of drills alone. */
  grantWriteDrillRecords(grantee: Grantee): void {
    this.onObjects(grantee, ["s3:PutObject"], [DRILLS_RECORDS]);
    this.grantEncrypt(grantee);
  }
  /** With every registration: the register names the environments. */
  grantWriteRegister(grantee: Grantee): void {
    this.onObjects(grantee, ["s3:PutObject"], [REGISTER]);
  }
  /** Who may sign in and do what: changes of it belong to no environment. */
  grantWriteServiceRecords(grantee: Grantee): void {
    this.onObjects(grantee, ["s3:PutObject"], [SERVICE_RECORDS]);
    this.grantEncrypt(grantee);
  }
  /** The commit: the manifest, and locks on whatever it names. Shortening a lock takes governance bypass, another action. */
  grantCommit(grantee: Grantee): void {
    this.onObjects(grantee, ["s3:PutObject"], [MANIFESTS]);
    this.onObjects(grantee, ["s3:PutObjectRetention"]);
    this.grantEncrypt(grantee);
  }
  /** Locks of snapshots' objects are moved forward. */
  grantExtendLocks(grantee: Grantee): void {
    this.onObjects(grantee, ["s3:PutObjectRetention"], [ATTEMPT_OBJECTS, MANIFESTS, PACKS]);
  }
  /** Versions whose lock has ended; never by key alone, which would only put a marker. */
  grantDelete(grantee: Grantee): void {
    this.onObjects(grantee, ["s3:DeleteObjectVersion"]);
  }
  /** Uploads that a crashed attempt left unfinished. */
  grantSweepUploads(grantee: Grantee): void {
    this.onObjects(grantee, ["s3:AbortMultipartUpload"]);
    this.onBucket(grantee, ["s3:ListBucketMultipartUploads"]);
  }
  /** Going around governance mode: for the deleting role only, and the bucket's policy sees to that. */
  grantGovernanceBypass(grantee: Grantee): void {
    this.onObjects(grantee, ["s3:BypassGovernanceRetention"]);
  }

  /** Decrypt, because S3 reads the parts of a multipart upload when it completes it. */
  private grantEncrypt(grantee: Grantee): void {
    allow(grantee, this.keyPermission(["kms:Decrypt", "kms:GenerateDataKey"]));
  }
  private onObjects(grantee: Grantee, actions: readonly string[], keyPatterns: readonly string[] = ["*"]): void {
    const bucket = this.region.names.bucketArn(this.kind);
    allow(grantee, {
      actions,
      resources: keyPatterns.map((pattern) => `${bucket}/${pattern}`),
      conditions: inAccount(this.region.account),
      wildcard: OBJECTS,
    });
  }
  private onBucket(grantee: Grantee, actions: readonly string[]): void {
    allow(grantee, {
      actions,
      resources: [this.region.names.bucketArn(this.kind)],
      conditions: inAccount(this.region.account),
    });
  }
}
