/**
 * Carries out a plan: manifests on both sides, then data, then records, in batches, each under the lease's guard.
 * Deleting a version that is gone already is no error, so a run that was cut short is simply run again. What a lock
 * refuses is reported and stays; so does everything that would have come after a manifest that stayed.
 */
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { Lease } from "../catalog/items";
import type { BucketSide } from "./inventory";
import type { Deletion, DeletionPlan } from "./plan";

/** What DeleteObjects takes. */
const BATCH = 1000;
/** Time that must remain to begin another batch, and for the catalog's writes after the last one. */
export const RESERVE_MS = 30_000;

export interface Refusal extends Deletion {
  readonly code: string;
}
export interface Execution {
  readonly deleted: number;
  readonly bytes: number;
  readonly refused: readonly Refusal[];
  /** False when time ran out: run again. */
  readonly finished: boolean;
}
export interface ExecuteOptions {
  /** Only a user's explicit wish, never expiry (rule 6). */
  readonly bypassGovernance: boolean;
}

export async function executePlan(
  plan: DeletionPlan,
  sides: readonly BucketSide[],
  lease: Lease,
  collaborators: Pick<Collaborators, "catalog" | "remainingMs" | "log">,
  options: ExecuteOptions,
): Promise<Execution> {
  const refused: Refusal[] = [];
  let deleted = 0;
  let bytes = 0;
  for (const stage of [plan.manifests, plan.data, plan.records]) {
    // A snapshot of which anything stayed keeps all that comes in a later stage.
    const stayed = new Set(refused.flatMap((refusal) => refusal.after));
    const allowed = stage.filter((deletion) => !deletion.after.some((snapshotId) => stayed.has(snapshotId)));
    for (const side of sides) {
      const ours = allowed.filter((deletion) => deletion.side === side.side);
      for (let start = 0; start < ours.length; start += BATCH) {
        if (collaborators.remainingMs() < RESERVE_MS) return { deleted, bytes, refused, finished: false };
        await checkLease(lease, collaborators);
        const batch = ours.slice(start, start + BATCH);
        const answer = await deleteBatch(batch, side, options);
        refused.push(...answer);
        deleted += batch.length - answer.length;
        bytes += sum(batch) - sum(answer);
      }
    }
  }
  if (refused.length > 0) {
    const examples = refused.slice(0, 20).map(({ side, key, versionId, code }) => ({ side, key, versionId, code }));
    collaborators.log.warn("Some deletions were refused, most likely by a lock; they stay for a later run.", {
      environmentId: lease.environmentId,
      count: refused.length,
      examples,
    });
  }
  return { deleted, bytes, refused, finished: true };
}

async function deleteBatch(
  batch: readonly Deletion[],
  side: BucketSide,
  options: ExecuteOptions,
): Promise<readonly Refusal[]> {
  const byVersion = new Map(batch.map((deletion) => [`${deletion.key}\n${deletion.versionId}`, deletion]));
  const answer = await side.store.deleteBatch(
    side.bucket,
    batch.map(({ key, versionId }) => ({ key, versionId })),
    options.bypassGovernance ? { bypassGovernance: true } : {},
  );
  return answer.refused.flatMap(({ key, versionId, code }) => {
    const deletion = byVersion.get(`${key}\n${versionId ?? ""}`);
    return deletion === undefined ? [] : [{ ...deletion, code }];
  });
}

async function checkLease(lease: Lease, { catalog }: Pick<Collaborators, "catalog">): Promise<void> {
  if (await catalog.holdsLease(lease.environmentId, lease.token)) return;
  throw new ServiceFailure(
    "LeaseLost",
    `The lease of environment ${lease.environmentId} went to another operation while deleting; nothing more was deleted, the next run goes on.`,
    true,
  );
}

const sum = (deletions: readonly Deletion[]): number => deletions.reduce((total, { bytes }) => total + bytes, 0);
