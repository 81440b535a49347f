/** Permissions on the environments' file buckets, by the stage's patterns, and on their keys, by tag. */
import { allow, inAccount, type Grantee } from "../permissions/allow";
import type { ServiceRegion } from "../service-region";

const PATTERNS =
  "Environments come and go without a deployment: their buckets are known by the patterns of the stage's configuration.";
const TAGGED =
  "Environments come and go without a deployment: their keys are known by a tag, which the condition demands.";

export class FileAccess {
  constructor(private readonly region: ServiceRegion) {}

  /** Files as they are now, and beneath a delete marker; absent ones answer 404 because listing is allowed (rule 9). */
  grantRead(grantee: Grantee): void {
    const patterns = this.region.stage.fileBuckets.read;
    this.onBuckets(grantee, patterns, ["s3:ListBucket", "s3:ListBucketVersions"]);
    this.onObjects(grantee, patterns, [
      "s3:GetObject",
      "s3:GetObjectTagging",
      "s3:GetObjectVersion",
      "s3:GetObjectVersionTagging",
    ]);
    this.withKeys(grantee, ["kms:Decrypt"]);
  }
  /** For restores: looking, putting what is missing or other, and making that as it was again, version and tags included. */
  grantPut(grantee: Grantee): void {
    const patterns = this.region.stage.fileBuckets.write;
    this.onBuckets(grantee, patterns, ["s3:ListBucket", "s3:ListBucketMultipartUploads"]);
    this.onObjects(grantee, patterns, [
      "s3:AbortMultipartUpload",
      "s3:DeleteObject",
      "s3:DeleteObjectVersion",
      "s3:GetObject",
      "s3:GetObjectTagging",
      "s3:GetObjectVersion",
      "s3:PutObject",
      "s3:PutObjectTagging",
    ]);
    this.withKeys(grantee, ["kms:Decrypt", "kms:GenerateDataKey"]);
  }
  /** For the swap: removing what only the replaced database referred to; and the probe's own object, there and gone again. */
  grantRemove(grantee: Grantee): void {
    const patterns = this.region.stage.fileBuckets.write;
    this.onBuckets(grantee, patterns, ["s3:ListBucket", "s3:ListBucketVersions"]);
    this.onObjects(grantee, patterns, [
      "s3:DeleteObject",
      "s3:DeleteObjectVersion",
      "s3:GetObject",
      "s3:PutObject",
      "s3:PutObjectTagging",
    ]);
    this.withKeys(grantee, ["kms:Decrypt", "kms:GenerateDataKey"]);
  }

  private onBuckets(grantee: Grantee, patterns: readonly string[], actions: readonly string[]): void {
    this.allow(
      grantee,
      actions,
      patterns.map((pattern) => `arn:aws:s3:::${pattern}`),
    );
  }
  private onObjects(grantee: Grantee, patterns: readonly string[], actions: readonly string[]): void {
    this.allow(
      grantee,
      actions,
      patterns.map((pattern) => `arn:aws:s3:::${pattern}/*`),
    );
  }
  private allow(grantee: Grantee, actions: readonly string[], resources: readonly string[]): void {
    allow(grantee, { actions, resources, conditions: inAccount(this.region.account), wildcard: PATTERNS });
  }
  private withKeys(grantee: Grantee, actions: readonly string[]): void {
    const { account, row, stage } = this.region;
    allow(grantee, {
      actions,
      resources: [`arn:aws:kms:${row.region}:${account}:key/*`],
      conditions: {
        StringEquals: {
          [`aws:ResourceTag/${stage.resourceTag.key}`]: stage.resourceTag.value,
          "kms:ViaService": `s3.${row.region}.amazonaws.com`,
        },
      },
      wildcard: TAGGED,
    });
  }
}
