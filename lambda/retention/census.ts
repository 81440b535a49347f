/**
 * Once a day: every environment that the catalog knows, and every one that the primary bucket holds, gets a sweep.
 * That is how an emptied catalog is noticed, because its calendar is gone too and the census begins at once. It goes
 * on where it stopped; a failure in the middle repeats a few environments.
 */
import { allPages, isoSeconds } from "../catalog/catalog";
import type { Census } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";
import { environmentPrefix, type ReplicationClass } from "../storage/object-keys";

const DAY_MS = 86_400_000;
/** One request each: a run's share of the bucket's environments. */
const ENVIRONMENTS_A_RUN = 200;
/** No census step begins with less: selecting comes after it. */
const RESERVE_MS = 120_000;

type CensusCollaborators = Pick<Collaborators, "settings" | "catalog" | "store" | "clock" | "remainingMs" | "log">;

export async function takeCensus(collaborators: CensusCollaborators): Promise<void> {
  const { catalog, clock, remainingMs } = collaborators;
  const now = clock.now();
  const census = await catalog.getCensus();
  const isUnderWay = (census?.after ?? null) !== null;
  const completedAt = census?.completedAt ?? null;
  if (!isUnderWay && completedAt !== null && now.getTime() - Date.parse(completedAt) < DAY_MS) return;
  if (!isUnderWay) {
    for await (const { environmentId } of allPages((cursor) => catalog.listEnvironments(cursor))) {
      await addSweep(environmentId, collaborators);
    }
  }
  let after: Census["after"] = census?.after ?? { replication: "replicated", environmentId: "" };
  for (let step = 0; after !== null && step < ENVIRONMENTS_A_RUN && remainingMs() > RESERVE_MS; step++) {
    after = await takeStep(after, collaborators);
  }
  await catalog.putCensus({ completedAt: after === null ? isoSeconds(now) : completedAt, after });
}

/** The next environment in the bucket, or the next class when there is none. */
async function takeStep(
  after: NonNullable<Census["after"]>,
  collaborators: CensusCollaborators,
): Promise<Census["after"]> {
  const found = await nextInBucket(after, collaborators);
  if (found === undefined)
    return after.replication === "replicated" ? { replication: "single-region", environmentId: "" } : null;
  await addSweep(found, collaborators);
  return { ...after, environmentId: found };
}

/** Versions are listed, because delete markers may hide all that an environment has. */
async function nextInBucket(
  { replication, environmentId }: { readonly replication: ReplicationClass; readonly environmentId: string },
  collaborators: CensusCollaborators,
): Promise<string | undefined> {
  const { store, settings } = collaborators;
  const prefix = environmentPrefix({ replication, environmentId: "" }).slice(0, -1);
  // "0" follows "/" in byte order: after every key of that environment, before every later one's (ids begin with a letter or digit).
  const page = await store.listVersions(settings.PRIMARY_BUCKET, { prefix, keyMarker: `${prefix}${environmentId}0` });
  return page.versions[0]?.key.slice(prefix.length).split("/")[0];
}

async function addSweep(environmentId: string, { catalog, clock }: CensusCollaborators): Promise<void> {
  await catalog.createSweep({ environmentId, sweptAt: null, dueAt: isoSeconds(clock.now()), told: null });
}
