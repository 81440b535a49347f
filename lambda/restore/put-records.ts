/**
 * What a restore is about to put, and what stood at each key, recorded before the first file of a batch is put: undoing
 * looks at these keys alone, and knows what each of them had.
 */
import { gunzipSync } from "node:zlib";
import { LinesWriter } from "../pack/ndjson-object";
import { restorePutKey, restoreRecordsPrefix, type EnvironmentPlace } from "../storage/object-keys";
import type { ObjectAttributes } from "../storage/object-attributes";
import type { ListedVersion, ObjectStore } from "../storage/object-store";
import { ObjectDamaged, ObjectExists } from "../storage/storage-errors";

/** A file that is about to be put. Records of the version before this one have key and size alone. */
export interface PutLine {
  readonly key: string;
  readonly size: number;
  readonly etag?: string;
  readonly sha256?: string;
  /** Absent where nothing stood there. */
  readonly was?: StoodThere;
}
export interface StoodThere {
  readonly size: number;
  readonly etag: string;
  /** With its tags. */
  readonly attributes: ObjectAttributes;
  /** Where its bucket keeps versions; elsewhere its bytes are copied aside. */
  readonly versionId?: string;
}
/** Candidates a batch: what a crash makes undoing look at in vain. */
export const BATCH_FILES = 1_000;
/** 1,000 keys of 1,024 bytes and as many attributes, each perhaps six times as long in JSON. */
const RECORD_BYTES = 48 * 1024 ** 2;

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
export const recordBatch = async (records: Records, batch: number, lines: readonly PutLine[]): Promise<number> => {
  for (let number = batch; ; number++) {
    const key = restorePutKey(records.place, records.restoreId, number);
    const writer = new LinesWriter<PutLine>(records.store, { bucket: records.bucket, key });
    for (const line of lines) await writer.add(line);
    try {
      await writer.finish();
      return number;
    } catch (error) {
      if (!(error instanceof ObjectExists)) throw error;
    }
  }
};

/** The restore's batch records, oldest first. */
export async function* batchRecords(records: Records): AsyncGenerator<ListedVersion> {
  const prefix = batchesPrefix(records);
  let next: { readonly keyMarker: string; readonly versionIdMarker?: string } | undefined;
  do {
    const page = await records.store.listVersions(records.bucket, { prefix, ...next });
    yield* page.versions.filter((version) => !version.isDeleteMarker);
    next = page.next;
  } while (next !== undefined);
}

const batchesPrefix = ({ place, restoreId }: Records): string => `${restoreRecordsPrefix(place, restoreId)}put/`;
/** The number that `recordBatch` returned. */
export const numberOf = (records: Records, record: ListedVersion): number =>
  Number.parseInt(record.key.slice(batchesPrefix(records).length), 10);

export const readBatch = async ({ store, bucket }: Records, record: ListedVersion): Promise<PutLine[]> => {
  const chunks: Uint8Array[] = [];
  const content = await store.get({ bucket, key: record.key, versionId: record.versionId });
  for await (const chunk of content.body) chunks.push(chunk);
  try {
    const text = gunzipSync(Buffer.concat(chunks), { maxOutputLength: RECORD_BYTES }).toString("utf8");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as PutLine);
  } catch (error) {
    throw new ObjectDamaged(`The record ${record.key} of a restore's files can't be read.`, { cause: error });
  }
};
