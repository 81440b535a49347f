/**
 * Plan removal: fixes, before the swap, which files are removed after it: those that the old database referred to and
 * the snapshot does not. It only reads and writes lists; nothing is removed here. A crash leaves lists that nothing
 * refers to.
 */
import type { RestoreItem, RestoreRemoval } from "../catalog/items";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { ListWriter } from "../pack/index-io";
import { restoreRecordsPrefix, restoreRemovalKey } from "../storage/object-keys";
import type { RestoreOutput } from "./contract";
import { withKnown } from "./known-lines";
import { openSnapshot } from "./open-snapshot";
import {
  HAND_BACK_MS,
  isSwapped,
  loadEnvironment,
  loadRestore,
  output,
  placeOf,
  record,
  requireLease,
} from "./restore-state";
import { SnapshotReader, type ReaderCollaborators } from "./snapshot-reader";
import { indexLines, listLines, nextListNumber } from "./stored-lines";

type RemovalCollaborators = ReaderCollaborators & Pick<Collaborators, "catalog" | "clock" | "remainingMs">;

export const planRemoval = async (
  input: { readonly restoreId: string },
  collaborators: RemovalCollaborators,
): Promise<RestoreOutput> => {
  const restore = await loadRestore(collaborators, input.restoreId);
  if (restore.databaseOnly || restore.removal?.done === true || isSwapped(restore)) return output(restore, "done");
  await requireLease(collaborators, restore);
  if (restore.database === null) {
    throw new ServiceFailure(
      "RestoreNotReady",
      `Restore ${restore.restoreId} has no list of the old database's files.`,
      true,
    );
  }
  const removal = await planFrom(collaborators, restore, restore.database.oldList);
  await record(collaborators, restore, { removal, phase: removal.done === true ? "swap" : "plan-removal" });
  return output(restore, removal.done === true ? "done" : "more");
};

const planFrom = async (
  collaborators: RemovalCollaborators,
  restore: RestoreItem,
  oldSegments: Parameters<typeof listLines>[1],
): Promise<RestoreRemoval> => {
  const { store, settings, remainingMs } = collaborators;
  const environment = await loadEnvironment(collaborators, restore.targetEnvironmentId);
  const { manifest, reader } = await openSnapshot(collaborators, restore);
  const ownRecords = new SnapshotReader(collaborators, environment.replication === "replicated", "records");
  const before: RestoreRemoval = restore.removal ?? { segments: [], count: 0, after: null };
  const bucket = settings.PRIMARY_BUCKET;
  const place = placeOf(environment);
  const firstNumber = await nextListNumber(store, bucket, `${restoreRecordsPrefix(place, restore.restoreId)}removal/`);
  const writer = new ListWriter(store, {
    bucket,
    keyOf: (segment) => restoreRemovalKey(place, restore.restoreId, firstNumber + segment),
  });
  let after = before.after ?? null;
  let count = 0;
  let done = true;
  try {
    const old = listLines(ownRecords, oldSegments, after);
    for await (const { line, known } of withKnown(old, indexLines(reader, manifest.files.index, after))) {
      if (!known) {
        await writer.add({ key: line.key });
        count++;
      }
      after = line.key;
      if (remainingMs() >= HAND_BACK_MS) continue;
      done = false;
      break;
    }
    const segments = [...before.segments, ...(await writer.finish())];
    return { segments, count: before.count + count, after, done };
  } catch (error) {
    await writer.abort().catch(() => undefined); // the first failure is the one to tell
    throw error;
  }
};
