/** Short-lived uploads and archives; never the home of a snapshot, so nothing in it is locked or versioned. */
import { Duration, Validations } from "aws-cdk-lib";
import type { Key } from "aws-cdk-lib/aws-kms";
import { Bucket, HttpMethods } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { removalOf, type ServiceRegion } from "../service-region";
import { denyOtherSettings } from "./bucket-guards";
import { privateBucket } from "./private-bucket";

/** How long a browser remembers that it may: as long as an address for a part is valid. */
const CORS_SECONDS = 3600;

/** Retention sweeps after a day; a lifecycle rule rounds up to midnight and is the backstop. */
const KEEP_DAYS = 2;

export interface TransferBucketProps {
  readonly region: ServiceRegion;
  readonly key: Key;
}

export class TransferBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { region, key }: TransferBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, "Bucket", {
      bucketName: region.names.bucket("transfer"),
      ...privateBucket(key),
      lifecycleRules: [
        {
          id: "expire",
          expiration: Duration.days(KEEP_DAYS),
          abortIncompleteMultipartUploadAfter: Duration.days(KEEP_DAYS),
        },
      ],
      removalPolicy: removalOf(region),
    });
    this.bucket.addToResourcePolicy(denyOtherSettings(this.bucket, region));
    this.bucket.policy?.applyRemovalPolicy(removalOf(region));
    Validations.of(this.bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason: "Nothing lives here longer than two days; CloudTrail data events name the role behind every access.",
    });
  }

  /**
   * The page sends an upload's parts itself, to addresses that the API signs; a browser asks the bucket first. What is
   * stored is asked of the API, so no header of the answers is exposed.
   */
  acceptUploadsFrom(origins: readonly string[]): void {
    this.bucket.addCorsRule({
      id: "uploads-from-the-page",
      allowedOrigins: [...origins],
      allowedMethods: [HttpMethods.PUT],
      allowedHeaders: ["content-type"],
      maxAge: CORS_SECONDS,
    });
  }
}
