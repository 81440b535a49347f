/** I5: a retention run that dies at any request, before or after its effect, leaves work that the next run completes. */
import type { EnvironmentItem } from "../../lambda/catalog/items";
import { expireEnvironment } from "../../lambda/retention/expire";
import { selectEnvironments } from "../../lambda/retention/select";
import { manifestKey, packKey } from "../../lambda/storage/object-keys";
import { fakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { crashAt } from "./crash-at-each-request";
import { createEnvironment, ENVIRONMENT, leaveFailedAttempt, seal, standing, standingOf } from "./sealed-environment";

const DAY = 86_400_000;

async function scene(): Promise<{
  collaborators: FakeCollaborators;
  environment: EnvironmentItem;
  living: readonly string[];
}> {
  const collaborators = fakeCollaborators({ now: new Date("2026-12-03T03:18:00Z") });
  const environment = await createEnvironment(collaborators);
  const { expiresAt } = await seal(collaborators, environment, "old", {
    packs: ["shared", "only-old"],
    withLists: true,
  });
  await leaveFailedAttempt(collaborators, environment, "failed", "attempt-x");
  collaborators.clock.advance(DAY);
  await seal(collaborators, environment, "new", { packs: ["shared", "only-new"] });
  await collaborators.store.deleteBatch(PRIMARY_BUCKET, [{ key: packKey(environment, "only-new") }]);
  const living = standing(collaborators).filter(
    (name) => name.includes("/new/") || name.includes("shared") || name.includes("only-new"),
  );
  collaborators.clock.set(expiresAt);
  return { collaborators, environment, living };
}

async function run(collaborators: FakeCollaborators, execution: string): Promise<void> {
  const { environments } = await selectEnvironments(collaborators);
  for (const environmentId of environments) {
    await expireEnvironment({ step: "expire", executionArn: execution, environmentId }, collaborators);
  }
}

/** What must be true after any crash: the living are whole, and no manifest is without its data. */
function checkInvariants(
  collaborators: FakeCollaborators,
  environment: EnvironmentItem,
  living: readonly string[],
): void {
  const now = standing(collaborators);
  for (const name of living) expect(now).toContain(name);
  const manifestStands = [
    ...collaborators.store.versions(PRIMARY_BUCKET, manifestKey(environment, "old")),
    ...collaborators.replicaStore.versions(REPLICA_BUCKET, manifestKey(environment, "old")),
  ];
  const data = standingOf(collaborators, "only-old").length;
  expect(manifestStands.length === 0 || data === 2).toBe(true);
}

it.each(["before", "after"] as const)("crash %s each request, then another run", async (moment) => {
  let crashes = 0;
  for (let at = 1; ; at++) {
    const { collaborators, environment, living } = await scene();
    const crashed = await crashAt(collaborators, at, moment, () => run(collaborators, "first-run"));
    checkInvariants(collaborators, environment, living);
    // The crashed execution has ended; the next one, five minutes later, takes its lease over.
    collaborators.workflows.ended.add("first-run");
    collaborators.clock.advance(300_000);
    await run(collaborators, "second-run");
    checkInvariants(collaborators, environment, living);
    expect(standing(collaborators)).toEqual(living);
    expect(await collaborators.catalog.getSnapshot(ENVIRONMENT, "old")).toBeUndefined();
    // Only a run that died giving the lease back leaves it, and anybody may take that one over.
    expect((await collaborators.catalog.getLease(ENVIRONMENT))?.executionArn ?? "first-run").toBe("first-run");
    expect(await collaborators.catalog.getEnvironment(ENVIRONMENT)).toMatchObject({ lastSnapshotId: "new" });
    // The living one is the last, and a day from its expiry: told once, and by a crash once more at most.
    const subjects = new Set(collaborators.notifier.told.map(({ subject }) => subject));
    expect([...subjects]).toEqual([`Last snapshot of ${ENVIRONMENT} expires`]);
    expect(collaborators.notifier.told.length).toBeLessThanOrEqual(2);
    // The marker that hid a living pack has been lifted.
    await collaborators.store.head({ bucket: PRIMARY_BUCKET, key: packKey(environment, "only-new") });
    if (!crashed) break;
    crashes++;
  }
  expect(crashes).toBeGreaterThan(25);
});
