/** After the swap there is only forward: whatever the bucket refuses, the removal ends and says what it has left. */
import type { FilesLeft } from "../../lambda/catalog/items";
import { removeFiles } from "../../lambda/database-task/remove-files";
import { ListWriter } from "../../lambda/pack/index-io";
import { compareKeys } from "../../lambda/pack/key-order";
import { restoreRemovalKey } from "../../lambda/storage/object-keys";
import { AccessRefused, StoreUnavailable } from "../../lambda/storage/storage-errors";
import { call, item, planned, putTarget, RESTORE } from "../restore/restore-fixture";
import { environment, sealSnapshot, TARGET } from "../restore/snapshot-fixture";
import { smallFiles } from "../restore/test-files";
import { FILES_BUCKET, fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { linesOfLeft } from "./left-records";

/** Swapped, with a removal of these keys. */
const swapped = async (keys: readonly string[]): Promise<FakeCollaborators> => {
  const c = fakeCollaborators();
  await sealSnapshot(c, { files: smallFiles(3) });
  await planned(c);
  await putTarget(
    c,
    keys.filter((key) => Buffer.byteLength(key) < 900).map((key) => [key, Buffer.from("old")] as const),
  );
  const place = { replication: "replicated", environmentId: TARGET } as const;
  const writer = new ListWriter(c.store, {
    bucket: c.settings.PRIMARY_BUCKET,
    keyOf: (segment) => restoreRemovalKey(place, RESTORE, segment),
  });
  for (const key of keys.toSorted(compareKeys)) await writer.add({ key });
  await c.catalog.updateRestore(RESTORE, {
    removal: { segments: await writer.finish(), count: keys.length, done: true },
    database: {
      oldOid: 1,
      newName: "beside",
      newOid: 2,
      restored: true,
      oldList: [],
      swappedAt: "2026-12-06T01:00:00Z",
      removed: 0,
      oldDropped: true,
    },
  });
  c.store.resetRequests();
  return c;
};

/** Once, as a task does that is started anew. */
const remove = async (c: FakeCollaborators): Promise<void> => {
  const restore = await item(c);
  const { database } = restore;
  if (database === null) throw new Error("not swapped");
  await removeFiles(
    c,
    { restore, target: environment(TARGET) },
    database,
    async () => undefined,
    (progress) => c.catalog.updateRestore(RESTORE, { database: { ...database, ...progress } }),
  );
};
const removeAtLast = async (c: FakeCollaborators): Promise<number> => {
  for (let tries = 1; tries < 20; tries++) {
    try {
      await remove(c);
      return tries;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }
  throw new Error("It never ends.");
};
const left = async (c: FakeCollaborators): Promise<FilesLeft | undefined> => (await item(c)).database?.left;
const standing = (c: FakeCollaborators): string[] =>
  c.store.versions(FILES_BUCKET).map(({ key }) => key.slice(TARGET.length + 1));

test("case 10-control-key: a key with a control character is removed, or left where the server refuses it", async () => {
  const keys = ["a", "ctrl\u0010x.txt", "z"];
  const open = await swapped(keys);
  await remove(open);
  expect(standing(open)).toEqual([]);
  expect(await left(open)).toBeUndefined();

  const refusing = await swapped(keys);
  refusing.store.onRequest = (operation, { key }) => {
    if (operation === "delete" && key?.includes("\u0010") === true) throw new StoreUnavailable("500");
  };
  await remove(refusing);
  expect(standing(refusing)).toEqual(["ctrl\u0010x.txt"]);
  expect(await left(refusing)).toMatchObject({ count: 1, keys: ["ctrl\u0010x.txt"], reason: "500" });
  expect(await linesOfLeft(refusing)).toEqual(["ctrl\u0010x.txt"]);
  expect((await item(refusing)).database?.removed).toBe(3);
  await call(refusing, "finish");
  expect(await item(refusing)).toMatchObject({
    state: "completed",
    statusMessage: expect.stringContaining(
      '2 were removed. 1 file that the restored database no longer names could not be removed and is left, "ctrl\\u0010x.txt" (500)',
    ) as string,
  });
});

test("a key longer than S3's is left, with what is beside it removed", async () => {
  const long = "x".repeat(1010);
  const c = await swapped(["a", long, "z"]);
  await remove(c);
  expect(standing(c)).toEqual([]);
  expect(await left(c)).toMatchObject({ count: 1, keys: [long], reason: "Your key is too long" });
});

test("a bucket that forbids deleting: all are left, in few requests, and all stand in the records", async () => {
  const keys = Array.from({ length: 2500 }, (_, number) => `gone-${String(number).padStart(5, "0")}`);
  const c = await swapped(keys);
  c.store.onRequest = (operation) => {
    if (operation.startsWith("delete")) throw new AccessRefused("Access Denied");
  };
  await remove(c);
  c.store.onRequest = undefined;
  expect(c.store.requests.filter(({ operation }) => operation.startsWith("delete"))).toHaveLength(3);
  expect(await left(c)).toMatchObject({ count: 2500, keys: keys.slice(0, 20), reason: "Access Denied" });
  expect(await linesOfLeft(c)).toEqual(keys);
  expect((await item(c)).database?.removed).toBe(2500);
});

test("a server that is down is waited for; one that stays down does not hold the restore up for ever", async () => {
  const keys = Array.from({ length: 6000 }, (_, number) => `gone-${String(number).padStart(5, "0")}`);
  const passing = await swapped(keys);
  let down = true;
  passing.store.onRequest = (operation) => {
    if (down && operation.startsWith("delete")) throw new StoreUnavailable("down");
  };
  await expect(remove(passing)).rejects.toBeInstanceOf(StoreUnavailable);
  down = false;
  await remove(passing);
  expect(standing(passing)).toEqual([]);
  expect(await left(passing)).toBeUndefined();

  const lasting = await swapped(keys);
  lasting.store.onRequest = (operation) => {
    if (operation.startsWith("delete")) throw new StoreUnavailable("down");
  };
  expect(await removeAtLast(lasting)).toBe(10);
  lasting.store.onRequest = undefined;
  expect(await left(lasting)).toMatchObject({ count: 6000 });
  expect(await linesOfLeft(lasting)).toEqual(keys);
  expect(lasting.store.requests.filter(({ operation }) => operation.startsWith("delete")).length).toBeLessThan(500);
  await remove(lasting);
  expect(await left(lasting)).toMatchObject({ count: 6000 });
});

test("what a crashed try has left is counted once", async () => {
  const keys = Array.from({ length: 1500 }, (_, number) => `gone-${String(number).padStart(5, "0")}`);
  const c = await swapped(keys);
  let batches = 0;
  c.store.onRequest = (operation, { objects, key }) => {
    if (operation === "deleteBatch" && ++batches === 20) throw new Error("crash");
    if ((objects ?? [{ key: key ?? "" }]).some((one) => one.key.endsWith("00500")) && operation.startsWith("delete"))
      throw new StoreUnavailable("500");
  };
  await remove(c).catch(() => undefined);
  await remove(c);
  expect(await left(c)).toMatchObject({ count: 1, keys: ["gone-00500"] });
  expect(standing(c)).toEqual(["gone-00500"]);
});
