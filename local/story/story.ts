/**
 * The main job, from a schedule to a verified restore: a Saturday, a first Sunday and a Monday night, a restore of
 * the Sunday, locks, expiry. Each part leaves checks in the report; a part that can't go on ends the story.
 */
import { downloadAll, downloadLarge } from "./archives";
import { deleteEarly } from "./deletion";
import { drillOnce } from "./drill";
import { showAllGone, showExpiry } from "./expiry";
import { hideBehindMarkers, showLocks } from "./immutability";
import { lookAround } from "./look-around";
import { fingerprint, nextWindow, playNight, type PlayedNight } from "./night";
import { showNoSecretsLogged } from "./no-secrets-logged";
import { megabytes } from "./progress";
import { registerEnvironments } from "./register-environments";
import { verifyReplica } from "./replica";
import { checkPermissions } from "./permissions";
import { restoreIntoTarget } from "./restore";
import { named, snapshotsOf, type StoryContext } from "./story-context";
import { restoreUploaded, uploadArchive } from "./upload";
import { useApi } from "./use-api";

export interface Changes {
  /** Changes the source between two nights and says how; absent where the source must not be touched. */
  readonly between?: (number: number) => Promise<string>;
}

export const tellStory = async (context: StoryContext, { between }: Changes): Promise<void> => {
  const { local, progress, report, source } = context;
  const saturday = nextWindow(context, firstSundayEve(local.clock.now()));
  const [sunday, monday] = [1, 2].map((days) => new Date(saturday.getTime() + days * 86_400_000)) as [Date, Date];
  await local.clock.skipTo(new Date(saturday.getTime() - 4 * 3_600_000));
  const { database, files } = await fingerprint(context, source);
  progress.step(
    `${source.environmentId}: ${Object.keys(database.tables).length} tables, ${database.rows} rows, ${database.largeObjects}; ${files.files.size} files, ${megabytes(files.bytes)}`,
  );
  await registerEnvironments(context);

  const change = async (number: number): Promise<void> => {
    if (between !== undefined) progress.step(await between(number));
  };
  const first = await playNight(context, "Saturday", saturday, "nightly");
  await change(1);
  const second = await playNight(context, "Sunday", sunday, "monthly");
  await change(2);
  const third = await playNight(context, "Monday", monday, "nightly");
  report.facts["snapshots"] = [first, second, third].map(({ snapshot }) => snapshot);

  await showLocks(context, second);
  await verifyReplica(context, second);
  await useApi(context, [first, second, third]);
  await lookAround(context);
  // A drill makes a database on the server that it is given: not on the user's own.
  if (source.untouched !== true) await drillOnce(context);
  const exchanged = await chooseExchanged(context, third);
  if (exchanged.snapshot !== third.snapshot)
    await downloadLarge(context, source.registration.appId, third.snapshot, third.source);
  const archive = await downloadAll(context, source.registration.appId, exchanged.snapshot, exchanged.source);
  await hideBehindMarkers(context, second);
  await restoreIntoTarget(context, second);
  const uploaded = await uploadArchive(context, archive, exchanged.source);
  await restoreUploaded(context, uploaded, exchanged.source);
  await deleteEarly(context, third);

  // From here on days are skipped: without this each of them would bring another night.
  local.pausedSchedules.add(named(local.schedules, "nightly-window").name);
  await showExpiry(context, first);
  await showAllGone(context);
  await showNoSecretsLogged(context);
  checkPermissions(context);
  report.checkNone("local run", "every AWS operation was known", [...new Set(local.gateway.unknown)]);
};

/**
 * What is downloaded in every form, uploaded and restored: the smaller environment, which is the target as it was; of
 * the user's own environments the source, because a scratch target holds nothing.
 */
const chooseExchanged = async (
  context: StoryContext,
  night: PlayedNight,
): Promise<Pick<PlayedNight, "snapshot" | "source">> => {
  const { source, target } = context;
  if (source.untouched === true) return night;
  const found = await snapshotsOf(context, target.environmentId);
  const snapshot = found.find((one) => one.night === night.date);
  if (snapshot === undefined) throw new Error(`${target.environmentId} has no snapshot of ${night.date}.`);
  return { snapshot, source: await fingerprint(context, target) };
};

/** The last moment (UTC) before the Saturday of a month's first Sunday, at least a day ahead. */
const firstSundayEve = (now: Date): Date => {
  for (let months = 0; ; months++) {
    const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1));
    const sunday = new Date(first.getTime() + ((7 - first.getUTCDay()) % 7) * 86_400_000);
    const eve = new Date(sunday.getTime() - 86_400_000 - 1);
    if (eve.getTime() > now.getTime() + 86_400_000) return eve;
  }
};
