/** I5: what attempts, uploads and restores left behind is swept, and what they still need is not. */
import type { EnvironmentItem } from "../../lambda/catalog/items";
import { expireEnvironment } from "../../lambda/retention/expire";
import { attemptLock } from "../../lambda/rules/attempt-lock";
import { packKey, restorePutKey, snapshotRecordKey } from "../../lambda/storage/object-keys";
import { fakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { DAY, expire, removeManifest, run } from "./retention-run";
import { createEnvironment, ENVIRONMENT, leaveFailedAttempt, seal, standing, standingOf } from "./sealed-environment";

let collaborators: FakeCollaborators;
let environment: EnvironmentItem;
beforeEach(async () => {
  collaborators = fakeCollaborators({ now: new Date("2026-12-03T03:18:00Z") });
  environment = await createEnvironment(collaborators);
});

describe.each(["GOVERNANCE", "COMPLIANCE"] as const)("I5: what failed attempts left behind, in %s mode", (mode) => {
  beforeEach(async () => {
    collaborators = fakeCollaborators({ settings: { LOCK_MODE: mode }, now: new Date("2026-12-03T03:18:00Z") });
    environment = await createEnvironment(collaborators);
  });

  it("stays for two days and is gone within minutes after, whenever the sweeps fall", async () => {
    await seal(collaborators, environment, "one", { withLists: true });
    await run(collaborators);
    collaborators.clock.advance(5 * 3_600_000);
    const keys = await leaveFailedAttempt(collaborators, environment, "two", "attempt-x");
    const freeAt = collaborators.clock.now().getTime() + 2 * DAY;
    while (collaborators.clock.now().getTime() < freeAt - 300_000) {
      collaborators.clock.advance(300_000);
      await run(collaborators);
    }
    for (const key of keys) expect(standingOf(collaborators, key)).toHaveLength(2);
    collaborators.clock.set(new Date(freeAt + 300_000));
    await run(collaborators);
    expect(standingOf(collaborators, "attempt-x")).toEqual([]);
    // The list segments of the sealed attempt have gone too, all that its manifest names has stayed.
    expect(standingOf(collaborators, "/list/")).toEqual([]);
    expect(standingOf(collaborators, "/one/")).toHaveLength(6);
  });
  it("is left alone while its lock outlasts two days", async () => {
    const keys = await leaveFailedAttempt(collaborators, environment, "two", "attempt-x");
    collaborators.clock.advance(DAY);
    for (const key of keys) {
      const versionId = collaborators.store.versions(PRIMARY_BUCKET, key)[0]?.versionId ?? "";
      await collaborators.store.retain(
        { bucket: PRIMARY_BUCKET, key, versionId },
        attemptLock(mode, collaborators.clock.now()),
      );
    }
    collaborators.clock.advance(1.5 * DAY);
    await run(collaborators);
    expect(standingOf(collaborators, "attempt-x")).toHaveLength(keys.length);
    collaborators.clock.advance(0.6 * DAY);
    await run(collaborators);
    expect(standing(collaborators)).toEqual([]);
  });
});

describe("what else is swept", () => {
  it("an attempt that is still running is no leftover, even when its snapshot's time is over", async () => {
    const item = await seal(collaborators, environment, "one");
    const keys = await leaveFailedAttempt(collaborators, environment, "slow", "attempt-slow");
    await collaborators.catalog.createSnapshot({
      ...item,
      snapshotId: "slow",
      state: "running",
      manifest: null,
      attemptId: "attempt-slow",
    });
    await collaborators.catalog.putAttempt({
      attemptId: "attempt-slow",
      environmentId: ENVIRONMENT,
      snapshotId: "slow",
      attempt: 1,
      executionArn: "backup-execution",
      leaseToken: "token",
      startedAt: item.createdAt,
      baseSnapshotId: null,
      dump: null,
      plan: null,
      failure: null,
    });
    collaborators.clock.set(item.expiresAt);
    const input = { step: "expire", executionArn: "", environmentId: ENVIRONMENT, dryRun: true } as const;
    const planned = (await expireEnvironment(input, collaborators)).reasons.join("\n");
    expect(planned).toContain("snapshot one ends");
    expect(planned).not.toContain("snapshot slow");
    for (const key of keys) expect(planned).not.toContain(key);
  });
  it("nothing more is deleted once the lease is another's", async () => {
    const { expiresAt } = await seal(collaborators, environment, "one");
    collaborators.clock.set(expiresAt);
    collaborators.store.onReply = async (operation) => {
      if (operation !== "deleteBatch") return;
      const lease = await collaborators.catalog.getLease(ENVIRONMENT);
      if (lease !== undefined)
        await collaborators.catalog.takeOverLease(lease, { ...lease, token: "other", executionArn: "other" });
    };
    await expect(expire(collaborators)).rejects.toMatchObject({ name: "LeaseLost" });
    expect(standingOf(collaborators, "primary")).toHaveLength(3);
    expect(standingOf(collaborators, "replica")).toHaveLength(4 + 3);
    expect((await collaborators.catalog.getLease(ENVIRONMENT))?.token).toBe("other");
  });
  it("nothing happens while a backup holds the lease", async () => {
    const { expiresAt } = await seal(collaborators, environment, "one");
    await collaborators.catalog.acquireLease({
      environmentId: ENVIRONMENT,
      executionArn: "backup-execution",
      purpose: "backup",
      token: "token",
      takenAt: "2026-12-16T00:00:00Z",
      taskArn: null,
    });
    collaborators.clock.set(expiresAt);
    const before = standing(collaborators);
    expect(await expire(collaborators)).toMatchObject({ outcome: "busy", deleted: 0 });
    expect(standing(collaborators)).toEqual(before);
    // Its execution has ended without giving it back.
    collaborators.workflows.ended.add("backup-execution");
    expect(await expire(collaborators)).toMatchObject({ outcome: "done" });
    expect(standing(collaborators)).toEqual([]);
  });
  it("a sealed snapshot whose backup died before it told the catalog is completed, not deleted", async () => {
    const item = await seal(collaborators, environment, "one");
    await collaborators.catalog.updateSnapshot(ENVIRONMENT, "one", {
      state: "running",
      manifest: null,
      replicatedAt: null,
    });
    await collaborators.catalog.putAttempt({
      attemptId: item.attemptId ?? "",
      environmentId: ENVIRONMENT,
      snapshotId: "one",
      attempt: 1,
      executionArn: "backup-execution",
      leaseToken: "token",
      startedAt: item.createdAt,
      baseSnapshotId: null,
      dump: null,
      plan: null,
      failure: null,
      sealing: true,
    });
    const before = standing(collaborators);
    expect(await expire(collaborators)).toMatchObject({ outcome: "done", deleted: 0 });
    expect(await collaborators.catalog.getSnapshot(ENVIRONMENT, "one")).toMatchObject({
      state: "completed",
      manifest: item.manifest,
    });
    expect(standing(collaborators)).toEqual(before);
  });
  it("a restore's records go two days after it ended, and stay while it runs", async () => {
    const key = restorePutKey(environment, "restore-7", 0);
    await collaborators.store.put({ bucket: PRIMARY_BUCKET, key, body: Buffer.from("x") });
    const restore = { restoreId: "restore-7", state: "running", files: {} };
    await collaborators.table.put({ pk: "RESTORE#restore-7", sk: "RESTORE", ...restore });
    collaborators.clock.advance(3 * DAY);
    await run(collaborators);
    expect(standing(collaborators)).toEqual([`primary ${key}`]);
    await collaborators.catalog.updateRestore("restore-7", { state: "failed" });
    collaborators.clock.advance(DAY);
    await run(collaborators);
    expect(standing(collaborators)).toEqual([]);
  });
  it("unfinished multipart uploads older than a day are aborted on both sides, younger ones stay", async () => {
    const key = packKey(environment, "half");
    await collaborators.store.createMultipart({ bucket: PRIMARY_BUCKET, key });
    await collaborators.replicaStore.createMultipart({ bucket: REPLICA_BUCKET, key });
    collaborators.clock.advance(DAY - 1000);
    await collaborators.store.createMultipart({ bucket: PRIMARY_BUCKET, key });
    await expire(collaborators);
    expect(collaborators.store.uploads(PRIMARY_BUCKET)).toHaveLength(2);
    collaborators.clock.advance(1000);
    await expire(collaborators);
    expect(collaborators.store.uploads(PRIMARY_BUCKET)).toHaveLength(1);
    expect(collaborators.replicaStore.uploads(REPLICA_BUCKET)).toEqual([]);
  });
  it("a snapshot's record goes with it, and the attempt's items too", async () => {
    const { expiresAt, attemptId } = await seal(collaborators, environment, "one");
    const key = snapshotRecordKey(environment, "one");
    const body = JSON.stringify({
      format: 1,
      environmentId: ENVIRONMENT,
      snapshotId: "one",
      comment: "before the release",
      keepUntil: null,
      deletion: null,
      updatedAt: "2026-12-04T00:00:00Z",
    });
    await collaborators.store.put({ bucket: PRIMARY_BUCKET, key, body: Buffer.from(body) });
    await collaborators.catalog.putShard(attemptId ?? "", {
      shard: 0,
      done: true,
      after: null,
      parts: [],
      packs: [],
      missingKeys: [],
    });
    collaborators.clock.set(expiresAt);
    await run(collaborators);
    expect(standing(collaborators)).toEqual([]);
    expect(collaborators.table.all().filter((item) => item.pk.startsWith("ATTEMPT#"))).toEqual([]);
  });
  it("a failed snapshot leaves the catalog at its expiry", async () => {
    const item = await seal(collaborators, environment, "one");
    await removeManifest(collaborators, environment, "one");
    await collaborators.catalog.updateSnapshot(ENVIRONMENT, "one", { state: "failed", manifest: null });
    collaborators.clock.set(item.expiresAt);
    await run(collaborators);
    expect(await collaborators.catalog.getSnapshot(ENVIRONMENT, "one")).toBeUndefined();
    expect(standing(collaborators)).toEqual([]);
  });
});
