/**
 * Deletes one snapshot before its expiry, because a user said so: under the lease, marked first, so that no restore
 * can begin to read it; then its manifest on both sides, then what it alone needs, then its item. Repeatable at every
 * point: the wish, and the packs that the manifest named, stand in the snapshot's record before the manifest goes.
 * This is the only code that bypasses governance (invariant I2).
 */
import { settleStaleSnapshots } from "../backup/stale-snapshots";
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { EnvironmentItem, Lease, SnapshotItem } from "../catalog/items";
import { putSnapshotRecord, readSnapshotRecord, RECORD_FORMAT, type SnapshotRecord } from "../catalog/records";
import { type Evidence, gatherEvidence, refreshPins } from "../retention/evidence";
import { executePlan } from "../retention/execute";
import { finishSnapshots } from "../retention/finish-snapshots";
import { sidesOf } from "../retention/inventory";
import { releasePoints } from "../retention/release-points";
import { judge, type Judgement } from "../retention/living";
import { planUserDeletion } from "../retention/plan";
import { sweepSoon } from "../retention/sweep";
import { isExpired } from "../rules/retention-calendar";
import type { Collaborators } from "../runtime/collaborators";
import { takeLease } from "../runtime/lease";
import { lockedSentence, lockedUntil } from "./compliance-lock";
import type { DeletionInput, DeletionOutput } from "./contract";

export async function deleteSnapshot(input: DeletionInput, collaborators: Collaborators): Promise<DeletionOutput> {
  const { catalog, settings } = collaborators;
  const { environmentId, executionArn } = input;
  if ((await catalog.getEnvironment(environmentId)) === undefined) {
    return refused(`There is no environment ${environmentId} in ${settings.REGION}; check its name and region.`);
  }
  const taken = await takeLease(collaborators, { environmentId, executionArn, purpose: "deletion" });
  if (taken.outcome === "busy") {
    return busy(`Environment ${environmentId} is busy: ${taken.by.purpose} since ${taken.by.takenAt}.`);
  }
  let output: DeletionOutput;
  try {
    output = await deleteUnderLease(input, taken.lease, collaborators);
  } catch (error) {
    // The first failure is the one to be seen; an ended execution's lease is taken over.
    await catalog.releaseLease(environmentId, taken.lease.token).catch(() => undefined);
    throw error;
  }
  await catalog.releaseLease(environmentId, taken.lease.token);
  return output;
}

async function deleteUnderLease(
  input: DeletionInput,
  lease: Lease,
  collaborators: Collaborators,
): Promise<DeletionOutput> {
  const { catalog, clock } = collaborators;
  const { environmentId, snapshotId } = input;
  const environment = await catalog.getEnvironment(environmentId);
  if (environment === undefined) return refused(`There is no environment ${environmentId}.`);
  const snapshot = await catalog.getSnapshot(environmentId, snapshotId);
  const record = await readSnapshotRecord(environment, snapshotId, collaborators);
  if (snapshot === undefined) {
    if (record?.deletion) return complete(input, environment, { ...record, deletion: record.deletion }, collaborators);
    return refused(`Environment ${environmentId} has no snapshot ${snapshotId}; list its snapshots and check the id.`);
  }
  const objection = await objectionTo(snapshot, collaborators);
  if (objection !== undefined) return objection;
  // We hold the lease, so nobody works on it: its backup ended without a word.
  if (snapshot.state === "running") await settleStaleSnapshots(collaborators, lease);

  const gathered = await gatherEvidence(environment, collaborators);
  const disagreements = judge(gathered, clock.now()).disagreements;
  if (disagreements.length > 0) {
    return refused(
      `Snapshot ${snapshotId} was not deleted, because it can't be told what others need: ${disagreements.join(" ")}`,
    );
  }
  if (gathered.runningAttempts.some((attempt) => attempt.snapshotId === snapshotId)) {
    return busy(`Snapshot ${snapshotId} is being taken just now.`);
  }
  const wish = await recordWish(input, gathered, record, collaborators);
  await mark(snapshot, collaborators);
  const evidence = await refreshPins(withMark(gathered, snapshotId), collaborators);
  const judgement = judge(evidence, clock.now());
  const stays = judgement.living.get(snapshotId);
  if (stays !== undefined) return busy(`Snapshot ${snapshotId} is ${stays}; it is deleted when that has ended.`);
  return removeObjects(input, { evidence, judgement, wish, lease }, collaborators);
}

/** A snapshot's record that says who wanted the snapshot deleted. */
type Wish = SnapshotRecord & { readonly deletion: NonNullable<SnapshotRecord["deletion"]> };

/** Why the wish can't be granted at all, or needs nothing any more. */
async function objectionTo(snapshot: SnapshotItem, collaborators: Collaborators): Promise<DeletionOutput | undefined> {
  const { snapshotId, expiresAt, state } = snapshot;
  if (isExpired(expiresAt, collaborators.clock.now())) {
    return { outcome: "done", message: `Snapshot ${snapshotId} expired on ${expiresAt}; retention removes its data.` };
  }
  if (state !== "completed") return undefined;
  const until = await lockedUntil(snapshot, collaborators);
  return until === undefined ? undefined : refused(lockedSentence(snapshot, until));
}

interface Removal {
  readonly evidence: Evidence;
  readonly judgement: Judgement;
  readonly wish: Wish;
  readonly lease: Lease;
}

async function removeObjects(
  input: DeletionInput,
  removal: Removal,
  collaborators: Collaborators,
): Promise<DeletionOutput> {
  const { evidence, judgement, wish, lease } = removal;
  const { snapshotId, requestedBy } = input;
  const { environment } = evidence;
  const plan = planUserDeletion(evidence, judgement, snapshotId, new Set(wish.deletion.packs));
  const sides = sidesOf(environment, collaborators);
  const execution = await executePlan(plan, sides, lease, collaborators, { bypassGovernance: true });
  if (!execution.finished)
    return busy(`Snapshot ${snapshotId} is being deleted; ${execution.deleted} object versions are gone.`);
  if (execution.refused.length > 0) {
    const { side, key, code } = execution.refused[0] ?? { side: "primary", key: "", code: "" };
    return refused(
      `${execution.refused.length} object versions of snapshot ${snapshotId} could not be deleted, among them ${key} in the ${side} bucket (${code}); ` +
        "the snapshot is no longer offered, and retention removes them when their locks end.",
    );
  }
  const points = await releasePoints(evidence.snapshots, [snapshotId], collaborators);
  if (points.gone.length === 0)
    return refused(
      `Snapshot ${snapshotId} is no longer offered and its files are gone; ${[...points.waiting, ...points.stuck].join(" ")} Retention goes on.`,
    );
  await finishSnapshots(evidence, judgement, [snapshotId], collaborators);
  await sweepSoon(environment.environmentId, collaborators);
  collaborators.log.info("A snapshot was deleted on a user's wish.", {
    environmentId: environment.environmentId,
    snapshotId,
    requestedBy,
    deleted: execution.deleted,
    bytes: execution.bytes,
  });
  return complete(input, environment, wish, collaborators);
}

/** Who and when, and which packs: before anything goes. A repeated wish keeps the first one's words. */
async function recordWish(
  { environmentId, snapshotId, requestedBy }: DeletionInput,
  { environment, manifests }: Evidence,
  standing: SnapshotRecord | undefined,
  collaborators: Collaborators,
): Promise<Wish> {
  const now = isoSeconds(collaborators.clock.now());
  const named = manifests.find((found) => found.snapshotId === snapshotId)?.facts?.packs ?? [];
  const packs = [...new Set([...(standing?.deletion?.packs ?? []), ...named])];
  if (standing?.deletion && packs.length === standing.deletion.packs.length)
    return { ...standing, deletion: standing.deletion };
  const record: Wish = {
    format: RECORD_FORMAT,
    environmentId,
    snapshotId,
    comment: standing?.comment ?? null,
    keepUntil: standing?.keepUntil ?? null,
    deletion: {
      requestedBy: standing?.deletion?.requestedBy ?? requestedBy,
      requestedAt: standing?.deletion?.requestedAt ?? now,
      packs,
      completedAt: null,
    },
    updatedAt: now,
  };
  await putSnapshotRecord(environment, record, collaborators);
  return record;
}

/** From here on no restore can pin the snapshot: it pins first and looks at the mark after, we look at the pins after. */
async function mark(
  { environmentId, snapshotId, deleting }: SnapshotItem,
  { catalog, clock }: Collaborators,
): Promise<void> {
  if (deleting) return;
  try {
    await catalog.updateSnapshot(environmentId, snapshotId, { deleting: true, updatedAt: isoSeconds(clock.now()) });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

const withMark = (evidence: Evidence, snapshotId: string): Evidence => ({
  ...evidence,
  snapshots: evidence.snapshots.map((item) => (item.snapshotId === snapshotId ? { ...item, deleting: true } : item)),
});

async function complete(
  { snapshotId }: DeletionInput,
  environment: EnvironmentItem,
  record: Wish,
  collaborators: Collaborators,
): Promise<DeletionOutput> {
  const { deletion } = record;
  const completedAt = deletion.completedAt ?? isoSeconds(collaborators.clock.now());
  if (deletion.completedAt === null) {
    await putSnapshotRecord(
      environment,
      { ...record, deletion: { ...deletion, completedAt }, updatedAt: completedAt },
      collaborators,
    );
  }
  return {
    outcome: "done",
    message: `Snapshot ${snapshotId} was deleted by ${deletion.requestedBy} on ${completedAt}.`,
  };
}

const busy = (message: string): DeletionOutput => ({ outcome: "busy", message });
const refused = (message: string): DeletionOutput => ({ outcome: "refused", message });
