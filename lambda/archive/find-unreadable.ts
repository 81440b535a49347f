/**
 * Which of a snapshot's objects the primary bucket no longer gives, asked once for all of them: one that is gone is
 * seldom alone, and each would begin the archive anew. Only looks; damage inside an object shows when it is read.
 */
import type { Collaborators } from "../runtime/collaborators";
import { atOnce } from "../runtime/at-once";
import type { StoredObjectEntry } from "../snapshot/manifest";
import { StorageError, StoreUnavailable } from "../storage/storage-errors";

const AT_ONCE = 16;

/** Their keys, in the entries' order. Throws StoreUnavailable. */
export const findUnreadable = async (
  { store, settings }: Pick<Collaborators, "store" | "settings">,
  entries: readonly StoredObjectEntry[],
): Promise<readonly string[]> => {
  const unreadable = new Set<string>();
  await atOnce(AT_ONCE, entries, async ({ key, versionId, size }) => {
    try {
      const found = await store.head({ bucket: settings.PRIMARY_BUCKET, key, versionId });
      if (found.size !== size) unreadable.add(key);
    } catch (error) {
      if (!(error instanceof StorageError) || error instanceof StoreUnavailable) throw error;
      unreadable.add(key);
    }
  });
  return entries.map(({ key }) => key).filter((key) => unreadable.has(key));
};
