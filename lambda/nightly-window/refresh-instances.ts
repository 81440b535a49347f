/**
 * What RDS says of the environments' instances, noted with them when a night opens: slots are planned by it and the
 * calendar tells it. One listing for all environments, a page of 100 instances a request, and a write only where
 * something has changed. Whatever goes wrong, the night goes on with what was known before.
 */
import { allPages, isoSeconds } from "../catalog/catalog";
import type { EnvironmentItem, KnownInstance } from "../catalog/items";
import { atOnce } from "../runtime/at-once";
import type { Collaborators, DatabaseListing, DatabaseStatus } from "../runtime/collaborators";

type RefreshCollaborators = Pick<Collaborators, "catalog" | "clock" | "log" | "remainingMs"> & {
  readonly databases: DatabaseListing;
};
type Owner = Pick<EnvironmentItem, "environmentId" | "databaseInstance"> & { readonly instance: string };

const WRITES_AT_ONCE = 10;
/** Of the function's five minutes, for what else it has to do; 50 pages are read in well under one. */
const LEAVE_MS = 120_000;

export async function refreshInstances(collaborators: RefreshCollaborators): Promise<void> {
  const { log } = collaborators;
  try {
    const owners = await ownersOf(collaborators);
    if (owners.length === 0) return;
    const found = await listed(collaborators, new Set(owners.map(({ instance }) => instance)));
    let changed = 0;
    await atOnce(WRITES_AT_ONCE, owners, async (owner) => {
      if (await note(collaborators, owner, found.get(owner.instance))) changed++;
    });
    log.info("Asked RDS for the environments' instances.", { environments: owners.length, found: found.size, changed });
  } catch (error) {
    log.warn("What RDS says of the environments' instances could not be noted; what was known before stands.", {
      error,
    });
  }
}

const ownersOf = async ({ catalog }: RefreshCollaborators): Promise<readonly Owner[]> => {
  const owners: Owner[] = [];
  for await (const { environmentId, databaseInstance, registration } of allPages((cursor) =>
    catalog.listEnvironments(cursor),
  )) {
    const { instance } = registration.database;
    if (instance !== null) owners.push({ environmentId, instance: instance.toLowerCase(), ...known(databaseInstance) });
  }
  return owners;
};
const known = (databaseInstance: EnvironmentItem["databaseInstance"]) =>
  databaseInstance === undefined ? {} : { databaseInstance };

/** RDS keeps identifiers in lower case. */
const listed = async (
  { databases, remainingMs }: RefreshCollaborators,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, DatabaseStatus>> => {
  const found = new Map<string, DatabaseStatus>();
  for await (const { instance, status } of databases.list()) {
    if (wanted.has(instance)) found.set(instance, status);
    if (found.size === wanted.size) break;
    if (remainingMs() < LEAVE_MS) throw new Error("Listing the region's instances takes too long.");
  }
  return found;
};

/** Whether there was something to write. */
const note = async (
  { catalog, clock }: RefreshCollaborators,
  { environmentId, databaseInstance }: Owner,
  status: DatabaseStatus | undefined,
): Promise<boolean> => {
  const facts = status === undefined ? null : factsOf(status);
  if (databaseInstance !== undefined && isSame(databaseInstance, facts)) return false;
  const since = isoSeconds(clock.now());
  await catalog.updateEnvironment(environmentId, { databaseInstance: facts === null ? null : { since, ...facts } });
  return true;
};

type Facts = Omit<KnownInstance, "since">;
const factsOf = ({ status, engineVersion, maintenanceWindow, backupWindow }: DatabaseStatus): Facts => ({
  status,
  engineVersion,
  maintenanceWindow,
  backupWindow,
});
const isSame = (one: KnownInstance | null, other: Facts | null): boolean => {
  if (one === null || other === null) return one === other;
  return (Object.keys(other) as (keyof Facts)[]).every((name) => one[name] === other[name]);
};
