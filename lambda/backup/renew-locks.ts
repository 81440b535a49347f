/**
 * Renews the two-day locks of what an attempt has stored so far, when they end within a day. An attempt that runs for
 * days must not lose what it wrote on the first; what it still writes has a lock of its own. Safe to repeat and to
 * run in several packers at once: locks only move forward.
 */
import { allPages } from "../catalog/catalog";
import type { Attempt } from "../catalog/items";
import { attemptLock, needsRenewal } from "../rules/attempt-lock";
import type { Collaborators } from "../runtime/collaborators";
import type { StoredObjectEntry } from "../snapshot/manifest";
import { atOnce } from "../runtime/at-once";
import { check, extend } from "./object-locks";

const LOCKS_AT_ONCE = 16;

type RenewCollaborators = Pick<Collaborators, "catalog" | "store" | "settings" | "clock">;

export async function renewLocks(attempt: Attempt, collaborators: RenewCollaborators): Promise<void> {
  const { catalog, store, settings, clock } = collaborators;
  const now = clock.now();
  const first = attemptLock(settings.LOCK_MODE, new Date(attempt.startedAt)).until;
  if (!needsRenewal(attempt.lockedUntil === undefined ? first : new Date(attempt.lockedUntil), now)) return;
  const lock = attemptLock(settings.LOCK_MODE, now);
  for await (const batch of storedSoFar(attempt, collaborators)) {
    await atOnce(LOCKS_AT_ONCE, batch, async (entry) => {
      // Refused where another packer has just set a later lock: then the head shows it.
      const extended = await extend(store, settings.PRIMARY_BUCKET, entry, lock);
      if (!extended) await check(store, settings.PRIMARY_BUCKET, entry, { ...lock, until: now });
    });
  }
  await catalog.updateAttempt(attempt.attemptId, { lockedUntil: lock.until.toISOString() });
}

async function* storedSoFar(
  { attemptId, dump }: Attempt,
  { catalog }: RenewCollaborators,
): AsyncGenerator<readonly StoredObjectEntry[]> {
  if (dump !== null) yield [...(dump.database === null ? [] : [dump.database]), ...dump.listSegments];
  for await (const shard of allPages((cursor) => catalog.listShards(attemptId, cursor))) {
    // Only new packs: those carried over are locked until their snapshots expire.
    yield [...shard.parts, ...shard.packs.filter((pack) => pack.carriedOver !== true)];
  }
}
