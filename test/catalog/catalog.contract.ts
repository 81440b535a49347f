/** The catalog's own promises, on whatever table it stands. */
import { allPages, Catalog } from "../../lambda/catalog/catalog";
import { ConditionFailed, type CatalogTable } from "../../lambda/catalog/catalog-table";
import type { ShardProgress } from "../../lambda/catalog/items";
import { attemptItem, environmentItem, leaseOf, restoreItem, snapshotItem } from "./catalog-fixtures";

const collect = async <T>(pages: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const one of pages) all.push(one);
  return all;
};
const shard = (number: number): ShardProgress => ({
  shard: number,
  done: false,
  after: null,
  parts: [],
  packs: [],
  missingKeys: [],
});

export const catalogContract = (name: string, start: () => Promise<CatalogTable>): void => {
  describe(`the catalog on ${name}`, () => {
    let catalog: Catalog;
    let e: string;
    let counter = 0;
    beforeAll(async () => {
      catalog = new Catalog(await start());
    });
    beforeEach(() => {
      e = `environment-${++counter}`;
    });

    test("an environment is registered once, and items come back as they went in", async () => {
      const environment = environmentItem(e);
      await catalog.createEnvironment(environment);
      expect(await catalog.getEnvironment(e)).toEqual(environment);
      await expect(catalog.createEnvironment(environment)).rejects.toBeInstanceOf(ConditionFailed);
      await catalog.updateEnvironment(e, { running: true, probe: { at: "2026-12-05T00:00:00Z", findings: ["x"] } });
      expect(await catalog.getEnvironment(e)).toMatchObject({ running: true, probe: { findings: ["x"] } });
      await expect(catalog.updateEnvironment("nobody", { running: true })).rejects.toBeInstanceOf(ConditionFailed);
      expect(
        (await collect(allPages((cursor) => catalog.listEnvironments(cursor)))).map((one) => one.environmentId),
      ).toContain(e);
    });

    test("rule 3: a snapshot is listed as expired from its expiry second on, and a new expiry counts at once", async () => {
      await catalog.createSnapshot(snapshotItem(e, "s", { expiresAt: "2020-01-01T00:00:10Z" }));
      const expired = async (now: string): Promise<string[]> =>
        (await collect(allPages((cursor) => catalog.listExpired(new Date(now), cursor))))
          .filter((one) => one.environmentId === e)
          .map((one) => one.snapshotId);
      expect(await expired("2020-01-01T00:00:09.999Z")).toEqual([]);
      expect(await expired("2020-01-01T00:00:10.000Z")).toEqual(["s"]);
      await catalog.updateSnapshot(e, "s", { expiresAt: "2020-02-01T00:00:00Z" });
      expect(await expired("2020-01-31T23:59:59Z")).toEqual([]);
      expect(await expired("2020-02-01T00:00:00Z")).toEqual(["s"]);
      await catalog.deleteSnapshot(e, "s");
      expect(await expired("2020-02-01T00:00:00Z")).toEqual([]);
    });

    test("a snapshot changes only from the states named", async () => {
      await catalog.createSnapshot(snapshotItem(e, "s"));
      await expect(catalog.createSnapshot(snapshotItem(e, "s"))).rejects.toBeInstanceOf(ConditionFailed);
      await catalog.updateSnapshot(e, "s", { state: "failed" }, ["queued", "running"]);
      await expect(catalog.updateSnapshot(e, "s", { state: "completed" }, ["running"])).rejects.toBeInstanceOf(
        ConditionFailed,
      );
      await expect(catalog.updateSnapshot(e, "absent", { state: "failed" })).rejects.toBeInstanceOf(ConditionFailed);
      expect((await catalog.getSnapshot(e, "s"))?.state).toBe("failed");
    });

    test("the seal's commit needs the lease", async () => {
      await catalog.createEnvironment(environmentItem(e));
      await catalog.createSnapshot(snapshotItem(e, "s"));
      await catalog.acquireLease(leaseOf(e));
      const done = snapshotItem(e, "s", { state: "completed" });
      await expect(catalog.completeSnapshot(done, { lastSnapshotId: "s" }, "another")).rejects.toBeInstanceOf(
        ConditionFailed,
      );
      expect(await catalog.getSnapshot(e, "s")).toMatchObject({ state: "running" });
      await catalog.completeSnapshot(done, { lastSnapshotId: "s" }, "token-1");
      await catalog.completeSnapshot(done, { lastSnapshotId: "s" }, "token-1");
      expect(await catalog.getSnapshot(e, "s")).toEqual(done);
      expect((await catalog.getEnvironment(e))?.lastSnapshotId).toBe("s");
    });

    test("one lease an environment; taken over only as it was seen", async () => {
      expect(await catalog.acquireLease(leaseOf(e))).toEqual(leaseOf(e));
      const second = leaseOf(e, { token: "token-2", executionArn: "execution-2" });
      const standing = await catalog.acquireLease(second);
      expect(standing).toEqual(leaseOf(e));
      // The task records itself in between: what was seen no longer stands.
      await catalog.recordLeaseTask(e, "token-1", "task-1", "2026-12-05T00:00:01Z");
      await expect(catalog.takeOverLease(standing, second)).rejects.toBeInstanceOf(ConditionFailed);
      await catalog.takeOverLease({ ...standing, taskArn: "task-1" }, second);
      expect(await catalog.getLease(e)).toEqual(second);
      await expect(catalog.recordLeaseTask(e, "token-1", "task-2", "2026-12-05T00:00:01Z")).rejects.toBeInstanceOf(
        ConditionFailed,
      );
      await catalog.takeOverLease(second, leaseOf(e, { token: "token-3" }));
      await catalog.releaseLease(e, "token-2");
      expect([await catalog.holdsLease(e, "token-2"), await catalog.holdsLease(e, "token-3")]).toEqual([false, true]);
      await catalog.releaseLease(e, "token-3");
      await catalog.releaseLease(e, "token-3");
      expect(await catalog.getLease(e)).toBeUndefined();
    });

    test("an attempt with its shards", async () => {
      const attempt = attemptItem(`attempt-of-${e}`);
      await catalog.putAttempt(attempt);
      await catalog.updateAttempt(attempt.attemptId, {
        plan: { shards: [{ from: null, to: null }], repack: [], useBase: true, warnings: [] },
      });
      expect((await catalog.getAttempt(attempt.attemptId))?.plan?.shards).toEqual([{ from: null, to: null }]);
      for (const number of [10, 2, 0]) await catalog.putShard(attempt.attemptId, shard(number));
      expect(
        (await collect(allPages((cursor) => catalog.listShards(attempt.attemptId, cursor)))).map((one) => one.shard),
      ).toEqual([0, 2, 10]);
      expect(await catalog.getShard(attempt.attemptId, 2)).toEqual(shard(2));
      for (const number of [10, 2, 0]) await catalog.deleteShard(attempt.attemptId, number);
      await catalog.deleteAttempt(attempt.attemptId);
      expect(await catalog.getAttempt(attempt.attemptId)).toBeUndefined();
      await expect(catalog.updateAttempt(attempt.attemptId, { failure: null })).rejects.toBeInstanceOf(ConditionFailed);
    });

    test("what the gauges have told: one item, replaced as a whole", async () => {
      const told = { at: "2026-12-05T00:00:00Z", environmentIds: [e, `${e}-2`] };
      await catalog.putTooOldTold(told);
      await catalog.putTooOldTold({ ...told, environmentIds: [] });
      expect(await catalog.getTooOldTold()).toEqual({ ...told, environmentIds: [] });
    });

    test("pins, restores and nights", async () => {
      const pin = { environmentId: e, snapshotId: "s", holder: "h", executionArn: "x", since: "2026-12-05T00:00:00Z" };
      await catalog.pin(pin);
      await catalog.pin(pin);
      expect(await collect(allPages((cursor) => catalog.listPins(e, cursor)))).toEqual([pin]);
      await catalog.unpin(pin);
      await catalog.unpin(pin);
      expect(await collect(allPages((cursor) => catalog.listPins(e, cursor)))).toEqual([]);

      const restore = restoreItem(`restore-of-${e}`);
      await catalog.createRestore(restore);
      await expect(catalog.createRestore(restore)).rejects.toBeInstanceOf(ConditionFailed);
      await catalog.updateRestore(restore.restoreId, { state: "running" });
      expect(await catalog.getRestore(restore.restoreId)).toEqual({ ...restore, state: "running" });

      const night = {
        region: e,
        date: "2026-12-05",
        startsAt: "2026-12-05T00:00:00Z",
        endsAt: "2026-12-05T03:00:00Z",
        openedAt: "2026-12-05T00:00:01Z",
      };
      expect(await catalog.openNight(night)).toBe(true);
      expect(await catalog.openNight(night)).toBe(false);
    });
  });
};
