/**
 * Permissions on the transfer bucket. Archives, uploads and drills each have a prefix of their own, and most roles may touch
 * one of them only. Listing is allowed to whoever looks for objects that may be absent, else S3 answers 403 for them.
 */
import { ARCHIVES_PREFIX, DRILLS_PREFIX, UPLOADS_PREFIX } from "../../lambda/storage/object-keys";
import { allow, inAccount, type Grantee } from "../permissions/allow";
import type { ServiceRegion } from "../service-region";
import type { Key } from "aws-cdk-lib/aws-kms";

const ARCHIVES = `${ARCHIVES_PREFIX}*`;
const DRILLS = `${DRILLS_PREFIX}*`;
const UPLOADS = `${UPLOADS_PREFIX}*`;
const OBJECTS = "Archives, uploads and drills are named by the ids that they get at run time.";

export class TransferAccess {
  constructor(
    private readonly region: ServiceRegion,
    private readonly key: Key,
  ) {}

  /** Putting an archive together, in one request or in parts, and reading back what was kept on the way. */
  grantBuildArchives(grantee: Grantee): void {
    this.onObjects(grantee, ARCHIVES, ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]);
    this.onBucket(grantee, ["s3:ListBucket"]);
    this.withKey(grantee, ["kms:Decrypt", "kms:GenerateDataKey"]);
  }
  /** Getting finished archives. */
  grantHandOutArchives(grantee: Grantee): void {
    this.onObjects(grantee, ARCHIVES, ["s3:GetObject"]);
    this.withKey(grantee, ["kms:Decrypt"]);
  }
  /** Opening uploads, signing their parts, asking how far they are, completing and giving them up. */
  grantReceiveUploads(grantee: Grantee): void {
    this.onObjects(grantee, UPLOADS, [
      "s3:AbortMultipartUpload",
      "s3:DeleteObject",
      "s3:GetObject",
      "s3:ListMultipartUploadParts",
      "s3:PutObject",
    ]);
    this.onBucket(grantee, ["s3:ListBucket"]);
    this.withKey(grantee, ["kms:Decrypt", "kms:GenerateDataKey"]);
  }
  /** Making a snapshot of an upload, which is then no longer needed. */
  grantTakeUploads(grantee: Grantee): void {
    this.onObjects(grantee, UPLOADS, ["s3:DeleteObject", "s3:GetObject"]);
    this.onBucket(grantee, ["s3:ListBucket"]);
    this.withKey(grantee, ["kms:Decrypt"]);
  }
  /** Putting a drill's files, reading them back, and removing them. */
  grantDrill(grantee: Grantee): void {
    this.onObjects(grantee, DRILLS, [
      "s3:AbortMultipartUpload",
      "s3:DeleteObject",
      "s3:GetObject",
      "s3:GetObjectTagging",
      "s3:PutObject",
      "s3:PutObjectTagging",
    ]);
    this.onBucket(grantee, ["s3:ListBucket", "s3:ListBucketMultipartUploads"]);
    this.withKey(grantee, ["kms:Decrypt", "kms:GenerateDataKey"]);
  }
  /** Whatever is older than a day. */
  grantSweep(grantee: Grantee): void {
    for (const keys of [ARCHIVES, DRILLS, UPLOADS])
      this.onObjects(grantee, keys, ["s3:AbortMultipartUpload", "s3:DeleteObject"]);
    this.onBucket(grantee, ["s3:ListBucket", "s3:ListBucketMultipartUploads"]);
  }

  private onObjects(grantee: Grantee, keys: string, actions: readonly string[]): void {
    const { names, account } = this.region;
    allow(grantee, {
      actions,
      resources: [`${names.bucketArn("transfer")}/${keys}`],
      conditions: inAccount(account),
      wildcard: OBJECTS,
    });
  }
  private onBucket(grantee: Grantee, actions: readonly string[]): void {
    const { names, account } = this.region;
    allow(grantee, { actions, resources: [names.bucketArn("transfer")], conditions: inAccount(account) });
  }
  private withKey(grantee: Grantee, actions: readonly string[]): void {
    allow(grantee, { actions, resources: [this.key.keyArn] });
  }
}
