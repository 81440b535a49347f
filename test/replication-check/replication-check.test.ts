import type { ReplicationCheckOutput } from "../../lambda/replication-check/contract";
import { checkReplication } from "../../lambda/replication-check/check-replication";
import { copyAgain } from "../../lambda/replication-check/copy-again";
import { patience } from "../../lambda/replication-check/limits";
import { StorageError, StoreUnavailable } from "../../lambda/storage/storage-errors";
import type { SnapshotItem } from "../../lambda/catalog/items";
import { dumpOf, type Manifest } from "../../lambda/snapshot/manifest";
import { objectsOf } from "../../lambda/snapshot/manifest-objects";
import { environmentItem, snapshotOf } from "../backup/environment-fixture";
import { ENVIRONMENT, keyOf, manifestOfNight, nightRequest, playNight, putFile } from "../backup/night";
import {
  fakeCollaborators,
  PRIMARY_BUCKET,
  REPLICA_BUCKET,
  type FakeCollaborators,
  type FakeOptions,
} from "../support/collaborators";

const FIRST = "2026-12-05";
const NIGHT = "2026-12-06";
const INPUT = { environmentId: ENVIRONMENT, snapshotId: nightRequest(NIGHT).snapshotId, executionArn: "check" };
const EXPIRY = new Date("2027-12-06T00:10:00Z");

/** Two nights, so that the second, a monthly, carries a pack of the first over; nothing is replicated yet. */
async function sealed(
  options: FakeOptions = {},
): Promise<{ collaborators: FakeCollaborators; manifest: Manifest; keys: string[] }> {
  const collaborators = fakeCollaborators({ now: new Date(`${FIRST}T00:00:00Z`), ...options });
  await collaborators.catalog.createEnvironment(environmentItem());
  const files = Array.from({ length: 6 }, (_, number) => keyOf(number));
  for (const key of files) await putFile(collaborators, key, `content of ${key}`);
  await playNight(collaborators, FIRST, { listed: files.slice(0, 5) });
  await playNight(collaborators, NIGHT, { listed: files });
  const manifest = await manifestOfNight(collaborators, NIGHT);
  const keys = objectsOf(manifest).map(({ key }) => key);
  return {
    collaborators,
    manifest,
    keys: [...keys, `replicated/${ENVIRONMENT}/snapshots/${manifest.snapshotId}/manifest.json`],
  };
}
const replicate = (collaborators: FakeCollaborators): void =>
  collaborators.store.replicateTo(collaborators.replicaStore, PRIMARY_BUCKET, REPLICA_BUCKET);
const check = (collaborators: FakeCollaborators, waitedSeconds = 0): Promise<ReplicationCheckOutput> =>
  checkReplication({ ...INPUT, waitedSeconds }, collaborators);
const snapshot = (collaborators: FakeCollaborators): Promise<SnapshotItem> =>
  snapshotOf(collaborators, ENVIRONMENT, INPUT.snapshotId);
const headsAtReplica = (collaborators: FakeCollaborators): string[] =>
  collaborators.replicaStore.requests.filter(({ operation }) => operation === "head").map(({ ref }) => ref.key ?? "");
/** What was put over the oldest version must not count. */
const replicaOf = (collaborators: FakeCollaborators, key: string) => {
  const version = collaborators.replicaStore.versions(REPLICA_BUCKET, key).at(-1);
  if (version === undefined) throw new Error(`${key} is not at the replica.`);
  return version;
};

describe("Rule 7: a snapshot is replicated only when every object has been seen at the replica", () => {
  test("Rule 7: waits while anything is missing, then says when it was complete", async () => {
    const { collaborators, keys } = await sealed();
    expect(await check(collaborators)).toMatchObject({
      outcome: "waiting",
      waitSeconds: 30,
      message: expect.stringContaining(`${keys.length} of ${keys.length} objects`),
    });
    expect(await snapshot(collaborators)).toMatchObject({
      replicatedAt: null,
      replicationMessage: expect.stringContaining("not yet at the replica"),
    });
    replicate(collaborators);
    collaborators.clock.advance(60_000);
    collaborators.replicaStore.requests.length = 0;
    expect((await check(collaborators)).outcome).toBe("replicated");
    expect(await snapshot(collaborators)).toMatchObject({
      replicatedAt: "2026-12-06T00:11:00Z",
      replicationMessage: "",
    });
    // At most one head for each object and round, carried-over packs too.
    expect(headsAtReplica(collaborators).toSorted()).toEqual([...keys].toSorted());
    expect(collaborators.replicaStore.requests.length - keys.length).toBeLessThanOrEqual(2);
  });

  test("Rule 7: one missing object is enough to wait", async () => {
    const { collaborators, keys } = await sealed();
    replicate(collaborators);
    for (const key of keys) {
      const version = replicaOf(collaborators, key);
      await collaborators.replicaStore.deleteBatch(REPLICA_BUCKET, [{ key, versionId: version.versionId }], {
        bypassGovernance: true,
      });
      expect(await check(collaborators)).toMatchObject({
        outcome: "waiting",
        message: `1 of ${keys.length} objects are not yet at the replica as they should be, ${key} among them.`,
      });
      await copyAgain(
        { ...entryOf(collaborators, key) },
        { mode: "GOVERNANCE", until: EXPIRY },
        {
          store: collaborators.store,
          bucket: PRIMARY_BUCKET,
          replicaStore: collaborators.replicaStore,
          replicaBucket: REPLICA_BUCKET,
        },
      );
    }
    expect((await check(collaborators)).outcome).toBe("replicated");
  });

  test("Rule 7: version ids, delete markers and later versions at the replica do not matter", async () => {
    const { collaborators, keys } = await sealed();
    replicate(collaborators);
    for (const key of keys) {
      expect(replicaOf(collaborators, key).versionId).not.toBe(
        collaborators.store.versions(PRIMARY_BUCKET, key)[0]?.versionId,
      );
      await collaborators.replicaStore.deleteBatch(REPLICA_BUCKET, [{ key }]);
      await collaborators.replicaStore.put({ bucket: REPLICA_BUCKET, key, body: Buffer.from("another") });
    }
    expect((await check(collaborators)).outcome).toBe("replicated");
  });

  test("Rule 7: an environment registered without replication has nothing to check, and never shows as replicated", async () => {
    const { collaborators } = await sealed();
    await collaborators.catalog.updateEnvironment(ENVIRONMENT, { replication: "single-region" });
    expect(await check(collaborators)).toEqual({
      outcome: "replicated",
      waitSeconds: 0,
      waitedSeconds: 0,
      message: "The environment is not replicated, by its registration.",
    });
    expect((await snapshot(collaborators)).replicatedAt).toBeNull();
  });

  test("a snapshot that has been deleted or has expired ends the check quietly", async () => {
    const { collaborators } = await sealed();
    collaborators.clock.set(EXPIRY);
    expect(await check(collaborators)).toMatchObject({
      outcome: "replicated",
      message: "The snapshot has been deleted; there is nothing left to check.",
    });
    await collaborators.catalog.deleteSnapshot(ENVIRONMENT, INPUT.snapshotId);
    expect((await check(collaborators)).outcome).toBe("replicated");
    expect(collaborators.notifier.told).toEqual([]);
  });
});

describe("Rule 6: locks at the replica", () => {
  test("Rule 6: a lock that ends before the snapshot does is extended, and seen before it counts", async () => {
    const { collaborators, keys, manifest } = await sealed();
    replicate(collaborators);
    const carriedOver = manifest.files.packs[0]?.key ?? "";
    replicaOf(collaborators, carriedOver).lock = { mode: "GOVERNANCE", until: new Date("2026-12-19T00:10:00Z") };
    delete replicaOf(collaborators, keys[0] ?? "").lock;
    expect((await check(collaborators)).outcome).toBe("waiting");
    expect((await check(collaborators)).outcome).toBe("replicated");
    for (const key of keys) expect(replicaOf(collaborators, key).lock).toEqual({ mode: "GOVERNANCE", until: EXPIRY });
  });

  test("Rule 6: a longer lock stays", async () => {
    const { collaborators, keys } = await sealed();
    replicate(collaborators);
    const longer = { mode: "GOVERNANCE" as const, until: new Date("2029-01-01T00:00:00Z") };
    replicaOf(collaborators, keys[0] ?? "").lock = longer;
    expect((await check(collaborators)).outcome).toBe("replicated");
    expect(replicaOf(collaborators, keys[0] ?? "").lock).toEqual(longer);
  });
});

describe("damage", () => {
  test.each(["bytes", "size"])(
    "other %s at the replica are a failure that names the object, and someone is told",
    async (what) => {
      const { collaborators, manifest } = await sealed();
      replicate(collaborators);
      const key = manifest.files.packs[0]?.key ?? "";
      const version = replicaOf(collaborators, key);
      if (what === "size") version.body = version.body.subarray(1);
      else Object.assign(version, { crc32: "AAAAAA==" });
      const output = await check(collaborators);
      expect(output).toMatchObject({
        outcome: "failed",
        message: expect.stringContaining(`The replica's object ${key} is damaged`),
      });
      expect(await snapshot(collaborators)).toMatchObject({
        state: "completed",
        replicatedAt: null,
        replicationMessage: output.message,
      });
      expect(collaborators.notifier.told).toEqual([
        { subject: "Snapshot of shop-production is not replicated", message: expect.stringContaining(key) },
      ]);
    },
  );

  test("where the server keeps no checksums every object is read back, as far as the time goes", async () => {
    const { collaborators, keys, manifest } = await sealed();
    replicate(collaborators);
    for (const key of keys) Object.assign(replicaOf(collaborators, key), { crc32: undefined });
    const get = collaborators.replicaStore.get.bind(collaborators.replicaStore);
    let reads = 0;
    collaborators.replicaStore.get = (...args) => {
      if (++reads === 2) collaborators.remaining = 1000;
      return get(...args);
    };
    expect((await check(collaborators)).outcome).toBe("waiting");
    expect(reads).toBe(2);
    collaborators.remaining = 900_000;
    expect((await check(collaborators)).outcome).toBe("replicated");
    expect(reads).toBe(keys.length);

    await collaborators.catalog.updateSnapshot(ENVIRONMENT, INPUT.snapshotId, {
      replicatedAt: null,
      replicaReadTo: "",
    });
    const version = replicaOf(collaborators, dumpOf(manifest).key);
    version.body = Uint8Array.from(version.body).fill(1, 12, 13);
    expect(await check(collaborators)).toMatchObject({
      outcome: "failed",
      message: `The replica's object ${dumpOf(manifest).key} is damaged: its checksum is not that of the manifest.`,
    });
  });
});

describe("what S3 gave up on", () => {
  test("an object whose source says FAILED is copied again at once", async () => {
    const { collaborators, manifest } = await sealed();
    replicate(collaborators);
    const key = manifest.files.packs[0]?.key ?? "";
    await lose(collaborators, key);
    Object.assign(collaborators.store.versions(PRIMARY_BUCKET, key)[0] ?? {}, { replicationStatus: "FAILED" });
    expect((await check(collaborators)).outcome).toBe("waiting");
    expect((await check(collaborators)).outcome).toBe("replicated");
    expect(replicaOf(collaborators, key)).toMatchObject({ lock: { mode: "GOVERNANCE", until: EXPIRY } });
  });

  test("after half an hour everything missing is copied without asking", async () => {
    const { collaborators, keys } = await sealed();
    collaborators.clock.advance(31 * 60_000);
    expect((await check(collaborators)).outcome).toBe("waiting");
    expect((await check(collaborators)).outcome).toBe("replicated");
    for (const key of keys)
      expect(Buffer.from(replicaOf(collaborators, key).body)).toEqual(
        Buffer.from(collaborators.store.versions(PRIMARY_BUCKET, key)[0]?.body ?? []),
      );
  });

  test("with too little time left nothing is copied that could not be finished", async () => {
    const { collaborators } = await sealed();
    collaborators.clock.advance(31 * 60_000);
    collaborators.remaining = 10_000;
    expect((await check(collaborators)).outcome).toBe("waiting");
    expect(collaborators.replicaStore.versions(REPLICA_BUCKET)).toEqual([]);
  });

  test("a server that refuses to copy between regions gets the bytes from us", async () => {
    const { collaborators, keys } = await sealed();
    collaborators.clock.advance(31 * 60_000);
    collaborators.replicaStore.onRequest = (operation) => {
      if (operation === "copy") throw new StorageError("The source bucket is in another region.");
    };
    await check(collaborators);
    expect((await check(collaborators)).outcome).toBe("replicated");
    expect(collaborators.replicaStore.requests.filter(({ operation }) => operation === "put")).toHaveLength(
      keys.length,
    );
  });

  test("an object over 5 GB is copied in parts", async () => {
    const { collaborators, manifest } = await sealed();
    const operations: string[] = [];
    const replicaStore = Object.create(collaborators.replicaStore) as typeof collaborators.replicaStore;
    replicaStore.uploadPartCopy = async (_ref, _id, partNumber, _source, range) => {
      operations.push(`part ${partNumber}: ${range?.join("-")}`);
      return { partNumber, etag: String(partNumber) };
    };
    replicaStore.completeMultipart = async (_ref, _id, parts) => {
      operations.push(`complete ${parts.length}`);
      return { etag: "whole", versionId: "v" };
    };
    replicaStore.retain = async (ref, lock) =>
      void operations.push(`retain ${ref.versionId} ${lock.until.toISOString()}`);
    const size = 5 * 1000 ** 3 + 1;
    await copyAgain(
      { ...dumpOf(manifest), size },
      { mode: "GOVERNANCE", until: EXPIRY },
      {
        store: collaborators.store,
        bucket: PRIMARY_BUCKET,
        replicaStore,
        replicaBucket: REPLICA_BUCKET,
      },
    );
    expect(operations).toEqual([
      "part 1: 0-1073741823",
      "part 2: 1073741824-2147483647",
      "part 3: 2147483648-3221225471",
      "part 4: 3221225472-4294967295",
      "part 5: 4294967296-5000000000",
      "complete 5",
      `retain v ${EXPIRY.toISOString()}`,
    ]);
  });

  test("gone from both sides is a failure", async () => {
    const { collaborators, manifest } = await sealed();
    replicate(collaborators);
    const { key, versionId } = dumpOf(manifest);
    await lose(collaborators, key);
    await collaborators.store.deleteBatch(PRIMARY_BUCKET, [{ key, versionId }], { bypassGovernance: true });
    expect(await check(collaborators)).toMatchObject({
      outcome: "failed",
      message: `The object ${key} (version ${versionId}) is missing at the replica and gone from the primary bucket.`,
    });
  });
});

describe("patience", () => {
  test("half a minute at first, five minutes at most, twelve hours in all", () => {
    const waits = [0, 60, 180, 600, 3600, 12 * 3600].map((seconds) =>
      patience(
        { finishedAt: "2026-12-06T00:00:00Z", createdAt: "" },
        new Date(Date.UTC(2026, 11, 6, 0, 0, seconds)),
        seconds,
      ),
    );
    expect(waits.map(({ waitSeconds }) => waitSeconds)).toEqual([30, 30, 45, 150, 300, 300]);
    expect(waits.map(({ giveUp }) => giveUp)).toEqual([false, false, false, false, false, true]);
    expect(waits.map((wait) => wait.copyAgain)).toEqual([false, false, false, false, true, true]);
  });

  test("a replica region that does not answer is waited for, and given up after twelve hours; the snapshot stays complete", async () => {
    const { collaborators } = await sealed();
    collaborators.replicaStore.onRequest = () => {
      throw new StoreUnavailable("The region eu-west-1 does not answer.");
    };
    expect(await check(collaborators)).toMatchObject({
      outcome: "waiting",
      message: expect.stringContaining("eu-west-1 does not answer"),
    });
    // A check that is started again later has its own patience.
    collaborators.clock.advance(48 * 3_600_000);
    expect(await check(collaborators)).toMatchObject({ outcome: "waiting", waitSeconds: 30, waitedSeconds: 30 });
    expect(await check(collaborators, 12 * 3600)).toMatchObject({
      outcome: "failed",
      message: expect.stringMatching(/^After 12 hours: /),
    });
    expect(collaborators.notifier.told).toHaveLength(1);
    expect((await snapshot(collaborators)).state).toBe("completed");
  });

  test("a damaged manifest at the primary fails the check at once", async () => {
    const { collaborators, keys } = await sealed();
    replicate(collaborators);
    const [version] = collaborators.store.versions(PRIMARY_BUCKET, keys.at(-1));
    if (version === undefined) throw new Error("No manifest.");
    version.body = Buffer.from("{}");
    expect(await check(collaborators)).toMatchObject({
      outcome: "failed",
      message: expect.stringContaining("its checksum differs"),
    });
  });
});

function entryOf(collaborators: FakeCollaborators, key: string) {
  const version = collaborators.store.versions(PRIMARY_BUCKET, key).at(-1);
  if (version === undefined) throw new Error(`${key} is not at the primary.`);
  return { key, versionId: version.versionId, size: version.body.length, sha256: "", crc32: 0 };
}

async function lose(collaborators: FakeCollaborators, key: string): Promise<void> {
  await collaborators.replicaStore.deleteBatch(
    REPLICA_BUCKET,
    [{ key, versionId: replicaOf(collaborators, key).versionId }],
    { bypassGovernance: true },
  );
}
