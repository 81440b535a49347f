/**
 * Expires one environment under its lease: gather evidence, judge, mark what ends, look at the pins once more, plan,
 * execute, and only then tell the catalog. It never bypasses a lock. Every step may be repeated, so a failure
 * anywhere leaves work for the next run and nothing half done that a reader could see: a snapshot's manifest goes
 * before its data, and users have not been offered it since its expiry second.
 */
import { settleStaleSnapshots } from "../backup/stale-snapshots";
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { EnvironmentItem, Lease } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";
import { takeLease } from "../runtime/lease";
import { type EnvironmentPlace, snapshotPrefix } from "../storage/object-keys";
import { ObjectDamaged } from "../storage/storage-errors";
import { abortOldMultiparts } from "./abort-multiparts";
import type { ExpireInput, ExpireOutput } from "./contract";
import { type Evidence, gatherEvidence, refreshPins } from "./evidence";
import { type Execution, executePlan } from "./execute";
import { finishSnapshots } from "./finish-snapshots";
import { sidesOf } from "./inventory";
import { judge, type Judgement } from "./living";
import { type DeletionPlan, planExpiry } from "./plan";
import { printPlan } from "./print-plan";
import { releasePoints } from "./release-points";
import { restartChecks } from "./restart-checks";
import { nextSweep, tellDisagreements } from "./sweep";
import { judgeUnknown } from "./unknown-environment";
import { lookAtLast } from "./warn-last";

export async function expireEnvironment(input: ExpireInput, collaborators: Collaborators): Promise<ExpireOutput> {
  const { catalog } = collaborators;
  const { environmentId, executionArn } = input;
  if (input.dryRun === true) return dryRun(environmentId, collaborators);
  const nextLook = await lookAtLast(environmentId, collaborators);
  const taken = await takeLease(collaborators, { environmentId, executionArn, purpose: "expiry" });
  if (taken.outcome === "busy") {
    return {
      outcome: "busy",
      reasons: [`Environment ${environmentId} is busy: ${taken.by.purpose} since ${taken.by.takenAt}.`],
      deleted: 0,
    };
  }
  let output: ExpireOutput;
  try {
    output = await expireUnderLease(environmentId, taken.lease, nextLook, collaborators);
  } catch (error) {
    await releaseQuietly(taken.lease, collaborators);
    throw error;
  }
  await catalog.releaseLease(environmentId, taken.lease.token);
  return output;
}

async function expireUnderLease(
  environmentId: string,
  lease: Lease,
  nextLook: Date | null,
  collaborators: Collaborators,
): Promise<ExpireOutput> {
  const { catalog, clock } = collaborators;
  const standing = await catalog.getEnvironment(environmentId);
  if (standing === undefined)
    return refuse(environmentId, await judgeUnknown(environmentId, collaborators), nextLook, collaborators);
  await settle(lease, collaborators);

  // What was just settled may have moved the base of the next backup.
  const environment = (await catalog.getEnvironment(environmentId)) ?? standing;
  const gathered = await gatherEvidence(environment, collaborators);
  await catchUp(gathered, collaborators);
  await restartChecks(environment, gathered.snapshots, collaborators);
  const first = judge(gathered, clock.now());
  if (first.disagreements.length > 0) return refuse(environmentId, first.disagreements, nextLook, collaborators);

  await markEnding(gathered, first, collaborators);
  const evidence = await refreshPins(gathered, collaborators);
  const judgement = judge(evidence, clock.now());
  for (const pin of evidence.stalePins) await catalog.unpin(pin);

  const sides = sidesOf(environment, collaborators);
  const plan = planExpiry(evidence, judgement, clock.now());
  const execution = await executePlan(plan, sides, lease, collaborators, { bypassGovernance: false });
  if (!execution.finished) return { outcome: "more", reasons: [], deleted: execution.deleted };
  const finished = finishedSnapshots(environment, judgement, execution, clock.now());
  const points = await releasePoints(evidence.snapshots, finished, collaborators);
  await finishSnapshots(evidence, judgement, points.gone, collaborators);
  const aborted = await abortOldMultiparts(environment, sides, collaborators);
  await catalog.putSweep(nextSweep({ environmentId, plan, execution, told: null, nextLook, now: clock.now() }));
  report(environment, plan, execution, aborted, collaborators);
  const reasons = [...points.stuck, ...execution.refused.map(sentence), ...points.waiting].slice(0, 20);
  if (points.stuck.length > 0)
    collaborators.log.error("Recovery points stay although their lock has ended.", {
      environmentId,
      stuck: points.stuck,
    });
  return { outcome: points.stuck.length > 0 ? "refused" : "done", reasons, deleted: execution.deleted };
}

/** Nothing of the environment is deleted, someone is told, and the next run looks again. */
async function refuse(
  environmentId: string,
  reasons: readonly string[],
  nextLook: Date | null,
  collaborators: Collaborators,
): Promise<ExpireOutput> {
  if (reasons.length === 0) {
    await collaborators.catalog.deleteSweep(environmentId);
    return { outcome: "done", reasons: [], deleted: 0 };
  }
  await tellDisagreements(environmentId, reasons, nextLook, collaborators);
  return { outcome: "refused", reasons: reasons.slice(0, 20), deleted: 0 };
}

/** A snapshot that reached its seal is completed here if nobody else could; a manifest that can't be read is judged later. */
async function settle(lease: Lease, collaborators: Collaborators): Promise<void> {
  try {
    await settleStaleSnapshots(collaborators, lease);
  } catch (error) {
    if (!(error instanceof ObjectDamaged)) throw error;
    collaborators.log.error("A manifest can't be read while settling stale snapshots.", {
      environmentId: lease.environmentId,
      reason: error.message,
    });
  }
}

/** The catalog follows a record that says that a snapshot is kept longer: before anything is judged. */
async function catchUp({ behind }: Evidence, { catalog, clock }: Collaborators): Promise<void> {
  for (const { environmentId, snapshotId, expiresAt } of behind)
    await catalog.updateSnapshot(environmentId, snapshotId, { expiresAt, updatedAt: isoSeconds(clock.now()) }, [
      "completed",
    ]);
}

/**
 * From here on no restore can pin the snapshot any more: it pins first and looks at the mark after, we mark first and
 * look at the pins after.
 */
async function markEnding(
  { snapshots }: Evidence,
  { ending }: Judgement,
  { catalog, clock }: Collaborators,
): Promise<void> {
  for (const { environmentId, snapshotId, deleting } of snapshots) {
    if (deleting || !ending.has(snapshotId)) continue;
    try {
      await catalog.updateSnapshot(environmentId, snapshotId, { deleting: true, updatedAt: isoSeconds(clock.now()) });
    } catch (error) {
      // Gone from the catalog meanwhile.
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
}

/** How long a snapshot's item waits for packs whose lock outlasts it by little, say by the difference of two clocks. */
const PATIENCE_MS = 3_600_000;

/** Ended snapshots of which nothing is left. A pack that is locked for longer is swept later, on its own. */
function finishedSnapshots(
  place: EnvironmentPlace,
  { ending }: Judgement,
  { refused }: Execution,
  now: Date,
): readonly string[] {
  return [...ending].flatMap(([snapshotId, { expiredAt }]) => {
    const stayed = refused.filter((refusal) => refusal.after.includes(snapshotId));
    const patient = expiredAt === null || now.getTime() - Date.parse(expiredAt) < PATIENCE_MS;
    const own = stayed.some(({ key }) => key.startsWith(snapshotPrefix(place, snapshotId)));
    return stayed.length === 0 || (!patient && !own) ? [snapshotId] : [];
  });
}

async function dryRun(environmentId: string, collaborators: Collaborators): Promise<ExpireOutput> {
  const environment = await collaborators.catalog.getEnvironment(environmentId);
  if (environment === undefined) {
    const reasons = await judgeUnknown(environmentId, collaborators);
    return {
      outcome: "refused",
      reasons: reasons.length > 0 ? [...reasons] : [`There is no environment ${environmentId}.`],
      deleted: 0,
    };
  }
  const now = collaborators.clock.now();
  const evidence = await gatherEvidence(environment, collaborators);
  const judgement = judge(evidence, now);
  const reasons = [...printPlan(judgement, planExpiry(evidence, judgement, now))];
  return { outcome: judgement.disagreements.length > 0 ? "refused" : "done", reasons, deleted: 0 };
}

async function releaseQuietly(lease: Lease, { catalog, log }: Collaborators): Promise<void> {
  try {
    await catalog.releaseLease(lease.environmentId, lease.token);
  } catch (error) {
    // The first failure is the one to be seen; the lease is taken over once this execution has ended.
    log.warn("The lease could not be given back.", { environmentId: lease.environmentId, reason: String(error) });
  }
}

function report(
  environment: EnvironmentItem,
  plan: DeletionPlan,
  execution: Execution,
  aborted: number,
  { log }: Collaborators,
): void {
  if (execution.deleted + execution.refused.length + aborted === 0) return;
  log.info("Expiry has deleted what had ended.", {
    environmentId: environment.environmentId,
    deleted: execution.deleted,
    bytes: execution.bytes,
    refused: execution.refused.length,
    left: plan.left.length,
    abortedUploads: aborted,
  });
}

const sentence = ({ side, key, code, reason }: Execution["refused"][number]): string =>
  `The ${side} bucket refused to delete ${key} (${code}; ${reason}); it is tried again.`;
