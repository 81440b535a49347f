/**
 * The reference query as it was registered when a snapshot was made: the registration may have changed since, and only
 * with the query of then does the database name exactly the snapshot's files. Only reads.
 */
import type { EnvironmentItem } from "../catalog/items";
import { registrationRecord } from "../catalog/records";
import type { Registration } from "../catalog/registration";
import type { Collaborators } from "../runtime/collaborators";
import { type EnvironmentPlace, registrationRecordKey } from "../storage/object-keys";
import type { ObjectStore, VersionRef } from "../storage/object-store";

const RECORD_BYTES = 1024 * 1024;

/** Null: files were listed then. Where no record is as old, today's registration counts. */
export const queryThen = async (
  { store, settings }: Pick<Collaborators, "store" | "settings">,
  environment: EnvironmentItem,
  finishedAt: string,
): Promise<string | null> =>
  queryOf((await filesThen(store, settings.PRIMARY_BUCKET, environment, finishedAt)) ?? environment.registration.files);

/** The same where there is only the bucket: of its records the newest counts then. Undefined: there is none. */
export const recordedQuery = async (
  store: ObjectStore,
  bucket: string,
  place: EnvironmentPlace,
  finishedAt: string,
): Promise<string | null | undefined> => {
  const files =
    (await filesThen(store, bucket, place, finishedAt)) ?? (await filesThen(store, bucket, place, "9999-12-31"));
  return files === undefined ? undefined : queryOf(files);
};

const queryOf = ({ source }: Registration["files"]): string | null => (source.kind === "listing" ? null : source.query);

/** Of the newest record that was written by then: records keep their versions. */
const filesThen = async (
  store: ObjectStore,
  bucket: string,
  place: EnvironmentPlace,
  finishedAt: string,
): Promise<Registration["files"] | undefined> => {
  const key = registrationRecordKey(place);
  // Newest first: a record is written anew with every change.
  let next: { readonly keyMarker: string; readonly versionIdMarker?: string } | undefined;
  do {
    const page = await store.listVersions(bucket, { prefix: key, ...next });
    for (const { key: found, versionId, lastModified, isDeleteMarker } of page.versions) {
      if (found !== key || isDeleteMarker || lastModified > new Date(finishedAt)) continue;
      const files = await filesOf(store, { bucket, key, versionId });
      if (files !== undefined) return files;
    }
    next = page.next;
  } while (next !== undefined);
  return undefined;
};

/** Undefined where it is no such record. */
const filesOf = async (store: ObjectStore, ref: VersionRef): Promise<Registration["files"] | undefined> => {
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
