/**
 * A bucket for snapshots: versions, Object Lock without a default retention (records are not locked; every other
 * object is locked by whoever writes it), its own key, and a policy that outlives the stack together with it.
 */
import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import type { Key } from "aws-cdk-lib/aws-kms";
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { ReplicaKind } from "../regions/replica-places";
import type { ServiceRegion } from "../service-region";
import { denyAuditDeletion, denyDeleteMarkers, denyGovernanceBypass } from "./bucket-guards";

/** Longer than any dump or pack takes; retention sweeps after a day, this is the backstop. */
const ABORT_UPLOADS_AFTER_DAYS = 3;

export interface LockedBucketProps {
  readonly region: ServiceRegion;
  readonly kind: "primary" | ReplicaKind;
  readonly key: Key;
}

export class LockedBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { region, kind, key }: LockedBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, "Bucket", {
      bucketName: region.names.bucket(kind),
      versioned: true,
      objectLockEnabled: true,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [
        {
          id: "abort-unfinished-uploads",
          abortIncompleteMultipartUploadAfter: Duration.days(ABORT_UPLOADS_AFTER_DAYS),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.bucket.addToResourcePolicy(denyGovernanceBypass(this.bucket, region.names.functionRoleArn("deletion")));
    this.bucket.addToResourcePolicy(denyDeleteMarkers(this.bucket));
    this.bucket.addToResourcePolicy(denyAuditDeletion(this.bucket));
    this.bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(this.bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason:
        "Who read or changed an object is answered by CloudTrail data events, which name the role and the version; " +
        "server access logs name neither reliably and would need one more bucket to guard in every region.",
    });
  }
}
