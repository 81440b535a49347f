/**
 * After the commit is in the catalog: lease and places go back, the attempt's items go. Safe to repeat; a failure in the
 * middle leaves the attempt's own item, by which the next Begin finds the rest. The base has been unpinned before,
 * because a pin that nobody takes back would keep its snapshot alive.
 */
import type { Attempt } from "../catalog/items";
import { releasePlaces } from "../places/places";
import type { Collaborators } from "../runtime/collaborators";
import { deleteAttemptItems } from "./attempt-items";

export async function finishAttempt(
  attempt: Attempt,
  collaborators: Pick<Collaborators, "catalog" | "log">,
): Promise<void> {
  await collaborators.catalog.releaseLease(attempt.environmentId, attempt.leaseToken);
  await releasePlaces(attempt.executionArn, collaborators);
  await deleteAttemptItems(attempt.attemptId, collaborators);
}

/** Whole seconds from the attempt's start to the manifest's completion: the next slot is chosen by it. */
export const durationOf = (attempt: Attempt, completedAt: string): number =>
  Math.max(0, Math.round((Date.parse(completedAt) - Date.parse(attempt.startedAt)) / 1000));
