/** Reads every object of a snapshot at the replica alone and compares it with the manifest. */
import { inParallel } from "../environments/in-parallel";
import { type StoredObjectEntry } from "../../lambda/snapshot/manifest";
import { objectsOf } from "../../lambda/snapshot/manifest-objects";
import type { PlayedNight } from "./night";
import { megabytes } from "./progress";
import { checksumOf, oldestVersion, readManifest } from "./snapshot-objects";
import { part, type StoryContext } from "./story-context";

const problemsOf = async (
  context: StoryContext,
  { key, sha256 }: StoredObjectEntry,
  expiresAt: string,
): Promise<readonly string[]> => {
  const { local, replicaBucket } = context;
  const replica = await oldestVersion(context, replicaBucket, key);
  if (replica === undefined) return [`${key} is not there`];
  const lock = await local.store.lockOf(replica);
  const until = lock === undefined ? undefined : local.times.lockFromStore(replica, lock.until);
  return [
    ...((await checksumOf(context, replica)) === sha256 ? [] : [`${key} has other bytes`]),
    ...(until !== undefined && until >= new Date(expiresAt)
      ? []
      : [`${key} is locked until ${until?.toISOString() ?? "never"}, not until ${expiresAt}`]),
  ];
};

export const verifyReplica = (context: StoryContext, { snapshot }: PlayedNight): Promise<void> =>
  part(context, "Verifying the replica", async () => {
    const { report, local } = context;
    const entries = [
      ...objectsOf(await readManifest(context, snapshot)),
      ...(snapshot.manifest === null ? [] : [snapshot.manifest]),
    ];
    const problems: string[] = [];
    await inParallel(entries, 4, async (entry) => {
      problems.push(...(await problemsOf(context, entry, snapshot.expiresAt)));
    });
    const bytes = entries.reduce((sum, { size }) => sum + size, 0);
    report.checkNone(
      "replica",
      "every object is there, byte for byte, and locked until the expiry",
      problems,
      `${entries.length} objects, ${megabytes(bytes)}`,
    );
    report.checkNone("replica", "the store's replication had no failure", local.replication.failures);
  });
