/** The file index of a snapshot: every part's bytes and lines, their order, and the sums in the manifest. Only reads. */
import { isMissing, readIndex } from "../pack/index-io";
import { compareKeys } from "../pack/key-order";
import type { IndexEntry } from "../snapshot/file-index";
import { MISSING_KEYS_LISTED, type Manifest } from "../snapshot/manifest";
import type { Locate, ProblemList } from "./verification-problems";

export interface IndexSums {
  readonly files: number;
  readonly missing: number;
  readonly bytes: number;
}

/** Gives every entry that can be read to `visit`, in key order. */
export const verifyIndex = async (
  { files, snapshotId }: Manifest,
  locate: Locate,
  problems: ProblemList,
  visit: (entry: IndexEntry) => Promise<void>,
): Promise<IndexSums> => {
  const total = { files: 0, missing: 0, bytes: 0 };
  let previous: string | null = null;
  for (const part of files.index) {
    const before = { ...total };
    const whole = await problems.during(part.key, async () => {
      const { store, ref } = await locate(part);
      for await (const batch of readIndex(store, ref.bucket, [{ ...part, versionId: ref.versionId }])) {
        for (const line of batch) {
          if (previous !== null && compareKeys(previous, line.key) >= 0) {
            problems.add(
              part.key,
              `The key ${JSON.stringify(line.key)} comes after ${JSON.stringify(previous)}, which is not key order.`,
            );
          }
          previous = line.key;
          if (isMissing(line)) {
            total.missing++;
            continue;
          }
          total.files++;
          total.bytes += line.size;
          await visit(line);
        }
      }
    });
    if (!whole) continue;
    const entries = total.files - before.files;
    const bytes = total.bytes - before.bytes;
    const missing = total.missing - before.missing;
    if (entries !== part.entries || missing !== part.missing || bytes !== part.fileBytes) {
      problems.add(
        part.key,
        `The part holds ${entries} files of ${bytes} bytes and ${missing} missing ones, and the manifest says otherwise.`,
      );
    }
  }
  const { missing } = files;
  const listed = Math.min(missing.count, MISSING_KEYS_LISTED);
  if (
    total.files !== files.count ||
    total.bytes !== files.bytes ||
    total.missing !== missing.count ||
    missing.keys.length !== listed
  ) {
    problems.add(
      snapshotId,
      `The index holds ${total.files} files of ${total.bytes} bytes and ${total.missing} missing ones; the manifest says ` +
        `${files.count} of ${files.bytes} bytes and ${missing.count}, of which it lists ${missing.keys.length}.`,
    );
  }
  return total;
};
