/** The plan as `backups expire --dry-run` prints it, as a golden file: UPDATE_GOLDEN=1 writes it anew. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expireEnvironment } from "../../lambda/retention/expire";
import { databaseKey, manifestKey, packKey } from "../../lambda/storage/object-keys";
import { fakeCollaborators, PRIMARY_BUCKET } from "../support/collaborators";
import { createEnvironment, ENVIRONMENT, leaveFailedAttempt, seal } from "./sealed-environment";

const DAY = 86_400_000;
const GOLDEN = join(__dirname, "golden", "dry-run.txt");

it("a dry run prints every deletion with its reason, in order, and changes nothing", async () => {
  const collaborators = fakeCollaborators({ now: new Date("2026-12-03T03:18:00Z") });
  const { catalog, clock, store, replicaStore, table } = collaborators;
  const environment = await createEnvironment(collaborators);
  const { expiresAt } = await seal(collaborators, environment, "expired", {
    packs: ["shared", "alone"],
    withLists: true,
  });
  await seal(collaborators, environment, "read");
  await seal(collaborators, environment, "base");
  await leaveFailedAttempt(collaborators, environment, "broken", "attempt-old");
  clock.advance(DAY);
  await seal(collaborators, environment, "monthly", { tier: "monthly", packs: ["shared"] });
  await catalog.pin({
    environmentId: ENVIRONMENT,
    snapshotId: "read",
    holder: "restore-7",
    executionArn: "restore",
    since: "2026-12-16T00:00:00Z",
  });
  clock.set(new Date(Date.parse(expiresAt) - 3 * DAY));
  // An attempt that has been running for three days keeps its objects, new packs and its base.
  const running = await seal(collaborators, environment, "sealed-first", { tier: "monthly" });
  await catalog.createSnapshot({
    ...running,
    snapshotId: "running",
    state: "running",
    manifest: null,
    attemptId: "attempt-running",
  });
  await catalog.putAttempt({
    attemptId: "attempt-running",
    environmentId: ENVIRONMENT,
    snapshotId: "running",
    attempt: 1,
    executionArn: "backup",
    leaseToken: "t",
    startedAt: running.createdAt,
    baseSnapshotId: "base",
    dump: null,
    plan: null,
    failure: null,
  });
  for (const key of [
    databaseKey(environment, "running", "attempt-running"),
    packKey(environment, "pack-of-attempt-running"),
  ]) {
    await store.put({ bucket: PRIMARY_BUCKET, key, body: Buffer.from(key) });
  }
  clock.set(expiresAt);
  await leaveFailedAttempt(collaborators, environment, "broken", "attempt-young");
  await store.deleteBatch(PRIMARY_BUCKET, [{ key: manifestKey(environment, "monthly") }]);
  const before = JSON.stringify([table.all(), store.versions(PRIMARY_BUCKET)]);
  store.resetRequests();
  replicaStore.resetRequests();

  const output = await expireEnvironment(
    { step: "expire", executionArn: "", environmentId: ENVIRONMENT, dryRun: true },
    collaborators,
  );

  const printed = `${output.reasons.join("\n")}\n`;
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(GOLDEN, printed);
  expect(printed).toBe(readFileSync(GOLDEN, "utf8"));
  expect(output).toMatchObject({ outcome: "done", deleted: 0 });
  expect(JSON.stringify([table.all(), store.versions(PRIMARY_BUCKET)])).toBe(before);
  const changing = [...store.requests, ...replicaStore.requests].filter(
    ({ operation }) => !["listVersions", "get"].includes(operation),
  );
  expect(changing).toEqual([]);
});

it("a dry run says why nothing would be deleted", async () => {
  const collaborators = fakeCollaborators();
  const environment = await createEnvironment(collaborators);
  await seal(collaborators, environment, "one");
  await collaborators.catalog.updateSnapshot(ENVIRONMENT, "one", { state: "failed" });
  const input = { step: "expire", executionArn: "", environmentId: ENVIRONMENT, dryRun: true } as const;
  const output = await expireEnvironment(input, collaborators);
  expect(output.outcome).toBe("refused");
  expect(output.reasons[0]).toBe("Nothing would be deleted, because sources disagree:");
  expect(collaborators.notifier.told).toEqual([]);
  const unknown = await expireEnvironment({ ...input, environmentId: "none" }, collaborators);
  expect(unknown.reasons).toEqual(["There is no environment none."]);
});
