/** While a backup waits for a place among the region's, its snapshot says so; once it has one, it no longer does. */
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { Attempt } from "../catalog/items";
import type { PlaceOutcome } from "../places/places";
import type { Collaborators } from "../runtime/collaborators";
import { messageOfAttempt } from "./attempt-message";

type Waiting = Extract<PlaceOutcome, { outcome: "waiting" }>;
const BEGINNING = "Queued: waiting for a place";

export const waitsForPlace = ({ taken, ahead }: Waiting, places: number): string =>
  `${BEGINNING} to read the files; ${taken} of the region's ${places} are taken, ${ahead} backups came earlier.`;

export async function tellPlace(
  { environmentId, snapshotId, attempt }: Attempt,
  place: PlaceOutcome,
  places: number,
  { catalog, clock }: Pick<Collaborators, "catalog" | "clock">,
): Promise<void> {
  const snapshot = await catalog.getSnapshot(environmentId, snapshotId);
  const said = snapshot?.statusMessage ?? "";
  if (place.outcome === "held" && !said.startsWith(BEGINNING)) return;
  const statusMessage = place.outcome === "held" ? messageOfAttempt(attempt) : waitsForPlace(place, places);
  if (statusMessage === said) return;
  try {
    const change = { statusMessage, updatedAt: isoSeconds(clock.now()) };
    await catalog.updateSnapshot(environmentId, snapshotId, change, ["running"]);
  } catch (error) {
    // Deleted meanwhile: the next step finds out.
    if (!(error instanceof ConditionFailed)) throw error;
  }
}
