/** The manifest of the base snapshot, if it is fit to build on. Reads only. */
import type { Attempt } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";
import type { Manifest } from "../snapshot/manifest";
import { AccessRefused, ObjectDamaged, ObjectNotFound } from "../storage/storage-errors";
import { readManifest } from "./committed-manifest";

export type Base =
  | { readonly usable: true; readonly manifest: Manifest }
  /** `problem` is null when there is no base at all: the first night. */
  | { readonly usable: false; readonly problem: string | null };

/** A store that does not answer is an exception: worth another try, not worth packing everything anew. */
export async function readBase(
  attempt: Attempt,
  { catalog, store, settings }: Pick<Collaborators, "catalog" | "store" | "settings">,
): Promise<Base> {
  const { environmentId, baseSnapshotId } = attempt;
  if (baseSnapshotId === null) return { usable: false, problem: null };
  const snapshot = await catalog.getSnapshot(environmentId, baseSnapshotId);
  if (snapshot === undefined || snapshot.manifest === null)
    return { usable: false, problem: `The catalog knows no manifest of the previous snapshot ${baseSnapshotId}.` };
  try {
    const manifest = await readManifest(snapshot.manifest, settings.PRIMARY_BUCKET, store);
    const isItself = manifest.environmentId === environmentId && manifest.snapshotId === baseSnapshotId;
    return isItself
      ? { usable: true, manifest }
      : { usable: false, problem: `The manifest of the previous snapshot ${baseSnapshotId} describes another one.` };
  } catch (error) {
    if (error instanceof ObjectNotFound)
      return { usable: false, problem: `The manifest of the previous snapshot ${baseSnapshotId} is gone.` };
    if (error instanceof ObjectDamaged || error instanceof AccessRefused) {
      return { usable: false, problem: error.message };
    }
    throw error;
  }
}

/** After the base has turned out to be damaged: the next attempt must not build on it, or it would fail the same way. */
export async function giveUpBase(
  { environmentId, baseSnapshotId }: Attempt,
  error: unknown,
  { catalog, log }: Pick<Collaborators, "catalog" | "log">,
): Promise<void> {
  log.error("The base of an attempt is damaged; the next attempt packs all files anew.", { baseSnapshotId, error });
  const environment = await catalog.getEnvironment(environmentId);
  if (environment?.lastSnapshotId === baseSnapshotId)
    await catalog.updateEnvironment(environmentId, { lastSnapshotId: null });
}
