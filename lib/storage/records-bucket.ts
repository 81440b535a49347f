/**
 * A recovery's own records: registrations of targets, and what its restores keep on the way. Never a snapshot: those
 * are read from the replica bucket, into which a recovery writes nothing.
 */
import { Duration, Validations } from "aws-cdk-lib";
import type { Key } from "aws-cdk-lib/aws-kms";
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { removalOf, type ServiceRegion } from "../service-region";

const ABORT_UPLOADS_AFTER_DAYS = 3;

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
      removalPolicy: removalOf(region),
    });
    Validations.of(this.bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason: "It holds records of restores only; CloudTrail data events name the role behind every access.",
    });
  }
}
