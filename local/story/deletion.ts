/** A user deletes a snapshot before its expiry: the deleting role alone goes around the locks. */
import { environmentPath, expectStatus } from "./api-client";
import type { PlayedNight } from "./night";
import { objectsInBoth, ownPrefix } from "./snapshot-objects";
import { part, settle, snapshotsOf, type StoryContext } from "./story-context";

export const deleteEarly = (context: StoryContext, { snapshot }: PlayedNight): Promise<void> =>
  part(context, `Deleting ${snapshot.snapshotId} before its expiry`, async () => {
    const { local, report, source, api } = context;
    const { environmentId } = source;
    const { snapshotId } = snapshot;
    const path = `${environmentPath(source.registration.appId, environmentId)}snapshots/${snapshotId}`;
    const asked = await api.delete(path);
    const again = await api.get(path);
    report.check(
      "deletion",
      "the API deletes it, and shows it no more",
      asked.status === 204 && again.status === 404,
      `HTTP ${asked.status}, then ${again.status}`,
    );
    if (asked.status !== 204) expectStatus(asked, 204, "Deleting");
    await settle(local);
    const left = (await snapshotsOf(context, environmentId)).some((other) => other.snapshotId === snapshotId);
    report.check("deletion", "the snapshot is gone from the catalog", !left);
    const objects = (await objectsInBoth(context, ownPrefix(snapshot))).flat();
    const names = objects.map(({ bucket, key }) => `${bucket}/${key}`);
    report.checkNone("deletion", "its own objects are gone in both regions, locked or not", names);
  });
