/** Shows that a locked object can't be deleted, on either side, and hides one behind a delete marker. */
import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { dumpOf } from "../../lambda/snapshot/manifest";
import { objectsOf } from "../../lambda/snapshot/manifest-objects";
import type { PlayedNight } from "./night";
import { oldestVersion, personsClient, readManifest } from "./snapshot-objects";
import { part, type StoryContext } from "./story-context";

export const showLocks = (context: StoryContext, { snapshot }: PlayedNight): Promise<void> =>
  part(context, "Trying to delete what is locked", async () => {
    const { primaryBucket, replicaBucket } = context;
    const database = dumpOf(await readManifest(context, snapshot));
    await refuses(context, "primary region", primaryBucket, database.key, database.versionId);
    const replica = await oldestVersion(context, replicaBucket, database.key);
    if (context.report.check("immutability", "the dump stands in the replication region", replica !== undefined)) {
      await refuses(context, "replication region", replicaBucket, database.key, replica?.versionId ?? "");
    }
  });

/** Anyone who may delete can do this; on AWS the bucket's policy refuses it besides. */
export const hideBehindMarkers = (context: StoryContext, { snapshot }: PlayedNight): Promise<void> =>
  part(context, "Hiding objects of a snapshot behind delete markers", async () => {
    const { report, local, primaryBucket } = context;
    const manifest = await readManifest(context, snapshot);
    const keys = [...objectsOf(manifest).map(({ key }) => key), snapshot.manifest?.key ?? ""];
    for (const key of keys)
      await local.store.clientOf(primaryBucket).send(new DeleteObjectCommand({ Bucket: primaryBucket, Key: key }));
    const hidden = await Promise.all(keys.map((key) => isHidden(context, key)));
    report.check(
      "immutability",
      "every object of the snapshot looks deleted",
      hidden.every(Boolean),
      `${keys.length} delete markers put; the restore comes next`,
    );
  });

const isHidden = async ({ local, primaryBucket }: StoryContext, key: string): Promise<boolean> =>
  local.store.head({ bucket: primaryBucket, key }).then(
    () => false,
    () => true,
  );

const refuses = async (
  context: StoryContext,
  where: string,
  bucket: string,
  key: string,
  versionId: string,
): Promise<void> => {
  const status = await personsClient(context, context.local.app.stacks[0]?.region ?? "")
    .send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }))
    .then(
      ({ $metadata }) => $metadata.httpStatusCode,
      (error: { $metadata?: { httpStatusCode?: number } }) => error.$metadata?.httpStatusCode,
    );
  const stands = await context.local.store.head({ bucket, key, versionId }).then(
    () => true,
    () => false,
  );
  context.report.check(
    "immutability",
    `deleting a locked object in the ${where} is refused`,
    status === 403 && stands,
    `HTTP ${status}, the object ${stands ? "stands" : "is gone"}`,
  );
};
