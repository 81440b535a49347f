/** A snapshot's objects as its manifest lists them, and where they are in both regions. */
import { S3Client } from "@aws-sdk/client-s3";
import { manifest as manifestSchema, type Manifest } from "../../lambda/snapshot/manifest";
import type { SnapshotItem } from "../../lambda/catalog/items";
import { readBytes, readDigest } from "../environments/read-object";
import type { ListedVersion } from "../gateway/upstream-store";
import { USER, type StoryContext } from "./story-context";

export const readManifest = async (
  { local, primaryBucket }: StoryContext,
  snapshot: SnapshotItem,
): Promise<Manifest> => {
  const { key, versionId } = snapshot.manifest ?? { key: "", versionId: "" };
  const bytes = await readBytes(local.store.clientOf(primaryBucket), { bucket: primaryBucket, key, versionId });
  return manifestSchema.parse(JSON.parse(bytes.toString()));
};

/** The oldest version of a key at the replica: the one that replication made. */
export const oldestVersion = async (
  { local }: StoryContext,
  bucket: string,
  key: string,
): Promise<ListedVersion | undefined> => {
  let oldest: ListedVersion | undefined;
  for await (const version of local.store.versions(bucket, key))
    if (version.key === key && !version.deleteMarker) oldest = version;
  return oldest;
};

export const checksumOf = async ({ local }: StoryContext, version: ListedVersion): Promise<string> =>
  (await readDigest(local.store.clientOf(version.bucket), version)).sha256;

/** All versions and delete markers under a prefix. */
const standing = async ({ local }: StoryContext, bucket: string, prefix: string): Promise<readonly ListedVersion[]> => {
  const found: ListedVersion[] = [];
  for await (const version of local.store.versions(bucket, prefix)) found.push(version);
  return found;
};

/** A person with full access, but without the header that goes around governance locks. */
export const personsClient = ({ local }: StoryContext, region: string): S3Client =>
  new S3Client({
    endpoint: local.endpoint.origin,
    region,
    credentials: { accessKeyId: USER, secretAccessKey: "local" },
    maxAttempts: 1,
  });

/** The part of the bucket that belongs to this snapshot alone: everything beside its manifest. */
export const ownPrefix = ({ manifest, snapshotId }: SnapshotItem): string => {
  if (manifest === null) throw new Error(`Snapshot ${snapshotId} has no manifest.`);
  return manifest.key.slice(0, manifest.key.lastIndexOf("/") + 1);
};

export const objectsInBoth = (context: StoryContext, prefix: string): Promise<(readonly ListedVersion[])[]> =>
  Promise.all([context.primaryBucket, context.replicaBucket].map((bucket) => standing(context, bucket, prefix)));
