/** Whether the target holds what a snapshot held, table by table and file by file, and what was left alone. */
import { compareDatabases, fingerprintDatabase } from "../environments/database-fingerprint";
import { compareFiles, referencedKeys, type FileFingerprint } from "../environments/file-fingerprint";
import type { Fingerprint } from "./night";
import { megabytes } from "./progress";
import type { StoryContext } from "./story-context";

/** What stood at the target before a restore. */
export interface TargetBefore {
  readonly keys: readonly string[];
  /** Files that the target's database named. */
  readonly referred: ReadonlySet<string>;
}

export const lookAtTarget = async ({
  reader,
  target,
}: Pick<StoryContext, "reader" | "target">): Promise<TargetBefore> => {
  const query = target.referenceQuery;
  return {
    keys: [...(await reader.list(target)).keys()],
    referred: new Set(query === undefined ? [] : await referencedKeys(target, query)),
  };
};

export const compareTarget = async (
  { report, reader, target, progress }: Pick<StoryContext, "report" | "reader" | "target" | "progress">,
  part: string,
  expected: Fingerprint,
  before: TargetBefore,
): Promise<void> => {
  progress.step("comparing every table and every file");
  const database = await fingerprintDatabase(target.database);
  const tables = Object.keys(database.tables).length;
  report.checkNone(
    part,
    "every table, sequence and large object is as in the snapshot",
    compareDatabases(expected.database, database),
    `${tables} tables, ${database.rows} rows, ${Object.keys(database.sequences).length} sequences, ${database.largeObjects}`,
  );

  // What the old database named goes, unless the snapshot names it too; what it did not name is none of our business.
  const kept = new Map<string, FileFingerprint>();
  const found = await reader.fingerprint(withoutQuery(target));
  const unnamed = before.keys.filter((key) => !before.referred.has(key));
  for (const key of unnamed) {
    const standing = found.files.get(key);
    if (standing !== undefined) kept.set(key, standing);
  }
  report.checkNone(
    part,
    "every file is as in the snapshot, and no other is left",
    compareFiles(new Map([...kept, ...expected.files.files]), found.files),
    `${expected.files.files.size} files, ${megabytes(expected.files.bytes)}, by SHA-256 and attributes; ${kept.size} files that the old database did not name are still there`,
  );
  report.checkNone(
    part,
    "files that the old database did not name were left alone",
    unnamed.filter((key) => !found.files.has(key)).map((key) => `${key} is gone`),
  );
};

/** Every file in the bucket, whatever the database names. */
const withoutQuery = ({ referenceQuery: _query, ...environment }: StoryContext["target"]): StoryContext["target"] =>
  environment;
