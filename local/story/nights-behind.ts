/**
 * The nights behind the page: each is played by the schedule, the workflows and the functions themselves, with a few
 * changes in between, and ends before the present. A night whose snapshot would have expired by now is not played, as
 * retention would have removed all that it left. A night is hours of polling: the clock skips them, and stops at each
 * environment's slot.
 */
import { expiryOf } from "../../lambda/rules/retention-calendar";
import { slotTime } from "../../lambda/rules/slots";
import { tierOfNight } from "../../lambda/rules/tier";
import type { LocalEnvironment } from "../environments/environment";
import { nextWindow } from "./night";
import { askRegistration, minutesAfter, named, part, snapshotsOf, type StoryContext } from "./story-context";
import type { Changes } from "./story";

export interface NightsBehind {
  readonly nights: number;
  /** Of the region's window. */
  readonly windowMinutes: number;
  readonly now: Date;
}
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** The second environment is new: its nights are the last ones. */
const NIGHTS_OF_TARGET = 3;
/** Every schedule of minutes has fired once by then. */
const ROUND_MINUTES = 20;
const LONGEST_BACKUP_MINUTES = 12 * 60;

/** Where the clock has to stand at first, so that so many windows open and close before `now`. */
export const beginningOf = ({ nights, windowMinutes, now }: NightsBehind): Date =>
  new Date(now.getTime() - nights * DAY_MS - windowMinutes * MINUTE_MS);

/** When the windows open whose snapshots are still there at `now`; the last one always. */
export const nightsToPlay = (first: Date, { nights, now }: NightsBehind): readonly Date[] =>
  Array.from({ length: nights }, (_, night) => new Date(first.getTime() + night * DAY_MS)).filter(
    (opens, night) => night === nights - 1 || expiryOf(tierOfNight(opens.toISOString().slice(0, 10)), opens) > now,
  );

export const playNightsBehind = (context: StoryContext, behind: NightsBehind, { between }: Changes): Promise<void> =>
  part(context, `${behind.nights} nights`, async () => {
    const { local, progress, report, source, target } = context;
    const { clock, pausedSchedules, schedules } = local;
    const window = named(schedules, "nightly-window");
    for (const { name } of schedules) if (name !== window.name) pausedSchedules.add(name);
    const environments = [source];
    await register(context, source);
    const opening = nightsToPlay(nextWindow(context, clock.now()), behind);
    progress.step(
      `${behind.nights} nights, of which ${opening.length} have left a snapshot that hasn't expired by now`,
    );
    for (const [index, opens] of opening.entries()) {
      await clock.skipTo(minutesAfter(opens, -2));
      if (source.untouched !== true && index === Math.max(0, opening.length - NIGHTS_OF_TARGET)) {
        await register(context, target);
        environments.push(target);
      }
      await passQuickly(context, opens, behind.windowMinutes, environments);
      if (between !== undefined && index < opening.length - 1) await between(index + 1);
    }
    pausedSchedules.clear();
    if (behind.now > clock.now()) await clock.skipTo(behind.now);
    await clock.advanceTo(minutesAfter(clock.now(), ROUND_MINUTES), () => !local.executions.anyRunning());
    // At some hours another window stands open at `now`; its snapshot comes besides, when its slot does.
    const lastOpens = opening.at(-1) ?? behind.now;
    const ends = minutesAfter(lastOpens, LONGEST_BACKUP_MINUTES);
    const taken = (await snapshotsOf(context, source.environmentId)).filter(
      ({ createdAt }) => new Date(createdAt) < ends,
    );
    const wrong = taken.filter(({ state, replicatedAt }) => state !== "completed" || replicatedAt === null);
    report.checkNone("nights", `${source.environmentId} has a completed and replicated snapshot of each of them`, [
      ...wrong.map(({ night, state, statusMessage }) => `${night}: ${state} ${statusMessage}`),
      ...(taken.length === opening.length ? [] : [`${taken.length} snapshots of ${opening.length} nights`]),
    ]);
  });

const register = async ({ local, report }: StoryContext, environment: LocalEnvironment): Promise<void> => {
  const { environmentId, registration } = environment;
  const registered = await askRegistration(local, { action: "register", registration });
  report.check("registration", `${environmentId} is registered`, registered.ok, registered.message);
  await askRegistration(local, { action: "started", environmentId });
};

/** From the window's opening over each slot to its end. */
const passQuickly = async (
  { local: { clock, executions, machines }, catalog, local }: StoryContext,
  opens: Date,
  windowMinutes: number,
  environments: readonly LocalEnvironment[],
): Promise<void> => {
  const window = named(machines, "nightly-window").arn;
  const onlyWaits = (): boolean =>
    executions.all().every(({ stateMachineArn, status }) => status !== "RUNNING" || stateMachineArn === window);
  await clock.advanceTo(minutesAfter(opens, 1));
  const items = await Promise.all(environments.map(({ environmentId }) => catalog.getEnvironment(environmentId)));
  const slots = items.flatMap((item) => (item === undefined ? [] : [slotTime(item, opens, windowMinutes)]));
  for (const slot of slots.toSorted((a, b) => a.getTime() - b.getTime())) {
    await clock.skipTo(slot);
    await clock.advanceTo(minutesAfter(slot, 1));
    await clock.advanceTo(minutesAfter(slot, LONGEST_BACKUP_MINUTES), onlyWaits);
  }
  await clock.skipTo(minutesAfter(opens, windowMinutes - 1));
  await clock.advanceTo(minutesAfter(opens, LONGEST_BACKUP_MINUTES), () => !executions.anyRunning());
  local.assertSchedulesWork();
};
