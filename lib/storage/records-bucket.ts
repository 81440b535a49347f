/**
 * A recovery's own records: registrations of targets, and what its restores keep on the way. Never a snapshot: those
 * are read from the replica bucket, into which a recovery writes nothing.
 */
import { Validations } from "aws-cdk-lib";
import type { Key } from "aws-cdk-lib/aws-kms";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { removalOf, type ServiceRegion } from "../service-region";
import { denyOtherSettings } from "./bucket-guards";
import { ABORT_UNFINISHED_UPLOADS, privateBucket } from "./private-bucket";

export interface RecordsBucketProps {
  readonly region: ServiceRegion;
  readonly key: Key;
}

export class RecordsBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { region, key }: RecordsBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, "Bucket", {
      bucketName: region.names.bucket("records"),
      versioned: true,
      ...privateBucket(key),
      lifecycleRules: [ABORT_UNFINISHED_UPLOADS],
      removalPolicy: removalOf(region),
    });
    this.bucket.addToResourcePolicy(denyOtherSettings(this.bucket, region));
    this.bucket.policy?.applyRemovalPolicy(removalOf(region));
    Validations.of(this.bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason: "It holds records of restores only; CloudTrail data events name the role behind every access.",
    });
  }
}
