/**
 * A bucket for snapshots: versions, Object Lock without a default retention (records are not locked; every other
 * object is locked by whoever writes it), its own key, and a policy that outlives the stack together with it.
 */
import { Validations } from "aws-cdk-lib";
import type { Key } from "aws-cdk-lib/aws-kms";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { ReplicaKind } from "../regions/replica-places";
import { removalOf, type ServiceRegion } from "../service-region";
import { denyAuditDeletion, denyDeleteMarkers, denyGovernanceBypass, denyOtherSettings } from "./bucket-guards";
import { ABORT_UNFINISHED_UPLOADS, privateBucket } from "./private-bucket";

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
      ...privateBucket(key),
      lifecycleRules: [ABORT_UNFINISHED_UPLOADS],
      removalPolicy: removalOf(region),
    });
    this.bucket.addToResourcePolicy(denyGovernanceBypass(this.bucket, region.names.functionRoleArn("deletion")));
    this.bucket.addToResourcePolicy(denyDeleteMarkers(this.bucket));
    this.bucket.addToResourcePolicy(denyAuditDeletion(this.bucket));
    this.bucket.addToResourcePolicy(denyOtherSettings(this.bucket, region));
    this.bucket.policy?.applyRemovalPolicy(removalOf(region));
    Validations.of(this.bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason:
        "Who read or changed an object is answered by CloudTrail data events, which name the role and the version; " +
        "server access logs name neither reliably and would need one more bucket to guard in every region.",
    });
  }
}
