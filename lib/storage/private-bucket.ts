/** What every bucket of the service has: a key, TLS, no public access, no access lists; and an end to unfinished uploads. */
import { Duration } from "aws-cdk-lib";
import type { Key } from "aws-cdk-lib/aws-kms";
import {
  BlockPublicAccess,
  BucketEncryption,
  ObjectOwnership,
  type BucketProps,
  type LifecycleRule,
} from "aws-cdk-lib/aws-s3";

export const privateBucket = (key: Key): BucketProps => ({
  encryption: BucketEncryption.KMS,
  encryptionKey: key,
  bucketKeyEnabled: true,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
});

/** Three days are longer than any dump or pack takes; retention sweeps after a day, this is the backstop. */
export const ABORT_UNFINISHED_UPLOADS: LifecycleRule = {
  id: "abort-unfinished-uploads",
  abortIncompleteMultipartUploadAfter: Duration.days(3),
};
