/** What one expiry says and does where something is in its way, and when a snapshot's item may go. */
import { ConditionFailed } from "../../lambda/catalog/catalog-table";
import type { EnvironmentItem } from "../../lambda/catalog/items";
import { putSnapshotRecord, RECORD_FORMAT } from "../../lambda/catalog/records";
import { expireEnvironment } from "../../lambda/retention/expire";
import { manifestKey, packKey } from "../../lambda/storage/object-keys";
import { StoreUnavailable } from "../../lambda/storage/storage-errors";
import { fakeCollaborators, PRIMARY_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { must } from "../support/must";
import { attempt } from "./evidence-of";
import { DAY, expire, run } from "./retention-run";
import { createEnvironment, ENVIRONMENT, seal, standing } from "./sealed-environment";

const NOW = "2026-12-03T03:18:00Z";
const EXPIRY = "2026-12-17T03:18:00Z";
const HOUR = 3_600_000;

let world: FakeCollaborators;
let environment: EnvironmentItem;
beforeEach(async () => {
  world = fakeCollaborators({ now: new Date(NOW) });
  environment = await createEnvironment(world);
});
const itemOf = (snapshotId: string) => world.catalog.getSnapshot(ENVIRONMENT, snapshotId);
const strict = (key: string, until: Date): void => {
  for (const version of world.store.versions(PRIMARY_BUCKET, key)) version.lock = { mode: "COMPLIANCE", until };
};
const dryRun = (environmentId = ENVIRONMENT) =>
  expireEnvironment({ step: "expire", executionArn: "", environmentId, dryRun: true }, world);
const said = () => world.log.lines.filter(({ message }) => message === "Expiry has deleted what had ended.");

describe("a failure", () => {
  beforeEach(() => {
    world.store.onRequest = (operation) => {
      if (operation === "listVersions") throw new StoreUnavailable("The store is away.");
    };
  });
  it("gives the lease back, and is the one that is told", async () => {
    await expect(expire(world)).rejects.toThrow("The store is away.");
    expect(await world.catalog.getLease(ENVIRONMENT)).toBeUndefined();
    world.catalog.releaseLease = async () => Promise.reject(new Error("The table is away too."));
    await expect(expire(world)).rejects.toThrow("The store is away.");
  });
  it("takes no sweep for done", async () => {
    await expect(expire(world)).rejects.toThrow();
    expect(await world.catalog.getSweep(ENVIRONMENT)).toBeUndefined();
  });
});

describe("an environment that the catalog does not know", () => {
  it("and of which nothing stands has its sweep taken away", async () => {
    await world.catalog.createSweep({ environmentId: "none", sweptAt: null, dueAt: NOW, told: null });
    expect(await expire(world, "none")).toStrictEqual({ outcome: "done", reasons: [], deleted: 0 });
    expect(await world.catalog.getSweep("none")).toBeUndefined();
    expect(world.notifier.told).toStrictEqual([]);
  });
  it("and of which something stands is named by a dry run, too", async () => {
    const key = packKey({ environmentId: "none", replication: "replicated" }, "p");
    await world.store.put({ bucket: PRIMARY_BUCKET, key, body: Buffer.from("x") });
    const reasons = [expect.stringContaining("The catalog does not know environment none")];
    expect(await dryRun("none")).toStrictEqual({ outcome: "refused", reasons, deleted: 0 });
    expect(await expire(world, "none")).toStrictEqual({ outcome: "refused", reasons, deleted: 0 });
  });
});

test("of many disagreements twenty are returned", async () => {
  for (let number = 0; number < 21; number++) {
    await seal(world, environment, `night-${number}`);
    await world.catalog.updateSnapshot(ENVIRONMENT, `night-${number}`, { state: "failed" });
  }
  expect((await expire(world)).reasons).toHaveLength(20);
});

test("of many refusals twenty are returned", async () => {
  const packs = Array.from({ length: 21 }, (_, number) => `p-${number}`);
  await seal(world, environment, "one", { packs });
  for (const pack of packs) strict(packKey(environment, pack), new Date("2027-02-01T00:00:00Z"));
  world.clock.set(EXPIRY);
  const { outcome, reasons } = await expire(world);
  expect(outcome).toBe("done");
  expect(reasons).toHaveLength(20);
  expect(reasons[0]).toMatch(
    /^The primary bucket refused to delete .*p-0\.tar\.gz \(Acc.*; .*\); it is tried again\.$/,
  );
});

describe("snapshots that broke off", () => {
  beforeEach(async () => {
    const sealed = await seal(world, environment, "one");
    await world.catalog.updateSnapshot(ENVIRONMENT, "one", { state: "running", manifest: null, replicatedAt: null });
    const attemptId = must(sealed.attemptId);
    await world.catalog.putAttempt({
      ...attempt(attemptId, "one"),
      environmentId: ENVIRONMENT,
      sealing: true,
    });
  });
  it("and whose manifest can't be read stop nothing but the deletion", async () => {
    for (const version of world.store.versions(PRIMARY_BUCKET, manifestKey(environment, "one")))
      version.body = Buffer.from("{");
    expect(await expire(world)).toMatchObject({ outcome: "refused", reasons: [expect.stringContaining("not JSON")] });
  });
  it("are waited for while the store is away", async () => {
    world.store.onRequest = (operation) => {
      if (operation === "get") throw new StoreUnavailable("away");
    };
    await expect(expire(world)).rejects.toThrow("away");
  });
});

describe("a record that is ahead of the catalog", () => {
  const keepUntil = "2027-03-01T00:00:00Z";
  const record = { environmentId: ENVIRONMENT, snapshotId: "one", comment: null, deletion: null, updatedAt: NOW };
  beforeEach(async () => {
    await seal(world, environment, "one");
    await putSnapshotRecord(environment, { format: RECORD_FORMAT, ...record, keepUntil }, world);
    world.clock.set(EXPIRY);
  });
  it("is followed by it, and the snapshot lives", async () => {
    const before = standing(world);
    expect(await expire(world)).toMatchObject({ outcome: "done", deleted: 0 });
    expect(await itemOf("one")).toMatchObject({ expiresAt: keepUntil, updatedAt: EXPIRY, deleting: false });
    expect(standing(world)).toStrictEqual(before);
  });
  it("changes nothing in a dry run", async () => {
    expect((await dryRun()).reasons[0]).toBe(`snapshot one lives: kept until ${keepUntil}`);
    expect(await itemOf("one")).toMatchObject({ expiresAt: EXPIRY });
  });
});

describe("the mark of what ends", () => {
  const updates = async (): Promise<number> => {
    let marked = 0;
    const updateSnapshot = world.catalog.updateSnapshot.bind(world.catalog);
    world.catalog.updateSnapshot = async (...given) => (marked++, updateSnapshot(...given));
    await expire(world);
    return marked;
  };
  beforeEach(() => seal(world, environment, "one"));
  it("is put on what ends, once, and on nothing that lives", async () => {
    world.clock.advance(DAY);
    await seal(world, environment, "two");
    world.clock.set(EXPIRY);
    strict(packKey(environment, "pack-of-one"), new Date("2026-12-17T03:48:00Z"));
    expect(await updates()).toBe(1);
    expect(await itemOf("one")).toMatchObject({ deleting: true, updatedAt: EXPIRY });
    expect(await itemOf("two")).toMatchObject({ deleting: false });
    expect(await updates()).toBe(0);
  });
  it("is no failure where the item has gone meanwhile; a table that is away is", async () => {
    world.clock.set(EXPIRY);
    world.catalog.updateSnapshot = async () => Promise.reject(new Error("The table is away."));
    await expect(expire(world)).rejects.toThrow("The table is away.");
    world.catalog.updateSnapshot = async () => Promise.reject(new ConditionFailed("gone"));
    expect(await expire(world)).toMatchObject({ outcome: "done" });
  });
});

describe("a snapshot's item", () => {
  const late = (milliseconds: number): Date => new Date(Date.parse(EXPIRY) + milliseconds);
  const isGone = async (): Promise<boolean> => (await expire(world), (await itemOf("one")) === undefined);
  beforeEach(() => seal(world, environment, "one"));
  it("waits an hour for a pack that is still locked", async () => {
    strict(packKey(environment, "pack-of-one"), late(30 * DAY));
    world.clock.set(late(HOUR - 1));
    expect(await isGone()).toBe(false);
    world.clock.set(late(HOUR));
    expect(await isGone()).toBe(true);
  });
  it("waits for all that is the snapshot's own", async () => {
    strict(manifestKey(environment, "one"), late(30 * DAY));
    world.clock.set(late(29 * DAY));
    expect(await isGone()).toBe(false);
    world.clock.set(late(30 * DAY));
    expect(await isGone()).toBe(true);
  });
  it("waits for a pack when a user wanted the snapshot deleted", async () => {
    await world.catalog.updateSnapshot(ENVIRONMENT, "one", { deleting: true });
    for (const { key } of world.store.versions(PRIMARY_BUCKET)) strict(key, late(-DAY));
    for (const version of world.replicaStore.versions("test-replica")) delete version.lock;
    strict(packKey(environment, "pack-of-one"), late(30 * DAY));
    world.clock.set(late(-HOUR));
    expect(await isGone()).toBe(false);
  });
  it("does not wait for another's", async () => {
    world.clock.advance(2 * HOUR);
    await seal(world, environment, "two");
    strict(packKey(environment, "pack-of-two"), late(30 * DAY));
    world.clock.set(late(2 * HOUR));
    expect(await isGone()).toBe(true);
    expect(await itemOf("two")).toMatchObject({ deleting: true });
  });
});

describe("recovery points", () => {
  const places = { vault: "v", arn: "point", copyVault: null, copyArn: null };
  const stays = () => ({ ...world, recoveryPoints: { ...world.recoveryPoints, delete: async () => BUSY } });
  const BUSY = { outcome: "busy" } as const;
  beforeEach(() => seal(world, environment, "one"));
  it.each([
    ["are waited for within a day", DAY - 1000, "done"],
    ["that still stand after a day need someone", DAY, "refused"],
  ])("%s", async (_, later, outcome) => {
    await world.catalog.updateSnapshot(ENVIRONMENT, "one", { recoveryPoint: { ...places, deleteAt: EXPIRY } });
    world.clock.set(new Date(Date.parse(EXPIRY) + later));
    const reasons = ["The recovery point point in eu-central-1 stays for now: AWS Backup is at work on it."];
    expect(await expire(stays())).toMatchObject({ outcome, reasons });
    expect(await itemOf("one")).toMatchObject({ deleting: true });
    const errors = world.log.lines.filter(({ level }) => level === "error");
    expect(errors).toHaveLength(outcome === "done" ? 0 : 1);
  });
});

describe("what is logged", () => {
  it("nothing when nothing went, stayed or was aborted", async () => {
    await seal(world, environment, "one");
    await expire(world);
    expect(said()).toStrictEqual([]);
  });
  it("what went", async () => {
    await seal(world, environment, "one");
    world.clock.set(EXPIRY);
    await expire(world);
    expect(said()).toMatchObject([{ details: { deleted: 8, refused: 0, abortedUploads: 0 } }]);
  });
  it("what stayed", async () => {
    const key = packKey(environment, "left");
    await world.store.put({ bucket: PRIMARY_BUCKET, key, body: Buffer.from("x") });
    strict(key, new Date("2027-06-01T00:00:00Z"));
    world.clock.set(EXPIRY);
    await expire(world);
    expect(said()).toMatchObject([{ details: { deleted: 0, refused: 1, abortedUploads: 0 } }]);
  });
  it("what was aborted", async () => {
    await world.store.createMultipart({ bucket: PRIMARY_BUCKET, key: packKey(environment, "half") });
    world.clock.advance(2 * DAY);
    await run(world);
    expect(said()).toMatchObject([{ details: { deleted: 0, refused: 0, abortedUploads: 1 } }]);
  });
});
