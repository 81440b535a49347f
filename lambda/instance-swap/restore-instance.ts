/**
 * `restore`: AWS Backup makes the new instance beside the old one, then it is made like the old one, with the master
 * password of the target's secret. The old instance is only looked at. Every call does what comes next and hands back;
 * the workflow waits. A crash at any point leaves a job that its token finds again, or an instance under the restore's
 * own name, which the next call goes on with and `undo` deletes.
 */
import { isoSeconds } from "../catalog/catalog";
import type { InstanceSwap, RestoreItem } from "../catalog/items";
import { openSnapshot } from "../restore/open-snapshot";
import { isSwapped, loadEnvironment, loadRestore, record, requireGoingForward } from "../restore/restore-state";
import { readinessOf } from "../rules/instance-status";
import { ServiceFailure } from "../runtime/collaborators";
import { isRecoveryPoint, type RecoveryPointEntry } from "../snapshot/manifest";
import type { InstanceOutput } from "./contract";
import { besideInstance, replacedInstance } from "./instance-names";
import { changeAfterRestore, restoreMetadata, tagsToSet } from "./instance-settings";
import type { InstanceFacts } from "./instances";
import { done, more, recordSwap, type OpenSwap, type SwapCollaborators } from "./swap-state";
import { isMarkedBy, mark, mayBeChanged } from "./swap-mark";
import { isSteady } from "./swap-rules";

/** An instance of many TB is restored within hours; what takes longer needs a person. */
const MOST_HOURS = 24;

export const restoreInstance = async (
  { restoreId }: { readonly restoreId: string },
  collaborators: SwapCollaborators,
): Promise<InstanceOutput> => {
  const restore = await loadRestore(collaborators, restoreId);
  // From the first rename on the swap finds out by itself how far it is.
  if (isSwapped(restore) || typeof restore.instances?.renamingSince === "string") return done();
  await requireGoingForward(collaborators, restore);
  const open = await begin(collaborators, restore);
  requireTime(collaborators, open);
  const beside = await collaborators.instances.describe(open.swap.beside);
  return beside === undefined ? startOrWait(collaborators, open) : goOn(collaborators, open, beside);
};

/** What the old instance is like is fixed before anything is made. */
const begin = async (collaborators: SwapCollaborators, restore: RestoreItem): Promise<OpenSwap> => {
  const { clock, instances, settings } = collaborators;
  const target = await loadEnvironment(collaborators, restore.targetEnvironmentId);
  if (restore.instances !== undefined && restore.instances !== null)
    return { restore, target, swap: restore.instances };
  const { instance } = target.registration.database;
  if (instance === null) throw failure("NoInstance", "The target's registration names no RDS instance: register one.");
  const live = await instances.describe(instance);
  if (live === undefined)
    throw failure("InstanceMissing", `There is no database instance ${instance}: check the target's registration.`);
  if (!mayBeChanged(live, settings.RESOURCE_TAG))
    throw failure(
      "InstanceNotTagged",
      `The database instance ${instance} does not carry the tag ${settings.RESOURCE_TAG}, without which this service changes none: tag it, then restore.`,
    );
  const swap: InstanceSwap = {
    instance: live.name,
    beside: besideInstance(instance, restore.restoreId),
    replaced: replacedInstance(instance, restore.restoreId),
    startedAt: isoSeconds(clock.now()),
    oldResourceId: live.resourceId,
    newResourceId: null,
    settings: live.settings,
    jobAsked: false,
    restoreJobId: null,
    changed: false,
    endpoint: null,
    unseenSince: null,
    renamingSince: null,
  };
  const database = restore.database ?? {
    oldOid: restore.preflight?.databaseOid ?? 0,
    newName: swap.beside,
    newOid: null,
    restored: false,
    oldList: [],
    swappedAt: null,
    removed: 0,
    oldDropped: false,
  };
  return {
    target,
    swap,
    restore: await record(collaborators, restore, { phase: "instance", instances: swap, database }),
  };
};

const requireTime = ({ clock }: SwapCollaborators, { swap }: OpenSwap): void => {
  if (clock.now().getTime() - Date.parse(swap.startedAt) < MOST_HOURS * 3_600_000) return;
  throw failure(
    "InstanceNotReady",
    `The database instance ${swap.beside} was not ready within ${MOST_HOURS} hours: look at its restore job in AWS Backup, then restore again.`,
  );
};

/** AWS Backup has made nothing yet. */
const startOrWait = async (collaborators: SwapCollaborators, open: OpenSwap): Promise<InstanceOutput> => {
  const { recoveryPoints } = collaborators;
  const { swap, restore } = open;
  if (swap.newResourceId !== null)
    throw failure("InstanceGone", `The restored database instance ${swap.beside} is gone: restore again.`);
  if (swap.restoreJobId === null) {
    const restoreJobId = await startJob(collaborators, open);
    await recordSwap(collaborators, open, { restoreJobId, jobAsked: true });
    return more(`AWS Backup has been asked for ${swap.beside}.`);
  }
  const job = await recoveryPoints.describeRestoreJob(swap.restoreJobId);
  requireJob(job, restore, swap);
  return more(`AWS Backup's restore job is ${job?.state ?? "unknown"}.`);
};

/** With the same token AWS Backup answers with the job that the first request started, whatever became of its reply. */
export const startJob = async (collaborators: SwapCollaborators, open: OpenSwap): Promise<string> => {
  const { recoveryPoints, settings } = collaborators;
  const { swap, restore } = open;
  const point = await pointOf(collaborators, restore);
  const roleArn = settings.RESTORE_ROLE_ARN;
  if (roleArn === undefined)
    throw failure(
      "NoRestoreRole",
      "This function is not told the role that AWS Backup restores with: deploy it again.",
    );
  const standing = await recoveryPoints.restoreMetadata({ vault: point.vault, arn: point.recoveryPointArn });
  if (!swap.jobAsked) await recordSwap(collaborators, open, { jobAsked: true });
  return recoveryPoints.startRestoreJob({
    recoveryPointArn: point.recoveryPointArn,
    metadata: restoreMetadata(standing, swap.beside, swap.settings),
    roleArn,
    token: restore.restoreId,
  });
};

const pointOf = async (collaborators: SwapCollaborators, restore: RestoreItem): Promise<RecoveryPointEntry> => {
  const { manifest } = await openSnapshot(collaborators, restore);
  if (isRecoveryPoint(manifest.database)) return manifest.database;
  throw failure("NoRecoveryPoint", `Snapshot ${manifest.snapshotId} has a dump and no recovery point.`);
};

const ENDED_BADLY: ReadonlySet<string> = new Set(["FAILED", "ABORTED"]);
type Job = Awaited<ReturnType<SwapCollaborators["recoveryPoints"]["describeRestoreJob"]>>;

const requireJob = (job: Job, restore: RestoreItem, { beside }: InstanceSwap): void => {
  if (job === undefined || !ENDED_BADLY.has(job.state)) return;
  const said = job.message === "" ? "it does not say why" : job.message.replace(/\.$/, "");
  const ended = job.state === "FAILED" ? "failed" : "was aborted";
  throw failure(
    "InstanceRestoreFailed",
    `AWS Backup's restore job for ${beside} (restore ${restore.restoreId}) ${ended}: ${said}${adviceOn(said)}.`,
  );
};

const adviceOn = (said: string): string => {
  if (/InstanceQuotaExceeded|instance quota/i.test(said)) return "; ask for a higher quota of DB instances";
  if (/StorageQuotaExceeded|storage quota/i.test(said))
    return "; ask for a higher quota of total storage for DB instances";
  if (/KMS/i.test(said)) return "; let the role of AWS Backup use the KMS key";
  return "";
};

const goOn = async (
  collaborators: SwapCollaborators,
  opened: OpenSwap,
  beside: InstanceFacts,
): Promise<InstanceOutput> => {
  const { instances, recoveryPoints } = collaborators;
  const { newResourceId } = opened.swap;
  if (newResourceId !== null && newResourceId !== beside.resourceId)
    throw failure("InstanceReplaced", `The database instance ${beside.name} is another one since the restore began.`);
  const open =
    newResourceId === null ? await recordSwap(collaborators, opened, { newResourceId: beside.resourceId }) : opened;
  if (readinessOf(beside.status) === "broken")
    throw failure(
      "InstanceBroken",
      `The restored database instance ${beside.name} is ${beside.status}: restore again.`,
    );
  const { swap, restore } = open;
  if (!isMarkedBy(beside, restore.restoreId)) {
    // First of all: without it nothing could be undone. RDS may not take it before the instance is made.
    const answer = await mark(instances, beside, restore.restoreId, tagsToSet(swap.settings));
    return more(`${beside.name} is being tagged (${answer}).`);
  }
  if (swap.restoreJobId !== null) {
    const job = await recoveryPoints.describeRestoreJob(swap.restoreJobId);
    requireJob(job, restore, swap);
    if (job !== undefined && job.state !== "COMPLETED") return more(`AWS Backup's restore job is ${job.state}.`);
  }
  if (!isSteady(beside)) return more(`${beside.name} is ${beside.status}.`);
  if (!swap.changed) return makeAlike(collaborators, open, beside);
  if (beside.isPending || beside.endpoint === null) return more(`${beside.name} is being changed.`);
  const database = restore.database === null ? null : { ...restore.database, restored: true };
  await recordSwap(collaborators, open, { endpoint: beside.endpoint }, { database, phase: "prove" });
  return done();
};

/**
 * The restored instance has the master password of its source at that time. Where the registered user is the master it
 * gets the password of the target's secret; another user must be there with the right one, which the task proves.
 */
const makeAlike = async (
  collaborators: SwapCollaborators,
  open: OpenSwap,
  beside: InstanceFacts,
): Promise<InstanceOutput> => {
  const { instances, secrets } = collaborators;
  const { username, password } = await secrets.databaseCredentials(open.target.registration.database.secret);
  const isMaster = username === beside.masterUsername;
  const answer = await instances.change(beside.name, {
    ...changeAfterRestore(open.swap.settings),
    ...(isMaster ? { masterPassword: password } : {}),
  });
  if (answer === "asked") await recordSwap(collaborators, open, { changed: true });
  return more(`${beside.name} is being made like ${open.swap.instance}.`);
};

const failure = (code: string, message: string): ServiceFailure => new ServiceFailure(code, message, false);
