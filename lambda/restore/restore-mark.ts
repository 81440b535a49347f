/**
 * The mark of a restore on the files it puts: undoing removes exactly what carries it. Which keys may carry it is
 * recorded before the first of them is put, so that undoing need not look at the whole bucket.
 */
import { gunzipSync } from "node:zlib";
import { LinesWriter } from "../pack/ndjson-object";
import type { ListLine } from "../snapshot/file-index";
import { restorePutKey, restoreRecordsPrefix, type EnvironmentPlace } from "../storage/object-keys";
import type { ListedVersion, ObjectStore } from "../storage/object-store";
import { ObjectDamaged, ObjectExists } from "../storage/storage-errors";

/** As `x-amz-meta-restore-id`. */
export const RESTORE_ID = "restore-id";
/** Candidates a batch: what a crash makes undoing look at in vain. */
export const BATCH_FILES = 1_000;
/** 1,000 keys of 1,024 bytes, each perhaps six times as long in JSON. */
const RECORD_BYTES = 16 * 1024 ** 2;

/** Where a restore's records lie. */
export interface Records {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly place: EnvironmentPlace;
  readonly restoreId: string;
}

/**
 * Records a batch under the first free number from `batch` on, and returns that number. A record is never written
 * over: the one of a crashed try names files that were perhaps put.
 */
export const recordBatch = async (records: Records, batch: number, lines: readonly ListLine[]): Promise<number> => {
  for (let number = batch; ; number++) {
    const key = restorePutKey(records.place, records.restoreId, number);
    const writer = new LinesWriter<ListLine>(records.store, { bucket: records.bucket, key });
    for (const line of lines) await writer.add(line);
    try {
      await writer.finish();
      return number;
    } catch (error) {
      if (!(error instanceof ObjectExists)) throw error;
    }
  }
};

/** The restore's batch records after `after` (an object key), oldest first. */
export async function* batchRecords(records: Records, after: string | null): AsyncGenerator<ListedVersion> {
  const prefix = `${restoreRecordsPrefix(records.place, records.restoreId)}put/`;
  let next: { readonly keyMarker: string; readonly versionIdMarker?: string } | undefined =
    after === null ? undefined : { keyMarker: after };
  do {
    const page = await records.store.listVersions(records.bucket, { prefix, ...next });
    yield* page.versions.filter((version) => !version.isDeleteMarker);
    next = page.next;
  } while (next !== undefined);
}

export const readBatch = async ({ store, bucket }: Records, record: ListedVersion): Promise<ListLine[]> => {
  const chunks: Uint8Array[] = [];
  const content = await store.get({ bucket, key: record.key, versionId: record.versionId });
  for await (const chunk of content.body) chunks.push(chunk);
  try {
    const text = gunzipSync(Buffer.concat(chunks), { maxOutputLength: RECORD_BYTES }).toString("utf8");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as ListLine);
  } catch (error) {
    throw new ObjectDamaged(`The record ${record.key} of a restore's files can't be read.`, { cause: error });
  }
};
