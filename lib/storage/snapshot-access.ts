/**
 * Permissions on a bucket of snapshots, the primary's or the replica's. The replica stands in another region and
 * is known by name; its key only by its alias, which is no IAM resource but may stand in a condition.
 */
import type { Key } from "aws-cdk-lib/aws-kms";
import { allow, inAccount, type Grantee, type Permission } from "../permissions/allow";
import {
  ATTEMPT_OBJECTS,
  DRILLS_RECORDS,
  FILE_INDEX,
  MANIFESTS,
  OUTCOMES,
  PACKS,
  RECORDS,
  REGISTER,
  SERVICE_RECORDS,
} from "../permissions/key-patterns";
import { replicaPlaces } from "../regions/replica-places";
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

/** A bucket of snapshots, and use of its key. */
interface SnapshotPlace {
  readonly bucketArn: string;
  readonly keyPermission: (actions: readonly string[]) => Permission;
}

export class SnapshotAccess {
  private constructor(
    private readonly region: ServiceRegion,
    /** Where new objects go; what stands is read, locked and deleted in the others too. */
    private readonly current: SnapshotPlace,
    private readonly former: readonly SnapshotPlace[] = [],
  ) {}

  static toPrimary(region: ServiceRegion, key: Key): SnapshotAccess {
    const keyPermission = (actions: readonly string[]): Permission => ({ actions, resources: [key.keyArn] });
    return new SnapshotAccess(region, { bucketArn: region.names.bucketArn("primary"), keyPermission });
  }
  /** A recovery's own records, where an ordinary deployment has its snapshots too. */
  static toRecords(region: ServiceRegion, key: Key): SnapshotAccess {
    const keyPermission = (actions: readonly string[]): Permission => ({ actions, resources: [key.keyArn] });
    return new SnapshotAccess(region, { bucketArn: region.names.bucketArn("records"), keyPermission });
  }
  /** Of all regions that hold replicas: nothing new is written to former ones. */
  static toReplica(region: ServiceRegion): SnapshotAccess {
    const [current, ...former] = replicaPlaces(region.row).map(({ place, kind }) => ({
      bucketArn: region.names.bucketArn(kind),
      keyPermission: (actions: readonly string[]) =>
        keyByAlias(region, place.region, region.names.keyAlias(kind), actions),
    }));
    if (current === undefined) throw new Error(`${region.row.name} has no replication region`);
    return new SnapshotAccess(region, current, former);
  }

  /** Any object by version, with its lock; absent ones answer 404 because listing is allowed. */
  grantRead(grantee: Grantee): void {
    this.onObjects(grantee, ["s3:GetObject", "s3:GetObjectRetention", "s3:GetObjectVersion"]);
    this.onBucket(grantee, ["s3:ListBucket", "s3:ListBucketVersions"]);
    this.grantDecrypt(grantee);
  }
  /** What snapshots say of themselves, none of their data. S3 tells an object's lock only to whoever may ask for it. */
  grantReadManifests(grantee: Grantee): void {
    this.onObjects(grantee, ["s3:GetObject", "s3:GetObjectRetention", "s3:GetObjectVersion"], [MANIFESTS]);
    this.onBucket(grantee, ["s3:ListBucket", "s3:ListBucketVersions"]);
    this.grantDecrypt(grantee);
  }
  /** Names of files and what is kept of them, none of their bytes; with `grantReadManifests`. */
  grantReadFileIndex(grantee: Grantee): void {
    this.onObjects(grantee, ["s3:GetObject", "s3:GetObjectVersion"], [FILE_INDEX]);
  }
  /** With `grantReadManifests`, which tells absent ones from forbidden ones. */
  grantReadRecords(grantee: Grantee): void {
    this.onObjects(grantee, ["s3:GetObject", "s3:GetObjectVersion"], [RECORDS]);
  }
  /** New objects, in one request or in parts, locked as they are written. */
  grantWrite(grantee: Grantee, ...keyPatterns: readonly string[]): void {
    this.onObjects(grantee, ["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectRetention"], keyPatterns, [
      this.current,
    ]);
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

  private grantDecrypt(grantee: Grantee): void {
    for (const { keyPermission } of this.everywhere) allow(grantee, keyPermission(["kms:Decrypt"]));
  }
  /** Decrypt, because S3 reads the parts of a multipart upload when it completes it. */
  private grantEncrypt(grantee: Grantee): void {
    allow(grantee, this.current.keyPermission(["kms:Decrypt", "kms:GenerateDataKey"]));
  }
  private get everywhere(): readonly SnapshotPlace[] {
    return [this.current, ...this.former];
  }
  private onObjects(
    grantee: Grantee,
    actions: readonly string[],
    keyPatterns: readonly string[] = ["*"],
    places: readonly SnapshotPlace[] = this.everywhere,
  ): void {
    allow(grantee, {
      actions,
      resources: places.flatMap(({ bucketArn }) => keyPatterns.map((pattern) => `${bucketArn}/${pattern}`)),
      conditions: inAccount(this.region.account),
      wildcard: OBJECTS,
    });
  }
  private onBucket(grantee: Grantee, actions: readonly string[]): void {
    allow(grantee, {
      actions,
      resources: this.everywhere.map(({ bucketArn }) => bucketArn),
      conditions: inAccount(this.region.account),
    });
  }
}
