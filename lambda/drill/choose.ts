/** Which environment is drilled next, and which of its snapshots. Only reads. */
import { allPages } from "../catalog/catalog";
import type { SnapshotItem } from "../catalog/items";
import { isOffered } from "../retention/offered";
import { chooseSnapshot, drillOverdue, isRecent } from "../rules/drills";
import type { WindowTable } from "../rules/window-times";
import type { Collaborators } from "../runtime/collaborators";

/** Of the environments whose drill is due, and that have a snapshot to drill, the one that is so the longest. */
export const chooseEnvironment = async (
  { catalog, clock }: Pick<Collaborators, "catalog" | "clock">,
  window: WindowTable,
): Promise<string | undefined> => {
  const due: { readonly environmentId: string; readonly overdue: number }[] = [];
  for await (const { environmentId, lastDrillAt, registeredAt } of allPages((cursor) =>
    catalog.listEnvironments(cursor),
  )) {
    const owner = { environmentId, since: new Date(lastDrillAt ?? registeredAt) };
    const overdue = drillOverdue(owner, window, clock.now());
    if (overdue !== undefined) due.push({ environmentId, overdue });
  }
  for (const { environmentId } of due.toSorted((a, b) => b.overdue - a.overdue))
    if ((await candidates({ catalog, clock }, environmentId)).length > 0) return environmentId;
  return undefined;
};

/** A random one of the last 30 days that users are offered; rather one that was never drilled. */
export const chooseRecent = async (
  { catalog, clock, random }: Pick<Collaborators, "catalog" | "clock" | "random">,
  environmentId: string,
): Promise<SnapshotItem | undefined> => {
  const { items: drills } = await catalog.listDrills(environmentId);
  const drilled = new Set(drills.map(({ snapshotId }) => snapshotId ?? ""));
  const chance = Buffer.from(random(4)).readUInt32BE(0) / 2 ** 32;
  return chooseSnapshot(await candidates({ catalog, clock }, environmentId), drilled, chance);
};

const candidates = async (
  { catalog, clock }: Pick<Collaborators, "catalog" | "clock">,
  environmentId: string,
): Promise<readonly SnapshotItem[]> => {
  const now = clock.now();
  const found: SnapshotItem[] = [];
  for await (const snapshot of allPages((cursor) => catalog.listSnapshots(environmentId, cursor)))
    if (snapshot.manifest !== null && isOffered(snapshot, now) && isRecent(snapshot.createdAt, now) && isOwn(snapshot))
      found.push(snapshot);
  return found;
};

/** What was uploaded may be another's data: that it can be restored proves nothing about the environment's backups. */
const isOwn = ({ tier }: SnapshotItem): boolean => tier !== "uploaded";
