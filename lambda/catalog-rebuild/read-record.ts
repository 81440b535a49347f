/**
 * The record that counts at a key: the newest version that can be read, on whichever side. A damaged one hides neither
 * its copy in the other bucket nor what stood before it, and it is named.
 */
import type { z } from "zod";
import { RECORD_BYTES_LIMIT } from "../catalog/records";
import type { RebuildFinding } from "./contract";
import { readDocument } from "./read-json";
import type { StoredVersions } from "./stored-versions";

export interface RecordWish<T> {
  readonly key: string;
  readonly schema: z.ZodType<T>;
  readonly environmentId: string | null;
  readonly snapshotId: string | null;
  /** What is lost with it, such as `its comment is the manifest's`. */
  readonly without: string;
}

/** Undefined where there is none, or none that can be read: `findings` gets a sentence then. */
export async function readNewestRecord<T>(
  wish: RecordWish<T>,
  stored: StoredVersions,
  findings: RebuildFinding[],
): Promise<T | undefined> {
  for await (const record of readableVersions(wish, stored, findings)) return record;
  return undefined;
}

/** Every version that can be read; the first is the one that counts. */
export async function readRecordVersions<T>(
  wish: RecordWish<T>,
  stored: StoredVersions,
  findings: RebuildFinding[],
): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const record of readableVersions(wish, stored, findings)) found.push(record);
  return found;
}

async function* readableVersions<T>(
  { key, schema, environmentId, snapshotId, without }: RecordWish<T>,
  stored: StoredVersions,
  findings: RebuildFinding[],
): AsyncGenerator<T> {
  const versions = stored.newestFirst(key);
  let left = versions.length;
  let readable = 0;
  for (const version of versions) {
    left -= 1;
    const document = await readDocument(version, schema, RECORD_BYTES_LIMIT);
    if (document.ok) {
      readable += 1;
      yield document.value;
      continue;
    }
    const { bucket } = version.home;
    const instead = readable + left > 0 ? "another version of it is taken, where one can be read" : without;
    findings.push({
      code: "record-unreadable",
      environmentId,
      snapshotId,
      bucket,
      key,
      message: `The record ${key} in ${bucket} (version ${version.versionId}) ${document.problem}; ${instead}.`,
    });
  }
}
