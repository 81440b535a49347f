/**
 * Names the environments whose newest backup is too old: an alarm's message can't. Whoever is told of alarms hears at
 * once when there are some for the first time and when there are none any more, and in between at most once an hour
 * what has come and gone. What was told is noted after it was told, so a crash in between repeats one message at most.
 */
import { isoSeconds } from "../catalog/catalog";
import type { Collaborators } from "../runtime/collaborators";
import { TOO_OLD_MESSAGE } from "./contract";
import type { BackupAge } from "./tally";

const AT_MOST_EVERY_MS = 3_600_000;
/** Of each kind in a message; the log names all. */
const NAMED = 20;

type NameCollaborators = Pick<Collaborators, "catalog" | "clock" | "notifier" | "log">;

/** `tooOld`: all of them, the oldest first. Never throws: who can't be told now is told by the next round. */
export async function nameTooOld(
  region: string,
  tooOld: readonly BackupAge[],
  collaborators: NameCollaborators,
): Promise<void> {
  const { log } = collaborators;
  for (const { environmentId, seconds, hasBackup } of tooOld)
    log.warn(TOO_OLD_MESSAGE, { environmentId, ageHours: hoursOf(seconds), hasBackup });
  try {
    await tellOfChanges(region, tooOld, collaborators);
  } catch (error) {
    log.error("Nobody could be told which newest backups are too old; the next round tries again.", {
      cause: error instanceof Error ? error.message : String(error),
    });
  }
}

async function tellOfChanges(
  region: string,
  tooOld: readonly BackupAge[],
  { catalog, clock, notifier }: NameCollaborators,
): Promise<void> {
  const told = await catalog.getTooOldTold();
  const before = new Set(told?.environmentIds);
  const now = new Set(tooOld.map(({ environmentId }) => environmentId));
  const come = tooOld.filter(({ environmentId }) => !before.has(environmentId));
  const gone = [...before].filter((environmentId) => !now.has(environmentId));
  if (come.length === 0 && gone.length === 0) return;
  const goesOn = before.size > 0 && now.size > 0;
  if (goesOn && clock.now().getTime() - Date.parse(told?.at ?? "") < AT_MOST_EVERY_MS) return;
  const still = tooOld.filter(({ environmentId }) => before.has(environmentId));
  await notifier.tell(
    now.size === 0
      ? `No newest backup in ${region} is too old any more`
      : `${count(now.size, "environment")} in ${region} without a recent backup`,
    [
      ...listed("Too old since the last message", come.map(inWords)),
      ...listed("Still too old", still.map(inWords)),
      ...listed("No longer among them: backed up, or no longer backed up here", gone),
      ...(now.size === 0
        ? []
        : [
            "What to do for each: see why with `npx backups snapshots ENVIRONMENT`, then take one now with " +
              "`npx backups backup ENVIRONMENT --wait`, as the runbook's article snapshot-too-old says. " +
              "The log of the function gauges names all of them every quarter of an hour.",
          ]),
    ].join("\n\n"),
  );
  await catalog.putTooOldTold({ at: isoSeconds(clock.now()), environmentIds: [...now] });
}

const listed = (title: string, all: readonly string[]): readonly string[] => {
  if (all.length === 0) return [];
  const more = all.length > NAMED ? [`and ${all.length - NAMED} more`] : [];
  return [[`${title} (${all.length}):`, ...all.slice(0, NAMED), ...more].join("\n")];
};
const inWords = ({ environmentId, seconds, hasBackup }: BackupAge): string =>
  hasBackup
    ? `${environmentId}: the newest backup at the far end is ${hoursOf(seconds)} hours old`
    : `${environmentId}: no backup at the far end; the first was due ${hoursOf(seconds)} hours ago`;
const hoursOf = (seconds: number): number => Math.floor(seconds / 360) / 10;
const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
