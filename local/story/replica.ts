/** Reads every object of a snapshot at the replica alone and compares it with the manifest. */
import { inParallel } from "../environments/in-parallel";
import type { PlayedNight } from "./night";
import { megabytes } from "./progress";
import { checksumOf, objectsOf, oldestVersion, readManifest } from "./snapshot-objects";
import { part, type StoryContext } from "./story-context";

export const verifyReplica = (context: StoryContext, { snapshot }: PlayedNight): Promise<void> =>
  part(context, "Verifying the replica", async () => {
    const { report, replicaBucket, local } = context;
    const entries = [...objectsOf(await readManifest(context, snapshot)), ...(snapshot.manifest === null ? [] : [snapshot.manifest])];
    const problems: string[] = [];
    let bytes = 0;
    await inParallel(entries, 4, async ({ key, sha256, size }) => {
      const replica = await oldestVersion(context, replicaBucket, key);
      if (replica === undefined) return void problems.push(`${key} is not there`);
      if ((await checksumOf(context, replica)) !== sha256) problems.push(`${key} has other bytes`);
      const lock = await local.store.lockOf(replica);
      const until = lock === undefined ? undefined : local.times.lockFromStore(replica, lock.until);
      if (until === undefined || until < new Date(snapshot.expiresAt)) problems.push(`${key} is locked until ${until?.toISOString() ?? "never"}, not until ${snapshot.expiresAt}`);
      bytes += size;
    });
    report.checkNone("replica", "every object is there, byte for byte, and locked until the expiry", problems, `${entries.length} objects, ${megabytes(bytes)}`);
    report.checkNone("replica", "the store's replication had no failure", local.replication.failures);
  });
