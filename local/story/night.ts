/** Plays one night: the schedule fires, the window opens, every environment is backed up, the replicas are checked. */
import type { SnapshotItem, Tier } from "../../lambda/catalog/items";
import { fingerprintDatabase, type DatabaseFingerprint } from "../environments/database-fingerprint";
import type { LocalEnvironment } from "../environments/environment";
import type { FilesFingerprint } from "../environments/file-fingerprint";
import { nextTime } from "../schedules/expression";
import { megabytes } from "./progress";
import { minutesAfter, named, part, snapshotsOf, type StoryContext } from "./story-context";

export interface Fingerprint {
  readonly database: DatabaseFingerprint;
  readonly files: FilesFingerprint;
}
export interface PlayedNight {
  readonly date: string;
  readonly snapshot: SnapshotItem;
  /** Of the source, right before the night. */
  readonly source: Fingerprint;
}

export const fingerprint = async (
  { reader }: Pick<StoryContext, "reader">,
  environment: LocalEnvironment,
): Promise<Fingerprint> => ({
  database: await fingerprintDatabase(environment.database),
  files: await reader.fingerprint(environment),
});

/** When the window opens for the first time after `after`. */
export const nextWindow = ({ local }: Pick<StoryContext, "local">, after: Date): Date => {
  const { expression } = named(local.schedules, "nightly-window");
  const time = nextTime(expression, after);
  if (time === undefined) throw new Error(`The schedule ${expression} never fires.`);
  return time;
};

/** Longer than any window with all its retries. */
const LONGEST_NIGHT_MINUTES = 12 * 60;

/** From shortly before a window opens to the end of all that it starts. */
export const passNight = async (
  { local, progress }: Pick<StoryContext, "local" | "progress">,
  opens: Date,
): Promise<void> => {
  await local.clock.skipTo(minutesAfter(opens, -2));
  progress.step("waiting for the window");
  const machine = named(local.machines, "nightly-window");
  const hasOpened = (): boolean =>
    local.executions
      .all()
      .some(({ stateMachineArn, startedAt }) => stateMachineArn === machine.arn && startedAt >= opens);
  await local.clock.advanceTo(
    minutesAfter(opens, LONGEST_NIGHT_MINUTES),
    () => hasOpened() && !local.executions.anyRunning(),
  );
  local.assertSchedulesWork();
};

export const playNight = (context: StoryContext, label: string, opens: Date, tier: Tier): Promise<PlayedNight> =>
  part(context, `${label} night, ${opens.toISOString().slice(0, 10)}`, async () => {
    const { report, source, target } = context;
    const before = await fingerprint(context, source);
    await passNight(context, opens);

    const date = opens.toISOString().slice(0, 10);
    for (const environment of [source, target]) {
      const taken = (await snapshotsOf(context, environment.environmentId)).filter(({ night }) => night === date);
      const [snapshot] = taken;
      report.check(
        label,
        `${environment.environmentId} has one snapshot of this night`,
        taken.length === 1,
        taken.map(describe).join("; ") || "none",
      );
      report.check(
        label,
        `its tier is ${tier}, it is completed and replicated`,
        snapshot?.tier === tier && snapshot.state === "completed" && snapshot.replicatedAt !== null,
        snapshot?.statusMessage || snapshot?.replicationMessage,
      );
      if (environment === source) checkContents(context, label, snapshot, before);
    }
    const changed = (await fingerprintDatabase(source.database)).rows !== before.database.rows;
    report.check(
      label,
      "the source stayed as it was during the night",
      !changed,
      changed ? "its database has other rows than before; let nobody work with it while it is compared" : "",
    );
    const snapshot = (await snapshotsOf(context, source.environmentId)).find(({ night }) => night === date);
    if (snapshot === undefined || snapshot.state !== "completed") {
      throw new Error(
        `The backup of ${source.environmentId} did not complete: ${snapshot?.statusMessage ?? "there is no snapshot"}.`,
      );
    }
    return { date, snapshot, source: before };
  });

/** Rule 9: the files are those that the database named at the instant of the dump. */
const checkContents = (
  { report, source }: StoryContext,
  label: string,
  snapshot: SnapshotItem | undefined,
  { files }: Fingerprint,
): void => {
  const counts = `${snapshot?.fileCount} files, ${snapshot?.missingCount} missing, ${megabytes(snapshot?.filesSize ?? 0)}`;
  const right =
    snapshot?.fileCount === files.files.size &&
    snapshot.missingCount === files.missing.length &&
    snapshot.filesSize === files.bytes;
  report.check(
    label,
    `it holds the files that the ${source.referenceQuery === undefined ? "bucket lists" : "database names"}`,
    right,
    right
      ? counts
      : `${counts}; ${files.files.size} files, ${files.missing.length} missing, ${megabytes(files.bytes)} expected`,
  );
};

const describe = ({ snapshotId, tier, state, fileCount, dumpSize }: SnapshotItem): string =>
  `${snapshotId}: ${tier}, ${state}, dump ${megabytes(dumpSize ?? 0)}, ${fileCount} files`;
