/** Makes a bucket on any S3 server. Servers other than AWS often know one region only, whatever a bucket asks for. */
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  type BucketLocationConstraint,
} from "@aws-sdk/client-s3";
import { s3Client, UpstreamStore } from "../gateway/upstream-store";
import type { Upstream } from "../gateway/sign";
import { SetupFailure } from "../setup/programs";

export interface BucketRequest {
  readonly name: string;
  readonly region: string;
  readonly objectLock?: boolean;
  readonly versioned?: boolean;
}

export const createBucket = async (
  upstream: Upstream,
  { name, region, objectLock = false, versioned = false }: BucketRequest,
): Promise<void> => {
  const client = s3Client(upstream, region);
  const create = (location: string | undefined): Promise<unknown> =>
    client.send(
      new CreateBucketCommand({
        Bucket: name,
        ObjectLockEnabledForBucket: objectLock,
        ...(location === undefined
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: location as BucketLocationConstraint } }),
      }),
    );
  try {
    // us-east-1 is the one region that must not be named.
    await create((upstream.region ?? region) === "us-east-1" ? undefined : (upstream.region ?? region));
  } catch (error) {
    if (!/LocationConstraint/i.test((error as Error).name)) throw error;
    await create(undefined);
  }
  if (versioned || objectLock) {
    await client.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: "Enabled" } }));
  }
};

/** Removes a bucket that this run made, with everything in it. */
export const removeBucket = async (
  upstream: Upstream,
  { name, region, objectLock = false }: BucketRequest,
): Promise<void> => {
  const store = new UpstreamStore(() => upstream, region);
  try {
    await store.clear(name, objectLock);
    await store.clientOf(name).send(new DeleteBucketCommand({ Bucket: name }));
  } catch (error) {
    throw new Error(`The bucket ${name} could not be removed, please remove it: ${(error as Error).message}`, {
      cause: error,
    });
  }
};

/** The server with the region it insists on, if it does. Throws a sentence when it can't be used at all. */
export const probeServer = async (upstream: Upstream, region: string): Promise<Upstream> => {
  try {
    await s3Client(upstream, region).send(new ListBucketsCommand({}));
    return upstream;
  } catch (error) {
    const insisted = (error as { Region?: string }).Region ?? /expecting '([^']+)'/.exec((error as Error).message)?.[1];
    if (insisted !== undefined && upstream.region === undefined)
      return probeServer({ ...upstream, region: insisted }, region);
    const { name, message } = error as Error;
    // Listing buckets is often forbidden, and not every server has it: the credentials themselves are good then.
    if (name === "AccessDenied" || name === "NotImplemented") return upstream;
    throw new SetupFailure(
      `The S3 server ${upstream.url.href} does not list buckets with these credentials (${name}: ${message}); check AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
      { cause: error },
    );
  }
};
