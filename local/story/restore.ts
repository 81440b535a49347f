/** Restores a snapshot of the source into the target, and compares every table and every file. */
import { restoreAnswered, type PublicRestore, type RequestsResponse } from "../../lambda/requests/contract";
import { compareDatabases, fingerprintDatabase } from "../environments/database-fingerprint";
import { compareFiles, referencedKeys, type FileFingerprint } from "../environments/file-fingerprint";
import { megabytes } from "./progress";
import type { PlayedNight } from "./night";
import { askRequests, minutesAfter, part, type StoryContext } from "./story-context";

export const restoreIntoTarget = (context: StoryContext, night: PlayedNight): Promise<void> =>
  part(context, `Restoring ${night.snapshot.snapshotId} into ${context.target.environmentId}`, async () => {
    const { report, reader, target, progress } = context;
    const before = await reader.list(target);
    const referred = new Set(
      target.referenceQuery === undefined ? [] : await referencedKeys(target, target.referenceQuery),
    );
    let restore = await runRestore(context, night, []);
    const warnings = restore.plan?.warnings ?? [];
    if (restore.state === "failed" && warnings.length > 0) {
      for (const { code, message } of warnings) progress.step(`acknowledged: ${code}, ${message}`);
      restore = await runRestore(
        context,
        night,
        warnings.map(({ code }) => code),
      );
    }
    const done = report.check(
      "restore",
      "the restore is completed",
      restore.state === "completed",
      restore.statusMessage,
    );
    if (!done) throw new Error(`The restore failed: ${restore.statusMessage}`);
    progress.step("comparing every table and every file");

    const database = await fingerprintDatabase(target.database);
    const tables = Object.keys(database.tables).length;
    report.checkNone(
      "restore",
      "every table, sequence and large object is as in the snapshot",
      compareDatabases(night.source.database, database),
      `${tables} tables, ${database.rows} rows, ${Object.keys(database.sequences).length} sequences, ${database.largeObjects}`,
    );

    // What the old database named goes, unless the snapshot names it too; what it did not name is none of our business.
    const kept = new Map<string, FileFingerprint>();
    const found = await reader.fingerprint(withoutQuery(target));
    for (const key of before.keys()) {
      const standing = found.files.get(key);
      if (!referred.has(key) && standing !== undefined) kept.set(key, standing);
    }
    const expected = new Map([...kept, ...night.source.files.files]);
    report.checkNone(
      "restore",
      "every file is as in the snapshot, and no other is left",
      compareFiles(expected, found.files),
      `${night.source.files.files.size} files, ${megabytes(night.source.files.bytes)}, by SHA-256; ${kept.size} files that the old database did not name are still there`,
    );
    const lost = [...before.keys()].filter((key) => !referred.has(key) && !found.files.has(key));
    report.checkNone(
      "restore",
      "files that the old database did not name were left alone",
      lost.map((key) => `${key} is gone`),
    );
  });

/** Every file in the bucket, whatever the database names. */
const withoutQuery = ({ referenceQuery: _query, ...environment }: StoryContext["target"]): StoryContext["target"] =>
  environment;

/** As `npx backups restore` asks for it. */
const runRestore = async (
  { local, source, target }: StoryContext,
  { snapshot }: PlayedNight,
  acknowledged: readonly string[],
): Promise<PublicRestore> => {
  const asked = await askRequests(local, {
    action: "restore",
    sourceEnvironmentId: source.environmentId,
    snapshotId: snapshot.snapshotId,
    targetEnvironmentId: target.environmentId,
    databaseOnly: false,
    acknowledged: [...acknowledged],
    requestedBy: "npm start",
  });
  const { restoreId } = restoreIn(asked);
  await local.clock.advanceTo(minutesAfter(local.clock.now(), 24 * 60), () => !local.executions.anyRunning());
  return restoreIn(await askRequests(local, { action: "restore-status", restoreId }));
};

const restoreIn = (answer: RequestsResponse): PublicRestore => {
  if (!answer.ok) throw new Error(answer.message);
  return restoreAnswered.parse(answer).restore;
};
