/**
 * Opens a region's night from the schedule's event. The night's item makes it unique: a second delivery is dropped.
 * Then RDS is asked how the environments' instances are, before any slot is looked at.
 * A failure before the item stands leaves nothing, one after it is known again by its execution: either way the
 * repeated call opens the night.
 */
import { isoSeconds } from "../catalog/catalog";
import type { Night } from "../catalog/items";
import { isOver, nightOf } from "../rules/window-times";
import type { Collaborators, DatabaseListing } from "../runtime/collaborators";
import { refreshInstances } from "./refresh-instances";
import type { WindowInput, WindowOutput, WindowRow } from "./contract";

type OpenInput = Extract<WindowInput, { step: "open" }>;
type OpenCollaborators = Pick<Collaborators, "catalog" | "clock" | "log" | "remainingMs"> & {
  /** Absent where RDS can't be asked. */
  readonly databases?: DatabaseListing;
};

export async function openNight(
  input: OpenInput,
  row: WindowRow,
  collaborators: OpenCollaborators,
): Promise<WindowOutput> {
  const now = collaborators.clock.now();
  const { scheduledTime } = input.event;
  const window = nightOf(row, new Date(scheduledTime));
  const night: Night = {
    region: row.region,
    date: window.date,
    startsAt: isoSeconds(window.startsAt),
    endsAt: isoSeconds(window.endsAt),
    openedAt: isoSeconds(now),
    ...(input.executionArn === undefined ? {} : { openedBy: input.executionArn }),
  };
  const dropped = (reason: string): WindowOutput => {
    collaborators.log.info("Window event dropped.", { reason });
    return { outcome: "dropped", reason };
  };
  if (isOver(window, now)) {
    return dropped(
      `The event of ${scheduledTime} came at ${night.openedAt}, after the window of ${row.region} had closed at ${night.endsAt}.`,
    );
  }
  if (!(await isOurs(night, collaborators))) {
    return dropped(`The night of ${night.date} in ${row.region} has been opened before.`);
  }
  const { databases } = collaborators;
  if (databases !== undefined) await refreshInstances({ ...collaborators, databases });
  return {
    outcome: "wait",
    night: { date: night.date, startsAt: night.startsAt, endsAt: night.endsAt, startedUntil: null },
    waitUntil: isoSeconds(now.getTime() < window.startsAt.getTime() ? window.startsAt : now),
    started: 0,
  };
}

async function isOurs(night: Night, { catalog }: OpenCollaborators): Promise<boolean> {
  if (await catalog.openNight(night)) return true;
  if (night.openedBy === undefined) return false;
  return (await catalog.getNight(night.region, night.date))?.openedBy === night.openedBy;
}
