import type { EnvironmentItem } from "../../lambda/catalog/items";
import { readSnapshotRecord } from "../../lambda/catalog/records";
import { deleteSnapshot } from "../../lambda/deletion/delete-snapshot";
import { expireEnvironment } from "../../lambda/retention/expire";
import { isOffered } from "../../lambda/retention/offered";
import { manifestKey } from "../../lambda/storage/object-keys";
import { fakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { crashAt } from "../retention/crash-at-each-request";
import {
  createEnvironment,
  ENVIRONMENT,
  leaveFailedAttempt,
  seal,
  standing,
  standingOf,
} from "../retention/sealed-environment";

const EXECUTION = "arn:aws:states:eu-central-1:111111111111:execution:deletion:d";
const remove = (collaborators: FakeCollaborators, snapshotId: string, executionArn = EXECUTION) =>
  deleteSnapshot({ executionArn, environmentId: ENVIRONMENT, snapshotId, requestedBy: "operator" }, collaborators);

let collaborators: FakeCollaborators;
let environment: EnvironmentItem;
beforeEach(async () => {
  collaborators = fakeCollaborators({ now: new Date("2026-12-03T03:18:00Z") });
  environment = await createEnvironment(collaborators);
});
/** All but records. */
const data = (given: FakeCollaborators): readonly string[] =>
  standing(given).filter((name) => !name.includes("/records/"));

describe("Rule 6: a user's explicit wish", () => {
  it("deletes the snapshot in both regions, under locks, and nothing that another needs", async () => {
    await seal(collaborators, environment, "one", { packs: ["shared", "only-one"] });
    await seal(collaborators, environment, "two", { packs: ["shared"] });
    expect(await remove(collaborators, "one")).toEqual({
      outcome: "done",
      message: "Snapshot one was deleted by operator on 2026-12-03T03:18:00Z.",
    });
    expect(data(collaborators)).toEqual(
      standing(collaborators).filter((name) => name.includes("/two/") || name.includes("shared")),
    );
    expect(standingOf(collaborators, "/two/")).toHaveLength(6);
    expect(standingOf(collaborators, "packs/shared")).toHaveLength(2);
    expect(await collaborators.catalog.getSnapshot(ENVIRONMENT, "one")).toBeUndefined();
    expect(await collaborators.catalog.getLease(ENVIRONMENT)).toBeUndefined();
    expect((await readSnapshotRecord(environment, "one", collaborators))?.deletion).toMatchObject({
      requestedBy: "operator",
      requestedAt: "2026-12-03T03:18:00Z",
      completedAt: "2026-12-03T03:18:00Z",
    });
  });
  it("makes the newest snapshot that stands the base of the next one", async () => {
    await seal(collaborators, environment, "one");
    collaborators.clock.advance(1000);
    await seal(collaborators, environment, "two");
    await remove(collaborators, "two");
    expect((await collaborators.catalog.getEnvironment(ENVIRONMENT))?.lastSnapshotId).toBe("one");
    await remove(collaborators, "one");
    expect((await collaborators.catalog.getEnvironment(ENVIRONMENT))?.lastSnapshotId).toBeNull();
  });
  it("bypasses governance for this snapshot's objects only, by version id", async () => {
    await seal(collaborators, environment, "one");
    await seal(collaborators, environment, "two");
    await leaveFailedAttempt(collaborators, environment, "failed", "attempt-x");
    collaborators.store.resetRequests();
    await remove(collaborators, "one");
    const deleted = [...collaborators.store.requests, ...collaborators.replicaStore.requests].flatMap(
      ({ ref }) => ref.objects ?? [],
    );
    expect(deleted).not.toEqual([]);
    for (const { key, versionId } of deleted) {
      expect(key).toMatch(/\/one\/|pack-of-one/);
      expect(versionId).toBeDefined();
    }
    expect(standingOf(collaborators, "attempt-x")).toHaveLength(8);
  });
  it("is answered in compliance mode with the date on which it becomes possible, and changes nothing", async () => {
    const strict = fakeCollaborators({ settings: { LOCK_MODE: "COMPLIANCE" }, now: new Date("2026-12-03T03:18:00Z") });
    const item = await seal(strict, await createEnvironment(strict), "one");
    const before = standing(strict);
    const output = await remove(strict, "one");
    expect(output.outcome).toBe("refused");
    expect(output.message).toContain("can't be deleted before 2026-12-17T03:18:00Z");
    expect(standing(strict)).toEqual(before);
    expect(await strict.catalog.getSnapshot(ENVIRONMENT, "one")).toEqual(item);
  });
  it("is refused likewise for a snapshot sealed in compliance mode, before the mode was changed", async () => {
    const item = await seal(collaborators, environment, "one");
    for (const version of collaborators.store.versions(PRIMARY_BUCKET)) {
      if (version.lock !== undefined) version.lock = { ...version.lock, mode: "COMPLIANCE" };
    }
    expect((await remove(collaborators, "one")).message).toContain("can't be deleted before 2026-12-17T03:18:00Z");
    expect(await collaborators.catalog.getSnapshot(ENVIRONMENT, "one")).toEqual(item);
  });
  it("waits while a restore reads the snapshot, which is no longer offered to others", async () => {
    await seal(collaborators, environment, "one");
    const before = data(collaborators);
    const since = "2026-12-03T03:18:00Z";
    await collaborators.catalog.pin({
      environmentId: ENVIRONMENT,
      snapshotId: "one",
      holder: "restore-7",
      executionArn: "restore",
      since,
    });
    const output = await remove(collaborators, "one");
    expect(output).toMatchObject({ outcome: "busy" });
    expect(output.message).toContain("restore-7");
    expect(data(collaborators)).toEqual(before);
    const item = await collaborators.catalog.getSnapshot(ENVIRONMENT, "one");
    expect(item && isOffered(item, collaborators.clock.now())).toBe(false);
    collaborators.workflows.ended.add("restore");
    expect(await remove(collaborators, "one")).toMatchObject({ outcome: "done" });
    expect(data(collaborators)).toEqual([]);
  });
  it("waits while another operation holds the lease", async () => {
    await seal(collaborators, environment, "one");
    const takenAt = "2026-12-03T03:00:00Z";
    await collaborators.catalog.acquireLease({
      environmentId: ENVIRONMENT,
      executionArn: "backup",
      purpose: "backup",
      token: "t",
      takenAt,
      taskArn: null,
    });
    expect(await remove(collaborators, "one")).toMatchObject({ outcome: "busy" });
    expect(await collaborators.catalog.getSnapshot(ENVIRONMENT, "one")).toMatchObject({ deleting: false });
  });
  it("deletes nothing when a manifest beside it can't be read", async () => {
    await seal(collaborators, environment, "one");
    await seal(collaborators, environment, "two");
    const version = collaborators.store.versions(PRIMARY_BUCKET, manifestKey(environment, "two"))[0];
    if (version === undefined) throw new Error("no manifest");
    version.body = Buffer.from("x");
    const before = standing(collaborators);
    expect(await remove(collaborators, "one")).toMatchObject({ outcome: "refused" });
    expect(standing(collaborators)).toEqual(before);
    expect(await collaborators.catalog.getSnapshot(ENVIRONMENT, "one")).toMatchObject({ deleting: false });
  });
  it("says when there is no such snapshot or environment", async () => {
    expect((await remove(collaborators, "none")).message).toContain("has no snapshot none");
    const elsewhere = { executionArn: EXECUTION, environmentId: "none", snapshotId: "one", requestedBy: "operator" };
    expect((await deleteSnapshot(elsewhere, collaborators)).message).toContain("There is no environment none");
  });
  it("deletes a queued or failed snapshot, and one whose backup ended without a word", async () => {
    for (const state of ["queued", "failed", "running"] as const) {
      const item = await seal(collaborators, environment, `sealed-${state}`);
      await collaborators.catalog.createSnapshot({
        ...item,
        snapshotId: state,
        state,
        manifest: null,
        attemptId: null,
      });
      expect(await remove(collaborators, state)).toMatchObject({ outcome: "done" });
      expect(await collaborators.catalog.getSnapshot(ENVIRONMENT, state)).toBeUndefined();
      expect(standingOf(collaborators, `/sealed-${state}/`)).toHaveLength(6);
    }
  });
  it("can be repeated", async () => {
    await seal(collaborators, environment, "one");
    const first = await remove(collaborators, "one");
    collaborators.clock.advance(60_000);
    expect(await remove(collaborators, "one")).toEqual(first);
  });
  it("leaves the expired to retention", async () => {
    const { expiresAt } = await seal(collaborators, environment, "one");
    collaborators.clock.set(expiresAt);
    expect(await remove(collaborators, "one")).toMatchObject({
      outcome: "done",
      message: expect.stringContaining("expired on"),
    });
  });
  it("works in one region", async () => {
    const alone = fakeCollaborators();
    await seal(alone, await createEnvironment(alone, "single-region"), "one");
    expect(await remove(alone, "one")).toMatchObject({ outcome: "done" });
    expect(data(alone)).toEqual([]);
    expect(alone.replicaStore.requests).toEqual([]);
  });
});

it("a manifest that arrives at the replica after its snapshot was deleted stops nobody", async () => {
  await seal(collaborators, environment, "one");
  const late = collaborators.store.bytes(PRIMARY_BUCKET, manifestKey(environment, "one"));
  await remove(collaborators, "one");
  const lock = { mode: "GOVERNANCE", until: new Date("2026-12-17T03:18:00Z") } as const;
  await collaborators.replicaStore.put({
    bucket: REPLICA_BUCKET,
    key: manifestKey(environment, "one"),
    body: late,
    lock,
  });
  const expire = () =>
    expireEnvironment({ step: "expire", executionArn: "retention", environmentId: ENVIRONMENT }, collaborators);
  expect((await expire()).outcome).toBe("done");
  expect(collaborators.notifier.told).toEqual([]);
  collaborators.clock.set("2026-12-17T03:18:00Z");
  await expire();
  expect(data(collaborators)).toEqual([]);
  // The audit outlives the data.
  expect((await readSnapshotRecord(environment, "one", collaborators))?.deletion?.requestedBy).toBe("operator");
});

it.each(["before", "after"] as const)(
  "I5: crash %s each request, then again: nothing leaks, nothing else is lost",
  async (moment) => {
    let crashes = 0;
    for (let at = 1; ; at++) {
      const scene = fakeCollaborators({ now: new Date("2026-12-03T03:18:00Z") });
      const place = await createEnvironment(scene);
      await seal(scene, place, "one", { packs: ["shared", "only-one"] });
      scene.clock.advance(1000);
      await seal(scene, place, "two", { packs: ["shared", "only-two"] });
      const living = standing(scene).filter((name) => /\/two\/|shared|only-two/.test(name));
      const crashed = await crashAt(scene, at, moment, () => remove(scene, "one", "first"));
      for (const name of living) expect(standing(scene)).toContain(name);
      scene.workflows.ended.add("first");
      expect(await remove(scene, "one", "second")).toMatchObject({ outcome: "done" });
      expect(data(scene)).toEqual(living);
      expect(await scene.catalog.getSnapshot(ENVIRONMENT, "one")).toBeUndefined();
      expect(await scene.catalog.getLease(ENVIRONMENT)).toBeUndefined();
      expect((await readSnapshotRecord(place, "one", scene))?.deletion).toMatchObject({
        requestedBy: "operator",
        completedAt: expect.any(String),
      });
      if (!crashed) break;
      crashes++;
    }
    expect(crashes).toBeGreaterThan(20);
  },
);
