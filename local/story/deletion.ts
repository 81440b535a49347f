/** A user deletes a snapshot before its expiry: the deleting role alone goes around the locks. */
import type { PlayedNight } from "./night";
import { objectsInBoth, ownPrefix } from "./snapshot-objects";
import { minutesAfter, named, part, snapshotsOf, type StoryContext } from "./story-context";

export const deleteEarly = (context: StoryContext, { snapshot }: PlayedNight): Promise<void> =>
  part(context, `Deleting ${snapshot.snapshotId} before its expiry`, async () => {
    const { local, report, source } = context;
    const { environmentId } = source;
    const { snapshotId } = snapshot;
    const machine = named(local.machines, "deletion");
    const input = { environmentId, snapshotId, requestedBy: "npm start" };
    const { execution } = local.executions.start(machine.arn, `${snapshotId}-1`, input);
    await local.clock.advanceTo(minutesAfter(local.clock.now(), 60), () => !local.executions.anyRunning());
    const done = execution.status === "SUCCEEDED";
    report.check("deletion", "the deletion is completed", done, done ? "" : `${execution.error}: ${execution.cause}`);
    const left = (await snapshotsOf(context, environmentId)).some((other) => other.snapshotId === snapshotId);
    report.check("deletion", "the snapshot is gone from the catalog", !left);
    const objects = (await objectsInBoth(context, ownPrefix(snapshot))).flat();
    const names = objects.map(({ bucket, key }) => `${bucket}/${key}`);
    report.checkNone("deletion", "its own objects are gone in both regions, locked or not", names);
  });
