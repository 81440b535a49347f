/**
 * The slot: the minute inside the window at which an environment's backup starts. A hash of the environment spreads
 * the load; how long the last backup took decides how late the slot may be, so that the backup and both its retries
 * (rule 5) end inside the window, and long ones start early. RDS's maintenance and automated backup windows are kept
 * out of as far as the region's window leaves room: a minute that retries fit behind is preferred, then any other; where
 * none is left the backup keeps its minute, and `window-clash.ts` says so. Pure.
 */
import { createHash } from "node:crypto";
import { windowSpans, type InstanceWindows, type WindowKind } from "./instance-windows";
import { ATTEMPTS } from "./retry";
import { addMinutes } from "./utc-date";

/** Until a first backup has been timed it is taken to be long: it packs everything. */
const UNTIMED_SHARE = 1 / 4;
/** AWS Backup's jobs fail in RDS's windows, and in the hour before each. */
const RECOVERY_POINT_LEAD_MINUTES = 60;

export interface SlotOwner {
  readonly environmentId: string;
  readonly lastDurationSeconds: number | null;
  /** What RDS said of its instance; absent or null where nothing is known. */
  readonly databaseInstance?: InstanceWindows | null;
  readonly registration?: { readonly database: { readonly instance: string | null; readonly backup?: string } };
}
/** In which minutes after the window's start no backup should be under way; half-open, may reach beyond the window. */
export interface ClosedMinutes {
  readonly kind: WindowKind;
  readonly from: number;
  readonly until: number;
}

/** Minutes after the window's start, 0 to `durationMinutes` − 1. */
export function slotMinute(owner: SlotOwner, durationMinutes: number, closed: readonly ClosedMinutes[] = []): number {
  const room = Math.floor(durationMinutes - ATTEMPTS * expectedMinutes(owner, durationMinutes));
  const choices = Math.min(Math.max(room, 1), durationMinutes);
  const preferred = Array.from({ length: choices }, (_, minute) => minute);
  const candidates = openMinutes(owner, durationMinutes, closed, preferred);
  return candidates[Math.floor(spread(owner.environmentId) * candidates.length)] ?? 0;
}

export const slotTime = (owner: SlotOwner, startsAt: Date, durationMinutes: number): Date =>
  addMinutes(startsAt, slotMinute(owner, durationMinutes, closedMinutes(owner, startsAt, durationMinutes)));

/** The last minute at which any slot can be: from then on every backup of the night is due. */
export const lastSlotTime = (startsAt: Date, durationMinutes: number): Date =>
  addMinutes(startsAt, durationMinutes - 1);

/** What a night of an owner has to keep out of. */
export const closedMinutes = (owner: SlotOwner, startsAt: Date, durationMinutes: number): readonly ClosedMinutes[] => {
  if (owner.databaseInstance === undefined || owner.databaseInstance === null) return [];
  const lead = isRecoveryPoint(owner) ? RECOVERY_POINT_LEAD_MINUTES : 0;
  const until = addMinutes(startsAt, durationMinutes + lead + busyMinutes(owner, durationMinutes));
  const minuteOf = (time: Date): number => (time.getTime() - startsAt.getTime()) / 60_000;
  return windowSpans(owner.databaseInstance, startsAt, until).map(({ kind, from, until: ends }) => ({
    kind,
    from: minuteOf(from) - lead,
    until: minuteOf(ends),
  }));
};

/** The first of `closed` that a backup started in `minute` runs into. */
export const clashAt = (
  owner: SlotOwner,
  minute: number,
  durationMinutes: number,
  closed: readonly ClosedMinutes[],
): ClosedMinutes | undefined => {
  const ends = minute + busyMinutes(owner, durationMinutes);
  return closed.find(({ from, until }) => minute < until && from < ends);
};

const openMinutes = (
  owner: SlotOwner,
  durationMinutes: number,
  closed: readonly ClosedMinutes[],
  preferred: readonly number[],
): readonly number[] => {
  const isOpen = (minute: number): boolean => clashAt(owner, minute, durationMinutes, closed) === undefined;
  const open = preferred.filter(isOpen);
  if (open.length > 0) return open;
  const later = Array.from({ length: durationMinutes }, (_, minute) => minute).filter(isOpen);
  // As early as the windows allow, and still spread.
  return later.length > 0 ? later.slice(0, preferred.length) : preferred;
};

const expectedMinutes = ({ lastDurationSeconds }: SlotOwner, durationMinutes: number): number =>
  lastDurationSeconds === null ? durationMinutes * UNTIMED_SHARE : lastDurationSeconds / 60;

/** How long RDS must be left alone: a dump for as long as the backup takes; AWS Backup only asks when its job starts. */
const busyMinutes = (owner: SlotOwner, durationMinutes: number): number =>
  isRecoveryPoint(owner) ? 1 : Math.max(1, Math.ceil(expectedMinutes(owner, durationMinutes)));

const isRecoveryPoint = ({ registration }: SlotOwner): boolean => registration?.database.backup === "recovery-point";

/** A number in [0, 1) that is always the same for an environment. */
const spread = (environmentId: string): number =>
  createHash("sha256").update(environmentId).digest().readUInt32BE(0) / 2 ** 32;
