/**
 * The main job, from a schedule to a verified restore: a Saturday, a first Sunday and a Monday night, a restore of
 * the Sunday, locks, expiry. Each part leaves checks in the report; a part that can't go on ends the story.
 */
import { deleteEarly } from "./deletion";
import { showAllGone, showExpiry } from "./expiry";
import { hideBehindMarkers, showLocks } from "./immutability";
import { fingerprint, nextWindow, playNight } from "./night";
import { megabytes } from "./progress";
import { registerEnvironments } from "./register-environments";
import { verifyReplica } from "./replica";
import { checkPermissions } from "./permissions";
import { restoreIntoTarget } from "./restore";
import { named, type StoryContext } from "./story-context";

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
  await hideBehindMarkers(context, second);
  await restoreIntoTarget(context, second);
  await deleteEarly(context, third);

  // From here on days are skipped: without this each of them would bring another night.
  local.pausedSchedules.add(named(local.schedules, "nightly-window").name);
  await showExpiry(context, first);
  await showAllGone(context);
  checkPermissions(context);
  report.checkNone("local run", "every AWS operation was known", [...new Set(local.gateway.unknown)]);
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
