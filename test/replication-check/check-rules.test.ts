/** The replication check's rules one by one: what a head tells, patience to the second, and what gets in its way. */
import { ConditionFailed } from "../../lambda/catalog/catalog-table";
import { checkReplication } from "../../lambda/replication-check/check-replication";
import { copyAgain } from "../../lambda/replication-check/copy-again";
import { judgeReplica } from "../../lambda/replication-check/judge-replica";
import { patience } from "../../lambda/replication-check/limits";
import { replicaVersions } from "../../lambda/replication-check/replica-versions";
import { crc32ToBase64 } from "../../lambda/storage/crc32-text";
import { manifestKey, packKey } from "../../lambda/storage/object-keys";
import type { Lock, ObjectInfo } from "../../lambda/storage/object-store";
import {
  AccessRefused,
  ObjectExists,
  ObjectNotFound,
  StorageError,
  StoreUnavailable,
} from "../../lambda/storage/storage-errors";
import { fakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { must } from "../support/must";
import { createEnvironment, ENVIRONMENT, seal } from "../retention/sealed-environment";

const UNTIL = new Date("2027-01-01T00:00:00Z");
const LOCK: Lock = { mode: "GOVERNANCE", until: UNTIL };
const hex = "ab".repeat(32);
const ENTRY = { key: "k", versionId: "v", size: 10, sha256: hex, crc32: 5 };
const info = (change: Partial<ObjectInfo>): ObjectInfo => ({
  size: 10,
  etag: "e",
  metadata: {},
  lock: LOCK,
  ...change,
});
const sha256 = Buffer.from(hex, "hex").toString("base64");

test.each<[string, string, Partial<ObjectInfo>]>([
  ["its CRC-32", "whole", { crc32: crc32ToBase64(5) }],
  ["another CRC-32", "damaged", { crc32: crc32ToBase64(6) }],
  ["its SHA-256", "whole", { sha256 }],
  ["its SHA-256, which counts more than a CRC-32", "whole", { sha256, crc32: crc32ToBase64(6) }],
  [
    "another SHA-256, though its CRC-32",
    "damaged",
    { sha256: Buffer.alloc(32).toString("base64"), crc32: crc32ToBase64(5) },
  ],
  ["no checksum", "unverified", {}],
  ["a checksum of parts", "unverified", { crc32: `${crc32ToBase64(5)}-3` }],
  ["another size", "damaged", { size: 11, crc32: crc32ToBase64(5) }],
  ["another size and no lock", "damaged", { size: 9, lock: undefined as never }],
  ["another checksum and no lock", "damaged", { crc32: crc32ToBase64(6), lock: undefined as never }],
  ["no lock", "unlocked", { crc32: crc32ToBase64(5), lock: undefined as never }],
  ["no checksum and a lock that is too short", "unlocked", { lock: { ...LOCK, until: new Date(UNTIL.getTime() - 1) } }],
  ["a stricter lock", "whole", { crc32: crc32ToBase64(5), lock: { ...LOCK, mode: "COMPLIANCE" } }],
])("an object at the replica with %s is %s", (_, kind, change) => {
  expect(judgeReplica(ENTRY, info(change), LOCK).kind).toBe(kind);
});

test("patience, to the second", () => {
  const at = (seconds: number, waited = 0, finishedAt: string | null = "2026-12-06T01:00:00Z") =>
    patience({ finishedAt, createdAt: "2026-12-06T00:00:00Z" }, new Date(Date.UTC(2026, 11, 6, 1, 0, seconds)), waited);
  expect([1799, 1800].map((seconds) => at(seconds).copyAgain)).toEqual([false, true]);
  expect(at(0, 0, null).copyAgain).toBe(true);
  expect([43_199, 43_200].map((waited) => at(0, waited).giveUp)).toEqual([false, true]);
  expect([119, 124, 1_196, 1_300].map((waited) => at(0, waited).waitSeconds)).toEqual([30, 31, 299, 300]);
});

describe("which version counts", () => {
  test("the oldest of each wanted key, over all pages, whatever was put or marked later", async () => {
    const { replicaStore } = fakeCollaborators({ store: { pageLimit: 2 } });
    const place = { replication: "replicated", environmentId: ENVIRONMENT } as const;
    const wanted = [manifestKey(place, "one"), packKey(place, "p"), packKey(place, "q")];
    const put = async (key: string) =>
      must((await replicaStore.put({ bucket: REPLICA_BUCKET, key, body: Buffer.from("x") })).versionId);
    const oldest = new Map<string, string>();
    // A marker may be the oldest of all.
    await replicaStore.deleteBatch(REPLICA_BUCKET, [{ key: must(wanted[1]) }, { key: "never put" }]);
    for (const key of wanted) oldest.set(key, await put(key));
    await put(packKey(place, "not wanted"));
    for (const key of wanted) await put(key);
    await replicaStore.deleteBatch(
      REPLICA_BUCKET,
      wanted.map((key) => ({ key })),
    );
    expect(await replicaVersions(replicaStore, REPLICA_BUCKET, place, "one", new Set(wanted))).toEqual(oldest);
  });
});

describe("copying again", () => {
  const sides = () => {
    const { store, replicaStore } = fakeCollaborators();
    return { store, bucket: PRIMARY_BUCKET, replicaStore, replicaBucket: REPLICA_BUCKET };
  };
  const stored = async (between: ReturnType<typeof sides>) => {
    const put = await between.store.put({ bucket: PRIMARY_BUCKET, key: "k", body: Buffer.from("0123456789") });
    return { ...ENTRY, versionId: must(put.versionId) };
  };
  test("an object that stands there meanwhile is well; one that is gone, and a server that is away, are told", async () => {
    for (const [error, passes] of [
      [new ObjectExists("there"), true],
      [new ObjectNotFound("gone"), false],
      [new StoreUnavailable("away"), false],
    ] as const) {
      const between = sides();
      const entry = await stored(between);
      between.replicaStore.copy = async () => Promise.reject(error);
      between.replicaStore.put = async () => Promise.reject(new Error("nothing passes through here"));
      const copied = copyAgain(entry, LOCK, between);
      if (passes) await copied;
      else await expect(copied).rejects.toBe(error);
    }
  });
  test("a copy that the server says no version of is not locked by us", async () => {
    const between = sides();
    const entry = await stored(between);
    let locks = 0;
    between.replicaStore.copy = async () => ({ etag: "e" });
    between.replicaStore.retain = async () => void (locks += 1);
    await copyAgain(entry, LOCK, between);
    expect(locks).toBe(0);
  });
  test("never over what stands there, and what is copied is locked", async () => {
    const between = sides();
    const entry = await stored(between);
    await copyAgain(entry, LOCK, between);
    await copyAgain(entry, LOCK, between);
    expect(between.replicaStore.versions(REPLICA_BUCKET, "k")).toMatchObject([{ lock: LOCK }]);
  });
  test("5 GB are copied at once, a byte more in parts of a GiB, each once, and only if absent", async () => {
    const between = sides();
    const entry = await stored(between);
    const whole: unknown[] = [];
    const ranges: unknown[] = [];
    const completed: unknown[] = [];
    between.replicaStore.copy = async (...given) => ({ etag: `${whole.push(given)}` });
    between.replicaStore.uploadPartCopy = async (_ref, _id, partNumber, _source, range) => {
      ranges.push([partNumber, range]);
      return { partNumber, etag: "e" };
    };
    between.replicaStore.completeMultipart = async (_ref, _id, _parts, options) => ({
      etag: `${completed.push(options)}`,
    });
    await copyAgain({ ...entry, size: 5 * 1000 ** 3 }, LOCK, between);
    expect([whole.length, ranges.length]).toEqual([1, 0]);
    const gib = 1024 ** 3;
    await copyAgain({ ...entry, size: 5 * gib }, LOCK, between);
    expect([whole.length, ranges]).toEqual([1, [0, 1, 2, 3, 4].map((n) => [n + 1, [n * gib, (n + 1) * gib - 1]])]);
    expect(completed).toEqual([{ onlyIfAbsent: true, crc32: crc32ToBase64(5) }]);
  });
  test("bytes that can't be passed through leave no upload, and the first failure is told", async () => {
    const between = sides();
    const entry = { ...(await stored(between)), size: 6 * 1000 ** 3 };
    between.replicaStore.uploadPartCopy = async () => Promise.reject(new StorageError("no copies between regions"));
    between.store.get = async () => ({ ...info({}), body: endsEarly() });
    await expect(copyAgain(entry, LOCK, between)).rejects.toThrow("no reading either");
    expect(between.replicaStore.requests.map(({ operation }) => operation)).toContain("uploadPart");
    expect(between.replicaStore.uploads(REPLICA_BUCKET)).toEqual([]);
  });
  async function* endsEarly(): AsyncGenerator<Uint8Array> {
    for (let piece = 0; piece < 5; piece++) yield Buffer.alloc(8 * 1024 ** 2);
    throw new AccessRefused("no reading either");
  }
});

describe("a round", () => {
  let world: FakeCollaborators;
  const check = (waitedSeconds = 0) =>
    checkReplication({ environmentId: ENVIRONMENT, snapshotId: "one", executionArn: "c", waitedSeconds }, world);
  const snapshot = async () => must(await world.catalog.getSnapshot(ENVIRONMENT, "one"));
  beforeEach(async () => {
    world = fakeCollaborators({ now: new Date("2026-12-03T03:18:00Z") });
    await seal(world, await createEnvironment(world), "one");
    await world.catalog.updateSnapshot(ENVIRONMENT, "one", { replicatedAt: null });
  });

  test("for a snapshot or an environment that nobody knows any more, or one being deleted, has nothing to do", async () => {
    const nothing = {
      outcome: "replicated",
      waitSeconds: 0,
      waitedSeconds: 0,
      message: expect.stringContaining("deleted"),
    };
    const update = (change: object) => world.catalog.updateSnapshot(ENVIRONMENT, "one", change);
    await update({ deleting: true });
    expect(await check()).toEqual(nothing);
    await update({ deleting: false });
    expect(await check()).toMatchObject({
      message: expect.stringContaining("Every object stands at the replica since"),
    });
    expect(await check()).toMatchObject({
      message: "Every object has stood at the replica since 2026-12-03T03:18:00Z.",
    });
    await world.table.delete({ pk: `ENVIRONMENT#${ENVIRONMENT}`, sk: "ENVIRONMENT" });
    expect(await check()).toEqual(nothing);
    await createEnvironment(world);
    await world.catalog.deleteSnapshot(ENVIRONMENT, "one");
    expect(await check()).toEqual(nothing);
  });
  test("that ends asks for no other, whichever way it ends", async () => {
    const end = { waitSeconds: 0, waitedSeconds: 7 };
    await world.catalog.updateSnapshot(ENVIRONMENT, "one", { manifest: null });
    expect(await check(7)).toMatchObject({ outcome: "failed", ...end });
    await world.catalog.deleteSnapshot(ENVIRONMENT, "one");
    await seal(world, must(await world.catalog.getEnvironment(ENVIRONMENT)), "one");
    await world.catalog.updateSnapshot(ENVIRONMENT, "one", { replicatedAt: null });
    for (const version of world.replicaStore.versions(REPLICA_BUCKET).slice(0, 3)) version.body = Buffer.from("");
    const damaged = await check(7);
    expect(damaged).toMatchObject({ outcome: "failed", ...end });
    expect(damaged.message).not.toMatch(/more\.$/);
  });
  test("goes on without an environment that goes meanwhile, and tells of long names shortly", async () => {
    const long = await createEnvironment(world, "replicated", "e".repeat(90));
    await seal(world, long, "two", { replicated: false });
    world.store.onRequest = (operation) => {
      if (operation === "get") throw new AccessRefused("no");
    };
    await checkReplication(
      { environmentId: long.environmentId, snapshotId: "two", executionArn: "c", waitedSeconds: 0 },
      world,
    );
    expect(must(world.notifier.told[0]).subject).toHaveLength(100);
    world.store.onRequest = undefined;
    const known = world.catalog.getEnvironment.bind(world.catalog);
    let asked = 0;
    world.catalog.getEnvironment = async (id) => (++asked === 1 ? known(id) : undefined);
    expect(await check()).toMatchObject({ outcome: "replicated" });
  });
  test("reads back in order of keys, with two minutes left, and never one twice", async () => {
    for (const version of world.replicaStore.versions(REPLICA_BUCKET)) Object.assign(version, { crc32: undefined });
    const reads: string[] = [];
    world.replicaStore.onRequest = (operation, ref) => {
      if (operation === "get") world.remaining = reads.push(must(ref.key)) % 2 === 0 ? 119_999 : 120_000;
    };
    world.remaining = 119_999;
    expect(await check()).toMatchObject({ outcome: "waiting" });
    expect(reads).toEqual([]);
    for (let round = 0; round < 2; round++) {
      world.remaining = 120_000;
      await check();
    }
    expect(reads).toHaveLength(4);
    expect(reads).toEqual(reads.toSorted());
    expect(await snapshot()).toMatchObject({ replicatedAt: "2026-12-03T03:18:00Z" });
  });
  test("for a snapshot that is not sealed fails, and tells nobody", async () => {
    await world.catalog.updateSnapshot(ENVIRONMENT, "one", { manifest: null });
    expect(await check()).toMatchObject({ outcome: "failed", message: expect.stringContaining("is not complete") });
    expect(world.notifier.told).toEqual([]);
  });
  test("for a replica in a region that is no longer ours fails and says where it should be", async () => {
    world = { ...world, settings: { ...world.settings, REPLICA_REGION: "us-east-1" } };
    expect(await check()).toMatchObject({
      outcome: "failed",
      message: "Its replica should be in eu-west-1, which is no longer one of this region's.",
    });
  });
  test("a failure of ours is no verdict, a refusal by the replica is", async () => {
    world.replicaStore.onRequest = () => {
      throw new TypeError("a mistake of ours");
    };
    await expect(check()).rejects.toThrow("a mistake of ours");
    world.replicaStore.onRequest = () => {
      throw new AccessRefused("Listing was refused.");
    };
    expect(await check()).toMatchObject({
      outcome: "failed",
      message: "The replica of snapshot one can't be checked: Listing was refused.",
    });
  });
  test("an object that goes between list and look counts as missing; a server that is away does not", async () => {
    const head = world.replicaStore.head.bind(world.replicaStore);
    const key = packKey({ replication: "replicated", environmentId: ENVIRONMENT }, "pack-of-one");
    let error: Error = new ObjectNotFound("gone");
    world.replicaStore.head = async (ref) => (ref.key === key ? Promise.reject(error) : head(ref));
    expect(await check()).toMatchObject({ outcome: "waiting", message: expect.stringContaining(`1 of 4 objects`) });
    error = new StoreUnavailable("away");
    expect(await check()).toMatchObject({
      outcome: "waiting",
      message: expect.stringContaining("can't be checked: away"),
    });
  });
  const loseAll = async () => {
    for (const version of world.replicaStore.versions(REPLICA_BUCKET).slice())
      await world.replicaStore.deleteBatch(REPLICA_BUCKET, [version], { bypassGovernance: true });
  };
  test("what isn't listed is not looked for, and a primary that is away is no verdict on it", async () => {
    await loseAll();
    world.replicaStore.resetRequests();
    expect(await check()).toMatchObject({ outcome: "waiting", message: expect.stringContaining("4 of 4 objects") });
    expect(world.replicaStore.requests.map(({ operation }) => operation)).not.toContain("head");
    world.store.onRequest = (operation) => {
      if (operation === "head") throw new StoreUnavailable("The primary is away.");
    };
    expect(await check()).toMatchObject({
      outcome: "waiting",
      message: expect.stringContaining("The primary is away."),
    });
  });
  test("two minutes must remain to copy an object again", async () => {
    await loseAll();
    world.clock.advance(30 * 60_000);
    const copies = () => world.replicaStore.requests.filter(({ operation }) => operation === "copy").length;
    world.remaining = 119_999;
    await check();
    expect(copies()).toBe(0);
    world.remaining = 120_000;
    await check();
    expect(copies()).toBe(4);
  });
  test("what waits is written down once, while it says the same", async () => {
    await loseAll();
    await check();
    let writes = 0;
    const update = world.catalog.updateSnapshot.bind(world.catalog);
    world.catalog.updateSnapshot = async (...given) => {
      writes += 1;
      return update(...given);
    };
    expect(await check()).toMatchObject({ outcome: "waiting" });
    expect(writes).toBe(0);
  });
  test("of many damaged objects three are named", async () => {
    for (const version of world.replicaStore.versions(REPLICA_BUCKET)) version.body = Buffer.from("");
    const { message } = await check();
    expect(message.match(/is damaged/g)).toHaveLength(3);
    expect(message).toMatch(/ And 1 more\.$/);
  });
  test("the outcome is in the bucket before the catalog, also where the snapshot goes from the catalog meanwhile", async () => {
    const order: string[] = [];
    world.store.onReply = (operation) => void (operation === "put" && order.push("record"));
    world.catalog.updateSnapshot = async () => {
      order.push("catalog");
      throw new ConditionFailed("deleted meanwhile");
    };
    expect(await check()).toMatchObject({ outcome: "replicated" });
    expect(order).toEqual(["record", "catalog"]);
    world.catalog.updateSnapshot = async () => Promise.reject(new Error("The table is away."));
    await expect(check()).rejects.toThrow("The table is away.");
    expect(await snapshot()).toMatchObject({ replicatedAt: null });
  });
  test("the lag is from the snapshot's end to now", async () => {
    world.clock.advance(90_000);
    await check();
    expect(world.metrics.added).toMatchObject([{ name: "ReplicationLag", value: 90 }]);
    expect(await snapshot()).toMatchObject({ replicatedAt: "2026-12-03T03:19:30Z", replicationMessage: "" });
  });
});
