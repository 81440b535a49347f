/**
 * Five environments as months of use leave them, made by the service's own code on stores in memory: nights that share
 * packs, backups on demand, uploads, failures, changed comments, deletions, restores, people and their keys.
 */
import { handleRequest as askAccess } from "../../lambda/access/handle-request";
import { keyCreated } from "../../lambda/access/contract";
import { queueBackup } from "../../lambda/backup/queue-backup";
import { nightlySnapshotId, requestedSnapshotId } from "../../lambda/backup/snapshot-ids";
import type { BackupRequest } from "../../lambda/backup/contract";
import { allPages, isoSeconds } from "../../lambda/catalog/catalog";
import { putProbeRecord } from "../../lambda/catalog/outcome-records";
import type { RestoreItem, SnapshotItem } from "../../lambda/catalog/items";
import { deleteSnapshot } from "../../lambda/deletion/delete-snapshot";
import { requestDeletion } from "../../lambda/deletion/request-deletion";
import { handleRequest as askRegistration } from "../../lambda/registration/handle-request";
import { checkReplication } from "../../lambda/replication-check/check-replication";
import { requestRestore } from "../../lambda/restore/request";
import { recordEnd } from "../../lambda/restore/restore-state";
import { tierOfNight } from "../../lambda/rules/tier";
import { changeComment } from "../../lambda/snapshot/change-comment";
import { PRINCIPAL_RECORDS_PREFIX } from "../../lambda/storage/object-keys";
import { registrationOf, snapshotOf } from "../backup/environment-fixture";
import { nightRequest, playExecution, type Played, putFile, TaskFailed } from "../backup/night";
import { expire } from "../retention/retention-run";
import type { Collaborators } from "../../lambda/runtime/collaborators";
import { fakeCollaborators, type FakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import { must } from "../support/must";

export const REPLICATED = ["bakery-production", "shop-acceptance", "shop-production", "wiki-production"] as const;
/** Registered with replication off. */
export const SINGLE = "vault-production";
export const ENVIRONMENTS = [...REPLICATED, SINGLE] as const;
const FIRST_DAY = Date.parse("2026-10-25T00:00:00Z");
const DAY_MS = 86_400_000;
export const dayOf = (number: number): string => new Date(FIRST_DAY + number * DAY_MS).toISOString().slice(0, 10);

export interface CatalogWorld extends FakeCollaborators {
  /** By environment: what its database names now. */
  readonly listed: Map<string, string[]>;
}

export interface WorldSize {
  readonly environments: readonly string[];
  readonly days: number;
  readonly filesAtFirst: number;
}
export const WHOLE: WorldSize = { environments: ENVIRONMENTS, days: 40, filesAtFirst: 12 };
export const SMALL: WorldSize = { environments: ["shop-production", SINGLE], days: 3, filesAtFirst: 3 };

/** Registered and started, with files. */
export async function newWorld(
  { environments, filesAtFirst }: WorldSize,
  limits: { readonly pageLimit?: number; readonly tablePageLimit?: number } = {},
  /** Instead of what is in memory. */
  servers: Partial<Pick<Collaborators, "catalog" | "store" | "replicaStore">> = {},
): Promise<CatalogWorld> {
  const fakes = fakeCollaborators({
    now: new Date(FIRST_DAY - DAY_MS),
    tablePageLimit: limits.tablePageLimit ?? 50,
    ...(limits.pageLimit === undefined ? {} : { store: { pageLimit: limits.pageLimit } }),
  });
  const world = Object.assign(fakes, servers, { listed: new Map<string, string[]>() }) as CatalogWorld;
  for (const environmentId of environments) {
    const plan = environmentId === SINGLE ? { plan: "premium" as const, replication: "off" as const } : {};
    const registration = registrationOf(environmentId, { appId: environmentId.split("-")[0] ?? "", ...plan });
    const answer = await askRegistration({ action: "register", registration }, world);
    if (!answer.ok) throw new Error(answer.message);
    await askRegistration({ action: "started", environmentId, modelVersion: "2.0.1" }, world);
    world.listed.set(environmentId, []);
    for (let number = 0; number < filesAtFirst; number++) await addFile(world, environmentId, `first-${number}`);
  }
  return world;
}

async function addFile(world: CatalogWorld, environmentId: string, name: string): Promise<void> {
  const key = `${environmentId}-${name}`;
  await putFile(world, key, `content of ${key}`);
  must(world.listed.get(environmentId)).push(key);
}

/** A day: one file more, the night's backup, one on demand at noon; replicated and seen so but for the last day. */
export async function liveOneDay(world: CatalogWorld, day: number, environmentId: string): Promise<void> {
  await addFile(world, environmentId, `day-${day}`);
  await takeNight(world, day, environmentId);
  await takeOnDemand(world, day, environmentId);
}

export const nightlyId = (environmentId: string, day: number): string => nightlySnapshotId(environmentId, dayOf(day));
export const onDemandId = (environmentId: string, day: number): string =>
  requestedSnapshotId(environmentId, `day ${day}`);

export const takeNight = (
  world: CatalogWorld,
  day: number,
  environmentId: string,
  how: { readonly attempt?: number; readonly failing?: boolean } = {},
): Promise<Played> => {
  const request = nightRequest(dayOf(day), how.attempt ?? 1, environmentId);
  return take(world, { ...request, tier: tierOfNight(dayOf(day)) }, how.failing === true);
};

export const takeOnDemand = (world: CatalogWorld, day: number, environmentId: string): Promise<Played> =>
  take(world, {
    ...nightRequest(dayOf(day), 1, environmentId),
    snapshotId: onDemandId(environmentId, day),
    trigger: "on-demand",
    tier: "on-demand",
    night: null,
    createdBy: "Operator",
    comment: `at noon of ${dayOf(day)}`,
  });

/** What the upload workflow seals, without an archive to read. */
export const takeUpload = (world: CatalogWorld, snapshotId: string, environmentId: string): Promise<Played> =>
  take(world, {
    ...nightRequest(dayOf(0), 1, environmentId),
    snapshotId,
    trigger: "upload",
    tier: "uploaded",
    night: null,
    createdBy: "Operator",
    comment: "from the old platform",
  });

async function take(world: CatalogWorld, request: BackupRequest, failing = false): Promise<Played> {
  if (request.attempt === 1) await queueBackup(request, { modelVersion: "2.0.1" }, world);
  world.clock.advance(61_000);
  const played = await playExecution(world, request, {
    listed: must(world.listed.get(request.environmentId)),
    // Dumps take their time, so that durations and the times of sealing differ.
    before: (step) => step === "pack" && world.clock.advance(7_000 + (request.snapshotId.charCodeAt(0) % 9) * 1000),
    ...(failing ? { dump: unreachable } : {}),
  } as Parameters<typeof playExecution>[2]);
  world.clock.advance(61_000);
  return played;
}

const unreachable = async ({ catalog }: FakeCollaborators, { attemptId }: { attemptId: string }): Promise<void> => {
  await catalog.updateAttempt(attemptId, {
    failure: { name: "DatabaseUnreachable", message: "The database does not answer." },
  });
  throw new TaskFailed();
};

export const replicate = (world: CatalogWorld): void => {
  world.store.replicateTo(world.replicaStore, PRIMARY_BUCKET, REPLICA_BUCKET);
  world.store.replicateTo(world.replicaStore, PRIMARY_BUCKET, REPLICA_BUCKET, PRINCIPAL_RECORDS_PREFIX);
};

/** The replication check of every snapshot that it has not seen whole yet. */
export async function checkReplicas(world: CatalogWorld, environmentId: string): Promise<void> {
  for (const { snapshotId, state, replicatedAt } of await snapshotsOf(world, environmentId)) {
    if (state !== "completed" || replicatedAt !== null) continue;
    await checkReplication({ environmentId, snapshotId, executionArn: "check", waitedSeconds: 0 }, world);
    world.clock.advance(3_000);
  }
}

export async function snapshotsOf(world: FakeCollaborators, environmentId: string): Promise<SnapshotItem[]> {
  const found: SnapshotItem[] = [];
  for await (const snapshot of allPages((cursor) => world.catalog.listSnapshots(environmentId, cursor)))
    found.push(snapshot);
  return found;
}

export async function probe(world: CatalogWorld, environmentId: string, findings: readonly string[]): Promise<void> {
  const found = { at: isoSeconds(world.clock.now()), findings };
  await putProbeRecord(must(await world.catalog.getEnvironment(environmentId)), found, world);
  await world.catalog.updateEnvironment(environmentId, { probe: found });
}

/** A restore that has ended so, as its last step records it. */
export async function endedRestore(
  world: CatalogWorld,
  wish: { readonly from: string; readonly snapshotId: string; readonly into: string; readonly planOnly?: boolean },
  end: Partial<RestoreItem>,
): Promise<RestoreItem> {
  const request = {
    sourceEnvironmentId: wish.from,
    snapshotId: wish.snapshotId,
    targetEnvironmentId: wish.into,
    databaseOnly: false,
    acknowledged: ["*"],
    requestedBy: "Operator",
    ...(wish.planOnly === true ? { planOnly: true } : {}),
  };
  const restore = await requestRestore(world, request, world.settings.RESTORE_STATE_MACHINE_ARN);
  world.clock.advance(90_000);
  const ended = await recordEnd(world, restore, { ...end, finishedAt: isoSeconds(world.clock.now()) });
  // As the update of an ended restore leaves it: not among the open ones.
  return ended;
}

const shopper = "shopper@example.com";
export const PEOPLE = { operator: "operator@example.com", shopper, leaver: "leaver@example.com" } as const;

/** Three people; one grant taken away, one key revoked, one that expires. The keys that are valid. */
export async function makePeople(world: CatalogWorld): Promise<{ readonly revokedKeyId: string }> {
  const ask = (event: unknown) => askAccess(event, world);
  const key = async (principal: string, more: Record<string, unknown> = {}) =>
    keyCreated.parse(await ask({ action: "create-key", principal, label: "laptop", by: "root", ...more }));
  await key(PEOPLE.operator, { grants: [{ app: "*", role: "administer" }] });
  await key(PEOPLE.shopper, { grants: [{ app: "shop", role: "restore" }], expiresInDays: 365 });
  await ask({ action: "grant", principal: shopper, grant: { app: "wiki", role: "read" }, by: "root" });
  await ask({ action: "revoke", principal: shopper, grant: { app: "shop", role: "restore" }, by: "root" });
  const { keyId } = await key(PEOPLE.leaver, { grants: [{ app: "shop", role: "read" }] });
  await ask({ action: "revoke-key", principal: PEOPLE.leaver, keyId, by: "root" });
  return { revokedKeyId: keyId };
}

/** All of it. What is asked for and what fails is spread over the environments, by their order. */
export async function liveThrough(world: CatalogWorld, { environments, days }: WorldSize): Promise<void> {
  await makePeople(world);
  for (let day = 0; day < days; day++) {
    world.clock.set(new Date(Math.max(FIRST_DAY + day * DAY_MS, world.clock.now().getTime())));
    for (const environmentId of environments) {
      if (day % 10 === 4) await failThenSucceed(world, day, environmentId);
      else await liveOneDay(world, day, environmentId);
    }
    if (day === days - 1) break;
    replicate(world);
    for (const environmentId of environments) await checkReplicas(world, environmentId);
  }
  world.workflows.endAll = true;
  for (const environmentId of environments) await expire(world, environmentId);
}

async function failThenSucceed(world: CatalogWorld, day: number, environmentId: string): Promise<void> {
  await takeNight(world, day, environmentId, { failing: true });
  await takeNight(world, day, environmentId, { attempt: 2 });
  await takeOnDemand(world, day, environmentId);
}

export async function comment(world: CatalogWorld, environmentId: string, snapshotId: string): Promise<void> {
  const environment = must(await world.catalog.getEnvironment(environmentId));
  const snapshot = await snapshotOf(world, environmentId, snapshotId);
  await changeComment(world, environment, snapshot, { comment: "before release 12", by: PEOPLE.operator });
}

/** Asked for and carried out. */
export async function deleteWholly(world: CatalogWorld, environmentId: string, snapshotId: string): Promise<void> {
  await askToDelete(world, environmentId, snapshotId);
  const input = { environmentId, snapshotId, requestedBy: PEOPLE.operator, executionArn: `deletion-of-${snapshotId}` };
  const output = await deleteSnapshot(input, world);
  if (output.outcome !== "done") throw new Error(output.message);
}

/** Asked for; the workflow has not begun yet. */
export async function askToDelete(world: CatalogWorld, environmentId: string, snapshotId: string): Promise<void> {
  const environment = must(await world.catalog.getEnvironment(environmentId));
  await requestDeletion(world, environment, await snapshotOf(world, environmentId, snapshotId), PEOPLE.operator);
}
