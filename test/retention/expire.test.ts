import { attemptLock } from "../../lambda/rules/attempt-lock";
import { expireEnvironment } from "../../lambda/retention/expire";
import { isOffered, isVisible } from "../../lambda/retention/offered";
import { selectEnvironments } from "../../lambda/retention/select";
import { databaseKey, manifestKey, packKey, packsPrefix, snapshotRecordKey } from "../../lambda/storage/object-keys";
import type { EnvironmentItem } from "../../lambda/catalog/items";
import { fakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";
import {
  createEnvironment,
  ENVIRONMENT,
  leaveFailedAttempt,
  RETENTION_EXECUTION,
  seal,
  standing,
  standingOf,
} from "./sealed-environment";

const DAY = 86_400_000;

const expire = (collaborators: FakeCollaborators, environmentId = ENVIRONMENT) =>
  expireEnvironment({ step: "expire", executionArn: RETENTION_EXECUTION, environmentId }, collaborators);
/** One run of the retention workflow. */
async function run(collaborators: FakeCollaborators): Promise<readonly string[]> {
  const { environments } = await selectEnvironments(collaborators);
  for (const environmentId of environments) await expire(collaborators, environmentId);
  return environments;
}
const pinOf = (snapshotId: string, executionArn: string) => ({
  environmentId: ENVIRONMENT,
  snapshotId,
  holder: "restore-7",
  executionArn,
  since: "2026-12-19T00:00:00Z",
});

let collaborators: FakeCollaborators;
let environment: EnvironmentItem;
beforeEach(async () => {
  collaborators = fakeCollaborators({ now: new Date("2026-12-03T03:18:00Z") });
  environment = await createEnvironment(collaborators);
});

describe("rule 3 and I4: a snapshot is offered until its expiry second", () => {
  it("is offered in the last millisecond before it, and gone with it", async () => {
    const item = await seal(collaborators, environment, "one", { tier: "weekly" });
    expect(item.expiresAt).toBe("2027-03-03T03:18:00Z");
    expect(isOffered(item, new Date("2027-03-03T03:17:59.999Z"))).toBe(true);
    expect(isOffered(item, new Date("2027-03-03T03:18:00.000Z"))).toBe(false);
    expect(isVisible(item, new Date("2027-03-03T03:18:00.000Z"))).toBe(false);
  });
  it("is not offered while it is being deleted, or before it is completed", async () => {
    const item = await seal(collaborators, environment, "one");
    expect(isOffered({ ...item, deleting: true }, collaborators.clock.now())).toBe(false);
    expect(isOffered({ ...item, state: "running" }, collaborators.clock.now())).toBe(false);
    expect(isVisible({ ...item, state: "running" }, collaborators.clock.now())).toBe(true);
  });
  it("loses its data on both sides at the first run after its expiry second, and nothing one second earlier", async () => {
    const { expiresAt } = await seal(collaborators, environment, "one");
    const all = standing(collaborators);
    collaborators.clock.set(new Date(Date.parse(expiresAt) - 1000));
    await run(collaborators);
    expect(standing(collaborators)).toEqual(all);
    collaborators.clock.set(expiresAt);
    await run(collaborators);
    expect(standing(collaborators)).toEqual([]);
    expect(await collaborators.catalog.getSnapshot(ENVIRONMENT, "one")).toBeUndefined();
    expect((await collaborators.catalog.getEnvironment(ENVIRONMENT))?.lastSnapshotId).toBeNull();
    expect(await collaborators.catalog.getLease(ENVIRONMENT)).toBeUndefined();
  });
  it("works in compliance mode, because expired objects are unlocked", async () => {
    const strict = fakeCollaborators({ settings: { LOCK_MODE: "COMPLIANCE" }, now: new Date("2026-12-03T03:18:00Z") });
    const { expiresAt } = await seal(strict, await createEnvironment(strict), "one");
    strict.clock.set(expiresAt);
    await run(strict);
    expect(standing(strict)).toEqual([]);
  });
});

describe("I2: nothing of a living snapshot is deleted", () => {
  it("keeps packs that a living snapshot shares, and deletes those that only the expired one needs", async () => {
    const first = await seal(collaborators, environment, "first", { packs: ["shared", "only-first"] });
    collaborators.clock.advance(DAY);
    await seal(collaborators, environment, "second", { packs: ["shared"] });
    collaborators.clock.set(first.expiresAt);
    await run(collaborators);
    expect(standingOf(collaborators, "only-first")).toEqual([]);
    expect(standingOf(collaborators, "/first/")).toEqual([]);
    expect(standingOf(collaborators, "/second/")).toHaveLength(6);
    expect(standingOf(collaborators, "packs/shared")).toHaveLength(2);
    expect((await collaborators.catalog.getEnvironment(ENVIRONMENT))?.lastSnapshotId).toBe("second");
  });
  it("never bypasses a lock and deletes by version id only", async () => {
    const { expiresAt } = await seal(collaborators, environment, "one");
    collaborators.clock.set(expiresAt);
    const bypassed: unknown[] = [];
    for (const store of [collaborators.store, collaborators.replicaStore]) {
      const original = store.deleteBatch.bind(store);
      store.deleteBatch = (bucket, objects, options) => {
        if (options?.bypassGovernance !== undefined) bypassed.push(objects);
        expect(objects.every((object) => object.versionId !== undefined)).toBe(true);
        return original(bucket, objects, options);
      };
    }
    await run(collaborators);
    expect(bypassed).toEqual([]);
    expect(standing(collaborators)).toEqual([]);
  });
  it("keeps an expired snapshot while a running restore reads it, and no longer", async () => {
    const { expiresAt } = await seal(collaborators, environment, "one");
    await collaborators.catalog.pin(pinOf("one", "restore-execution"));
    collaborators.clock.set(expiresAt);
    const before = standing(collaborators);
    await run(collaborators);
    expect(standing(collaborators)).toEqual(before);
    collaborators.workflows.ended.add("restore-execution");
    await run(collaborators);
    expect(standing(collaborators)).toEqual([]);
    expect((await collaborators.catalog.listPins(ENVIRONMENT)).items).toEqual([]);
  });
  it("sees a pin that is taken after it has looked at the catalog", async () => {
    const { expiresAt } = await seal(collaborators, environment, "one");
    collaborators.clock.set(expiresAt);
    const before = standing(collaborators);
    collaborators.table.onRequest = async (operation, ref) => {
      if (operation !== "update" || ref.sk !== "SNAPSHOT#one") return;
      collaborators.table.onRequest = undefined;
      await collaborators.catalog.pin(pinOf("one", "restore-execution"));
    };
    await run(collaborators);
    expect(standing(collaborators)).toEqual(before);
  });
  it("leaves data whose manifest is still locked", async () => {
    const { expiresAt } = await seal(collaborators, environment, "one");
    const manifest = collaborators.replicaStore.versions(REPLICA_BUCKET, manifestKey(environment, "one"))[0];
    if (manifest === undefined) throw new Error("no manifest");
    manifest.lock = { mode: "GOVERNANCE", until: new Date(Date.parse(expiresAt) + DAY) };
    collaborators.clock.set(expiresAt);
    const output = await expire(collaborators);
    expect(output.outcome).toBe("done");
    expect(output.reasons[0]).toContain("The replica bucket refused to delete");
    expect(standingOf(collaborators, "pack-of-one")).toHaveLength(2);
    expect(await collaborators.catalog.getSnapshot(ENVIRONMENT, "one")).toMatchObject({ deleting: true });
    collaborators.clock.advance(DAY);
    await run(collaborators);
    expect(standing(collaborators)).toEqual([]);
  });
  it("lifts a delete marker that hides an object of a living snapshot", async () => {
    await seal(collaborators, environment, "one");
    const key = packKey(environment, "pack-of-one");
    await collaborators.store.deleteBatch(PRIMARY_BUCKET, [{ key }]);
    await collaborators.store.deleteBatch(PRIMARY_BUCKET, [{ key: manifestKey(environment, "one") }]);
    await run(collaborators);
    expect((await collaborators.store.head({ bucket: PRIMARY_BUCKET, key })).size).toBeGreaterThan(0);
    expect(standingOf(collaborators, "/one/")).toHaveLength(6);
  });
  it("removes delete markers together with what they hid", async () => {
    const { expiresAt } = await seal(collaborators, environment, "one");
    await collaborators.store.deleteBatch(PRIMARY_BUCKET, [{ key: manifestKey(environment, "one") }]);
    await collaborators.replicaStore.deleteBatch(REPLICA_BUCKET, [{ key: packKey(environment, "pack-of-one") }]);
    collaborators.clock.set(expiresAt);
    await run(collaborators);
    expect(collaborators.store.versions(PRIMARY_BUCKET)).toEqual([]);
    expect(collaborators.replicaStore.versions(REPLICA_BUCKET)).toEqual([]);
  });
  it("keeps objects that a newer version was put over, and both go with the snapshot", async () => {
    const { expiresAt } = await seal(collaborators, environment, "one");
    const key = manifestKey(environment, "one");
    await collaborators.store.put({ bucket: PRIMARY_BUCKET, key, body: Buffer.from("foreign") });
    await expire(collaborators);
    expect(collaborators.notifier.told).toEqual([]);
    expect(collaborators.store.versions(PRIMARY_BUCKET, key)).toHaveLength(2);
    collaborators.clock.set(expiresAt);
    await run(collaborators);
    expect(standing(collaborators)).toEqual([]);
  });
  it("touches nothing that it does not know", async () => {
    const { expiresAt } = await seal(collaborators, environment, "one");
    const key = `replicated/${ENVIRONMENT}/notes.txt`;
    await collaborators.store.put({ bucket: PRIMARY_BUCKET, key, body: Buffer.from("mine") });
    collaborators.clock.set(new Date(Date.parse(expiresAt) + 500 * DAY));
    await run(collaborators);
    expect(standing(collaborators)).toEqual([`primary ${key}`]);
  });
});

describe("where sources disagree, nothing is deleted and someone is told", () => {
  /** An expired snapshot that would go, beside one that lives. */
  async function twoSnapshots(): Promise<void> {
    const { expiresAt } = await seal(collaborators, environment, "old");
    collaborators.clock.advance(DAY);
    await seal(collaborators, environment, "new");
    collaborators.clock.set(expiresAt);
  }
  async function expectRefusal(sentence: string): Promise<void> {
    const before = standing(collaborators);
    await run(collaborators);
    expect(standing(collaborators)).toEqual(before);
    expect(collaborators.notifier.told).toHaveLength(1);
    expect(collaborators.notifier.told[0]?.message).toContain(sentence);
    expect(await collaborators.catalog.getLease(ENVIRONMENT)).toBeUndefined();
  }

  it("a catalog emptied behind our back", async () => {
    await twoSnapshots();
    collaborators.table.clear();
    await expectRefusal(`The catalog does not know environment ${ENVIRONMENT}`);
  });
  it("a catalog emptied between two runs of an otherwise quiet day", async () => {
    await seal(collaborators, environment, "one");
    await run(collaborators);
    collaborators.clock.advance(300_000);
    collaborators.table.clear();
    await expectRefusal("rebuild the catalog from the bucket");
  });
  it("a catalog that has lost its snapshots only", async () => {
    await twoSnapshots();
    await collaborators.catalog.deleteSnapshot(ENVIRONMENT, "new");
    await expectRefusal(
      "Snapshot new of environment orders-production: its manifest stands in the bucket and is valid until",
    );
  });
  it("a manifest that is missing although its snapshot is completed", async () => {
    await twoSnapshots();
    await removeVersions("new", collaborators);
    await expectRefusal("its manifest is in neither bucket");
  });
  it("a manifest that is missing in the primary bucket only", async () => {
    await twoSnapshots();
    const key = manifestKey(environment, "new");
    const versionId = collaborators.store.versions(PRIMARY_BUCKET, key)[0]?.versionId ?? "";
    await collaborators.store.deleteBatch(PRIMARY_BUCKET, [{ key, versionId }], { bypassGovernance: true });
    await expectRefusal("is missing in the primary bucket and stands in the replica bucket only");
  });
  it.each([
    ["garbage", Buffer.from("{"), "does not have the checksum"],
    ["another manifest's bytes", Buffer.from("{}"), "does not have the checksum"],
  ])("a damaged manifest: %s", async (_name, body, sentence) => {
    await twoSnapshots();
    const version = collaborators.store.versions(PRIMARY_BUCKET, manifestKey(environment, "new"))[0];
    if (version === undefined) throw new Error("no manifest");
    version.body = body;
    await expectRefusal(sentence);
  });
  it("a damaged manifest of an expired snapshot, whose item is gone", async () => {
    await twoSnapshots();
    const version = collaborators.store.versions(PRIMARY_BUCKET, manifestKey(environment, "old"))[0];
    if (version === undefined) throw new Error("no manifest");
    version.body = Buffer.from("[]");
    await collaborators.catalog.deleteSnapshot(ENVIRONMENT, "old");
    await expectRefusal("is not in the format of a manifest");
  });
  it("an expiry in the catalog that is earlier than the sealed one", async () => {
    await twoSnapshots();
    await collaborators.catalog.updateSnapshot(ENVIRONMENT, "new", { expiresAt: "2026-12-10T00:00:00Z" });
    await expectRefusal("the catalog says that it expired on 2026-12-10T00:00:00Z, its manifest says");
  });
  it("a snapshot that the catalog calls failed", async () => {
    await twoSnapshots();
    await collaborators.catalog.updateSnapshot(ENVIRONMENT, "new", { state: "failed" });
    await expectRefusal("the catalog lists it as failed, but its manifest stands");
  });
  it("objects under the other replication class", async () => {
    await twoSnapshots();
    const key = packKey({ environmentId: ENVIRONMENT, replication: "single-region" }, "p");
    await collaborators.store.put({ bucket: PRIMARY_BUCKET, key, body: Buffer.from("x") });
    await expectRefusal("objects of it stand under the other class");
  });

  it("tells once a day, at once when it changes, and deletes again when it is mended", async () => {
    await twoSnapshots();
    await collaborators.catalog.updateSnapshot(ENVIRONMENT, "new", { state: "failed" });
    await expectRefusal("failed");
    for (let minutes = 0; minutes < 60; minutes += 5) {
      collaborators.clock.advance(300_000);
      expect((await expire(collaborators)).outcome).toBe("refused");
    }
    expect(collaborators.notifier.told).toHaveLength(1);
    collaborators.clock.advance(DAY / 2);
    await collaborators.catalog.updateSnapshot(ENVIRONMENT, "new", { state: "completed" });
    expect((await expire(collaborators)).outcome).toBe("done");
    expect(standingOf(collaborators, "/old/")).toEqual([]);
    expect(standingOf(collaborators, "/new/")).toHaveLength(6);
  });
});

async function removeVersions(snapshotId: string, { store, replicaStore }: FakeCollaborators): Promise<void> {
  for (const [side, bucket] of [
    [store, PRIMARY_BUCKET],
    [replicaStore, REPLICA_BUCKET],
  ] as const) {
    const key = manifestKey(environment, snapshotId);
    const objects = side.versions(bucket, key).map(({ versionId }) => ({ key, versionId }));
    await side.deleteBatch(bucket, objects, { bypassGovernance: true });
  }
}

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
  it("a running attempt keeps what it wrote, however old, and its base", async () => {
    const { expiresAt } = await seal(collaborators, environment, "base");
    collaborators.clock.set(new Date(Date.parse(expiresAt) - 3 * DAY));
    const running = await seal(collaborators, environment, "next");
    await collaborators.catalog.updateSnapshot(ENVIRONMENT, "next", { state: "running", manifest: null });
    await collaborators.catalog.putAttempt({
      attemptId: running.attemptId ?? "",
      environmentId: ENVIRONMENT,
      snapshotId: "next",
      attempt: 1,
      executionArn: "backup-execution",
      leaseToken: "token",
      startedAt: running.createdAt,
      baseSnapshotId: "base",
      dump: null,
      plan: null,
      failure: null,
      sealing: true,
    });
    const { store, replicaStore } = collaborators;
    await removeVersions("next", collaborators);
    await collaborators.catalog.acquireLease({
      environmentId: ENVIRONMENT,
      executionArn: "backup-execution",
      purpose: "backup",
      token: "token",
      takenAt: running.createdAt,
      taskArn: null,
    });
    collaborators.clock.set(expiresAt);
    const before = [...store.versions(PRIMARY_BUCKET), ...replicaStore.versions(REPLICA_BUCKET)].length;
    expect((await expire(collaborators)).outcome).toBe("busy");
    expect([...store.versions(PRIMARY_BUCKET), ...replicaStore.versions(REPLICA_BUCKET)]).toHaveLength(before);
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
    await removeVersions("one", collaborators);
    await collaborators.catalog.updateSnapshot(ENVIRONMENT, "one", { state: "failed", manifest: null });
    collaborators.clock.set(item.expiresAt);
    await run(collaborators);
    expect(await collaborators.catalog.getSnapshot(ENVIRONMENT, "one")).toBeUndefined();
    expect(standing(collaborators)).toEqual([]);
  });
});

describe("single-region environments", () => {
  it("make no request at the replica, and are emptied all the same", async () => {
    const alone = fakeCollaborators();
    const { expiresAt } = await seal(alone, await createEnvironment(alone, "single-region"), "one");
    alone.clock.set(expiresAt);
    await run(alone);
    expect(standing(alone)).toEqual([]);
    expect(alone.replicaStore.requests).toEqual([]);
  });
});

describe("the cost of looking", () => {
  it("is three requests to the catalog, and none to the buckets, when nothing has expired", async () => {
    await seal(collaborators, environment, "one");
    await run(collaborators);
    collaborators.store.resetRequests();
    collaborators.replicaStore.resetRequests();
    collaborators.table.requests.length = 0;
    collaborators.clock.advance(300_000);
    expect(await run(collaborators)).toEqual([]);
    expect(collaborators.table.requests).toHaveLength(3);
    expect([...collaborators.store.requests, ...collaborators.replicaStore.requests]).toEqual([]);
  });
  it("finds every environment of the bucket, whatever their ids share", async () => {
    const ids = ["a", "a-1", "a0", "a1", "0", "b"];
    for (const [position, environmentId] of ids.entries()) {
      const place = { environmentId, replication: position % 2 === 0 ? "replicated" : "single-region" } as const;
      await collaborators.store.put({
        bucket: PRIMARY_BUCKET,
        key: databaseKey(place, "s", "a"),
        body: Buffer.from("x"),
      });
    }
    expect([...(await selectEnvironments(collaborators)).environments].sort()).toEqual([...ids, ENVIRONMENT].sort());
  });
  it("deletes in batches of at most a thousand, over many pages", async () => {
    const small = fakeCollaborators({
      store: { pageLimit: 7 },
      tablePageLimit: 3,
      now: new Date("2026-12-03T03:18:00Z"),
    });
    const place = await createEnvironment(small);
    const { expiresAt } = await seal(small, place, "one");
    for (let position = 0; position < 2100; position++) {
      await small.store.put({
        bucket: PRIMARY_BUCKET,
        key: `${packsPrefix(place)}p${position}.tar.gz`,
        body: Buffer.from("x"),
      });
    }
    small.clock.set(expiresAt);
    await run(small);
    expect(standing(small)).toEqual([]);
    const batches = small.store.requests
      .filter(({ operation }) => operation === "deleteBatch")
      .map(({ ref }) => ref.objects?.length);
    expect(Math.max(...batches.map((size) => size ?? 0))).toBe(1000);
  });
  it("stops before its time runs out and goes on in the next call", async () => {
    const { expiresAt } = await seal(collaborators, environment, "one");
    collaborators.clock.set(expiresAt);
    collaborators.remaining = 1000;
    expect(await expire(collaborators)).toMatchObject({ outcome: "more", deleted: 0 });
    collaborators.remaining = 900_000;
    expect((await expire(collaborators)).outcome).toBe("done");
    expect(standing(collaborators)).toEqual([]);
  });
});
