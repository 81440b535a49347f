/**
 * The known issue of windows that are not aligned: nights of the coming week in which a backup has to run in one of
 * RDS's windows, because the region's window leaves no minute outside it. The backup runs all the same. Pure.
 */
import { windowTimes, nightOf, type WindowTable } from "./window-times";
import { clashAt, closedMinutes, slotMinute, type SlotOwner } from "./slots";
import type { InstanceWindows, WindowKind } from "./instance-windows";
import { addDays, dateOf, startOfDate } from "./utc-date";

const NIGHTS = 7;

/** One sentence for each of RDS's windows that can't be kept out of; empty when all is well. */
export function windowClashes(owner: SlotOwner, row: WindowTable, now: Date): readonly string[] {
  const { databaseInstance, registration } = owner;
  const instance = registration?.database.instance ?? null;
  if (databaseInstance === undefined || databaseInstance === null || instance === null) return [];
  const nights = new Map<WindowKind, string[]>();
  const tonight = startOfDate(nightOf(row, now).date);
  for (let ahead = 0; ahead < NIGHTS; ahead++) {
    const night = windowTimes(row, dateOf(addDays(tonight, ahead)));
    const closed = closedMinutes(owner, night.startsAt, row.durationMinutes);
    const clash = clashAt(owner, slotMinute(owner, row.durationMinutes, closed), row.durationMinutes, closed);
    if (clash !== undefined) nights.set(clash.kind, [...(nights.get(clash.kind) ?? []), night.date]);
  }
  return [...nights].map(([kind, dates]) => sentence(kind, dates, instance, databaseInstance, row));
}

const sentence = (
  kind: WindowKind,
  nights: readonly string[],
  instance: string,
  windows: InstanceWindows,
  row: WindowTable,
): string => {
  const [what, when, option] =
    kind === "maintenance"
      ? ["maintenance", windows.maintenanceWindow, "--preferred-maintenance-window"]
      : ["automated backup", windows.backupWindow, "--preferred-backup-window"];
  const which = nights.length === NIGHTS ? "every night" : `in the night of ${nights.join(", ")}`;
  return (
    `The Amazon RDS ${what} window of ${instance} (${when} UTC) is not aligned with the nightly backups (from ${row.startUtc} UTC ` +
    `for ${row.durationMinutes} minutes): ${which} the backup has no time outside it, runs all the same, and may fail. Move that ` +
    `window: aws rds modify-db-instance --db-instance-identifier ${instance} ${option} <window>.`
  );
};
