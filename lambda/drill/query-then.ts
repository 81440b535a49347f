/**
 * The reference query as it was registered when a snapshot was made: the registration may have changed since, and only
 * with the query of then does the database name exactly the snapshot's files. Only reads.
 */
import { registrationRecord } from "../catalog/records";
import type { EnvironmentItem } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";
import { registrationRecordKey } from "../storage/object-keys";
import type { VersionRef } from "../storage/object-store";

const RECORD_BYTES = 1024 * 1024;

/** Null: files were listed then. Records keep their versions; where none is as old, today's registration counts. */
export const queryThen = async (
  { store, settings }: Pick<Collaborators, "store" | "settings">,
  environment: EnvironmentItem,
  finishedAt: string,
): Promise<string | null> => {
  const key = registrationRecordKey(environment);
  const bucket = settings.PRIMARY_BUCKET;
  let files = environment.registration.files;
  // Newest first: a record is written anew with every change.
  let next: { readonly keyMarker: string; readonly versionIdMarker?: string } | undefined;
  do {
    const page = await store.listVersions(bucket, { prefix: key, ...next });
    for (const { key: found, versionId, lastModified, isDeleteMarker } of page.versions) {
      if (found !== key || isDeleteMarker || lastModified > new Date(finishedAt)) continue;
      files = (await filesOf(store, { bucket, key, versionId })) ?? files;
      return files.source.kind === "listing" ? null : files.source.query;
    }
    next = page.next;
  } while (next !== undefined);
  return files.source.kind === "listing" ? null : files.source.query;
};

/** Undefined where it is no such record. */
const filesOf = async (store: Collaborators["store"], ref: VersionRef) => {
  const { body } = await store.get(ref);
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > RECORD_BYTES) return undefined;
    pieces.push(piece);
  }
  try {
    const parsed = registrationRecord.safeParse(JSON.parse(Buffer.concat(pieces).toString("utf8")));
    return parsed.success ? parsed.data.registration.files : undefined;
  } catch {
    return undefined;
  }
};
