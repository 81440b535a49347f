/**
 * Reads a snapshot back in full, from one region: every object's checksum, every file's CRC-32 and SHA-256, and that
 * index, packs and manifest agree. One sequential pass: the index in key order, each pack in one GET beside it, in
 * bounded memory. It only reads; what it finds wrong it lists, and throws only when the store does not answer.
 */
import { isRecoveryPoint, type Manifest } from "../snapshot/manifest";
import { objectsOf } from "../snapshot/manifest-objects";
import type { ObjectStore } from "../storage/object-store";
import { oldestVersion } from "../storage/oldest-version";
import { ProblemList, type Locate, type Problem } from "./verification-problems";
import { type DumpReading, verifyDump } from "./verify-dump";
import { verifyIndex } from "./verify-index";
import { PackVerification } from "./verify-packs";

export interface Verification {
  readonly ok: boolean;
  /** The first thousand. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  readonly objects: number;
  /** Bytes of the objects read. */
  readonly bytes: number;
  /** Files whose content was read and found right. */
  readonly files: number;
  readonly missing: number;
}
export interface VerifyOptions {
  /** The bucket is the replica: version ids are its own, and the oldest version of a key counts. */
  readonly replica: boolean;
  /** Reads the dump beside us. */
  readonly reading?: DumpReading | undefined;
}

export const verifySnapshot = async (
  store: ObjectStore,
  bucket: string,
  manifest: Manifest,
  { replica, reading }: VerifyOptions,
): Promise<Verification> => {
  const problems = new ProblemList();
  const locate: Locate = async ({ key, versionId }) => ({
    store,
    ref: replica ? await oldestVersion(store, bucket, key) : { bucket, key, versionId },
  });
  const { database } = manifest;
  if (!isRecoveryPoint(database))
    await problems.during(database.key, async () => verifyDump(await locate(database), database, reading));
  const packs = new PackVerification(manifest.files.packs, locate, problems);
  const counted = await verifyIndex(manifest, locate, problems, (entry) => packs.check(entry));
  await packs.finish();
  const objects = objectsOf(manifest);
  return {
    ok: problems.count === 0,
    problems: problems.listed,
    problemCount: problems.count,
    objects: objects.length,
    bytes: objects.reduce((sum, { size }) => sum + size, 0),
    files: packs.filesRead,
    missing: counted.missing,
  };
};
