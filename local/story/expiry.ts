/** Moves the clock to a snapshot's expiry, and past every expiry: nothing may be left, in either region. */
import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import type { PlayedNight } from "./night";
import { objectsInBoth, ownPrefix } from "./snapshot-objects";
import { minutesAfter, part, snapshotsOf, type StoryContext } from "./story-context";

/** Retention runs every five minutes; its second run sees everything that the first one left for later. */
const RETENTION_MINUTES = 16;

export const showExpiry = (context: StoryContext, night: PlayedNight): Promise<void> =>
  part(context, `Moving the clock past the expiry of ${night.snapshot.snapshotId}`, async () => {
    const { local, report, progress, source } = context;
    const { snapshot } = night;
    const expiresAt = new Date(snapshot.expiresAt);
    const prefix = ownPrefix(snapshot);
    await local.clock.skipTo(minutesAfter(expiresAt, -8));
    await local.clock.advanceTo(minutesAfter(expiresAt, -1));
    const before = (await snapshotsOf(context, source.environmentId)).find(
      ({ snapshotId }) => snapshotId === snapshot.snapshotId,
    );
    const objects = await objectsInBoth(context, prefix);
    report.check(
      "expiry",
      "a minute before its expiry the snapshot is there",
      before?.state === "completed" && !before.deleting && objects.every(({ length }) => length > 0),
      `${objects.map(({ length }) => length).join(" and ")} objects of its own in the two regions`,
    );
    await local.clock.advanceTo(minutesAfter(expiresAt, RETENTION_MINUTES));
    progress.step("retention has run");
    const after = (await snapshotsOf(context, source.environmentId)).find(
      ({ snapshotId }) => snapshotId === snapshot.snapshotId,
    );
    report.check(
      "expiry",
      "after its expiry the snapshot is gone from the catalog",
      after === undefined,
      after === undefined ? "" : `${after.state}: ${after.statusMessage}`,
    );
    await checkGone(context, prefix, "its own objects are gone in both regions");
    report.checkNone(
      "expiry",
      "archives and uploads, unfinished ones too, are gone",
      await transferredObjects(context),
    );
  });

export const showAllGone = (context: StoryContext): Promise<void> =>
  part(context, "Moving the clock past every expiry", async () => {
    const { local, report, source, target } = context;
    const all = [
      ...(await snapshotsOf(context, source.environmentId)),
      ...(await snapshotsOf(context, target.environmentId)),
    ];
    const last = all
      .map(({ expiresAt }) => expiresAt)
      .toSorted()
      .at(-1);
    if (last === undefined) throw new Error("No snapshot is left whose expiry could be waited for.");
    // Carried-over packs and the leftovers of attempts are locked for at most two days more.
    const end = minutesAfter(new Date(last), 3 * 24 * 60);
    await local.clock.skipTo(end);
    await local.clock.advanceTo(minutesAfter(end, RETENTION_MINUTES));
    const left = [
      ...(await snapshotsOf(context, source.environmentId)),
      ...(await snapshotsOf(context, target.environmentId)),
    ];
    report.checkNone(
      "expiry",
      "no snapshot is left in the catalog",
      left.map(({ snapshotId, expiresAt }) => `${snapshotId}, which expired at ${expiresAt}`),
    );
    await checkGone(context, "", "both regions are empty of snapshots and packs");
  });

/** Nothing stands in the transfer bucket for longer than a day. */
const transferredObjects = async ({ local, transferBucket }: StoryContext): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const { key } of local.store.versions(transferBucket)) found.push(key);
  const { Uploads = [] } = await local.store
    .clientOf(transferBucket)
    .send(new ListMultipartUploadsCommand({ Bucket: transferBucket }));
  return [...found, ...Uploads.map(({ Key }) => `${Key} (unfinished)`)];
};

/** Records are the catalog's own memory and stay. */
const checkGone = async (context: StoryContext, prefix: string, what: string): Promise<void> => {
  const found = (await objectsInBoth(context, prefix))
    .flat()
    .filter(({ key }) => !/^([^/]+\/){1,2}records\//.test(key));
  context.report.checkNone(
    "expiry",
    what,
    found.map(({ bucket, key, deleteMarker }) => `${bucket}/${key}${deleteMarker ? " (delete marker)" : ""}`),
  );
};
