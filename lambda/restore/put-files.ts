/**
 * Files: puts the snapshot's files that the target lacks, and those that stand there with other bytes or attributes. A batch and what
 * stands at its keys are recorded before the first of it is put; how far it has come is recorded after the last. So a
 * crash anywhere leaves only files that a record names, and the next call finds them standing and goes on.
 */
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { IndexEntry } from "../snapshot/file-index";
import { compareFiles, knowsAttributes } from "./compare-files";
import type { RestoreOutput } from "./contract";
import { FilesSession, type FileToPut } from "./files-session";
import { openSnapshot } from "./open-snapshot";
import { BATCH_FILES } from "./put-records";
import { isSwapped, loadEnvironment, loadRestore, output, requireGoingForward } from "./restore-state";
import { SnapshotReader, type ReaderCollaborators } from "./snapshot-reader";
import { indexLines, listLines } from "./stored-lines";

type FilesCollaborators = ReaderCollaborators & Pick<Collaborators, "catalog" | "clock" | "remainingMs">;

/** Progress is recorded at least this often, also where nothing has to be put. */
const COMPARED_AT_MOST = 20_000;
/** A batch that may have as many bytes to set aside takes no more files: it must end within a call. */
const HEAVY_BYTES = 8 * 1024 ** 3;

export const putFiles = async (
  input: { readonly restoreId: string },
  collaborators: FilesCollaborators,
): Promise<RestoreOutput> => {
  const restore = await loadRestore(collaborators, input.restoreId);
  if (restore.databaseOnly || restore.files.done || isSwapped(restore)) return output(restore, "done");
  await requireGoingForward(collaborators, restore);
  const environment = await loadEnvironment(collaborators, restore.targetEnvironmentId);
  const { manifest, reader } = await openSnapshot(collaborators, restore);
  const session = new FilesSession(collaborators, restore, environment, manifest, reader);
  const { after } = restore.files;
  const lines = indexLines(reader, manifest.files.index, after);
  let batch: FileToPut[] = [];
  let heavy = 0;
  let same = 0;
  const ownRecords = new SnapshotReader(collaborators, environment.replication === "replicated", "records");
  const attributes = knowsAttributes(manifest, environment.registration);
  const known = listLines(ownRecords, restore.files.read ?? [], after);
  for await (const { entry, state, size = 0 } of compareFiles(session.target, lines, { after, attributes, known })) {
    if (state === "too-long") throw tooLong(entry);
    if (state === "same") same++;
    if (state === "absent" || state === "other") batch.push({ entry, taken: state === "other" });
    if (state === "other") heavy += Math.max(entry.size, size);
    const isFull = batch.length >= BATCH_FILES || heavy >= HEAVY_BYTES || batch.length + same >= COMPARED_AT_MOST;
    if (!isFull && session.hasTime(heavy)) continue;
    if (!(await session.flush({ batch, heavy, same, upTo: entry.key, last: false }))) return output(restore, "more");
    batch = [];
    heavy = 0;
    same = 0;
  }
  const all = await session.flush({ batch, heavy, same, upTo: null, last: true });
  return output(restore, all ? "done" : "more");
};

const tooLong = (entry: IndexEntry): ServiceFailure =>
  new ServiceFailure(
    "FileKeyTooLong",
    `The file ${JSON.stringify(entry.key)} has a key that is too long for S3 under the target's prefix: choose another target.`,
    false,
  );
