/**
 * Once a day: every environment that the catalog knows, and every one that the primary bucket holds, gets a sweep.
 * That is how an emptied catalog is noticed, because its calendar is gone too and the census begins at once. It goes
 * on where it stopped; a failure in the middle repeats a few environments.
 */
import { allPages, isoSeconds } from "../catalog/catalog";
import type { Census } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";
import { nextEnvironment } from "../catalog-rebuild/find-environments";
import { primarySide } from "./inventory";

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
  const { replication, environmentId } = after;
  const found = await nextEnvironment(primarySide(collaborators), replication, environmentId);
  if (found === undefined)
    return replication === "replicated" ? { replication: "single-region", environmentId: "" } : null;
  await addSweep(found, collaborators);
  return { ...after, environmentId: found };
}

async function addSweep(environmentId: string, { catalog, clock }: CensusCollaborators): Promise<void> {
  await catalog.createSweep({ environmentId, sweptAt: null, dueAt: isoSeconds(clock.now()), told: null });
}
