/** Rule 3, I2 and I4: what has expired goes on both sides, and nothing that lives. */
import type { EnvironmentItem } from "../../lambda/catalog/items";
import { isOffered, isVisible } from "../../lambda/retention/offered";
import { databaseKey, manifestKey, packKey, packsPrefix } from "../../lambda/storage/object-keys";
import { selectEnvironments } from "../../lambda/retention/select";
import { fakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { DAY, expire, run } from "./retention-run";
import { createEnvironment, ENVIRONMENT, seal, standing, standingOf } from "./sealed-environment";

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

describe("Rule 3 and I4: a snapshot is offered until its expiry second", () => {
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
    expect(isVisible(item, collaborators.clock.now())).toBe(true);
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
  it("is nine requests to the catalog, and four to the transfer bucket, when nothing has expired", async () => {
    await seal(collaborators, environment, "one");
    await run(collaborators);
    collaborators.store.resetRequests();
    collaborators.replicaStore.resetRequests();
    collaborators.table.requests.length = 0;
    collaborators.clock.advance(300_000);
    expect(await run(collaborators)).toEqual([]);
    expect(collaborators.table.requests).toHaveLength(9);
    expect(collaborators.store.requests.map(({ operation, ref }) => `${operation} ${ref.bucket}`)).toEqual([
      "list test-transfer",
      "list test-transfer",
      "list test-transfer",
      "listMultiparts test-transfer",
    ]);
    expect(collaborators.replicaStore.requests).toEqual([]);
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
    expect((await selectEnvironments(collaborators)).environments.toSorted()).toEqual([...ids, ENVIRONMENT].toSorted());
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
