/**
 * I5: a build is stopped at every request in turn, before its effect and after it (a lost reply), and called again:
 * the archive becomes what it should be, and what is left behind of the first try is gone after a day.
 */
import { archiveStep } from "../../lambda/archive/archive.handler";
import { build } from "../../lambda/archive/build-archive";
import { sweepTransfer } from "../../lambda/transfer/sweep-transfer";
import { bytesOf, seeded } from "../pack/support";
import { fakeCollaborators, TRANSFER_BUCKET, type FakeCollaborators } from "../support/collaborators";
import {
  ARCHIVE,
  archiveBytes,
  ask,
  begin,
  buildAll,
  item,
  make,
  seal,
  SMALL_PARTS,
  SMALL_STORE,
  SOURCE,
} from "./archive-fixture";

class Crash extends Error {}
type When = "before" | "after";

const KIB = 1024;
const NEXT = seeded(7);
/** A copy, streamed parts on both sides of it, and dead bytes. */
const FILES = new Map([
  ["a", Buffer.from("A")],
  ["b", bytesOf(NEXT, 11 * KIB)],
  ["c", bytesOf(NEXT, 30)],
  ["d", Buffer.from("D")],
]);
const LIMITS = { ...SMALL_PARTS, streamedPart: 5 * KIB };

const crashAt = (c: FakeCollaborators, number: number, when: When) => {
  let requests = 0;
  let dead = false;
  let fired = false;
  const fall = (): never => {
    dead = true;
    fired = true;
    throw new Crash();
  };
  const hooks = {
    onRequest: (): void => {
      if (dead || (requests++ === number && when === "before" && !fired)) fall();
    },
    onReply: (): void => {
      if (when === "after" && requests > number && !fired) fall();
    },
  };
  for (const place of [c.store, c.replicaStore, c.table]) Object.assign(place, hooks);
  return {
    fired: () => fired,
    revive: (): void => {
      for (const place of [c.store, c.replicaStore, c.table])
        Object.assign(place, { onRequest: undefined, onReply: undefined });
    },
  };
};

const c = fakeCollaborators(SMALL_STORE);
let reset: () => void;
let expected: Buffer;
const world = { files: FILES, isDead: (key: string) => key === "c" };
beforeAll(async () => {
  const other = fakeCollaborators(SMALL_STORE);
  await seal(other, world);
  expected = await make(other, "files_and_database", { limits: LIMITS });
  await seal(c, world);
  const [store, replica, table] = [c.store.save(), c.replicaStore.save(), c.table.save()];
  reset = () => {
    store();
    replica();
    table();
    c.clock.set("2026-12-05T01:00:00Z");
    c.workflows.started.length = 0;
    c.workflows.endAll = false;
    Object.assign(c, { remainingMs: () => 900_000 });
  };
});

describe.each<[string, When, boolean]>([
  ["before any request", "before", false],
  ["after any request", "after", false],
  ["before any request of a build that hands back after each part", "before", true],
])("a crash %s", (_name, when, handsBack) => {
  test("is made good by calling again", async () => {
    let points = 0;
    for (; points < 500; points++) {
      reset();
      let calls = 0;
      if (handsBack) Object.assign(c, { remainingMs: () => (calls++ % 2 === 0 ? 900_000 : 0) });
      const crash = crashAt(c, points, when);
      const survive = async (step: () => Promise<unknown>): Promise<void> => {
        try {
          await step();
        } catch (error) {
          if (!crash.fired()) throw error;
          crash.revive();
          await step();
        }
      };
      await survive(() => ask(c));
      await survive(() => begin(c));
      await survive(() => buildAll(c, { limits: LIMITS }));
      crash.revive();
      expect((await item(c)).state).toBe("completed");
      expect((await archiveBytes(c)).equals(expected)).toBe(true);
      // Between completing and unpinning the pin stays; it is stale once its execution has ended.
      await begin(c);
      expect((await c.catalog.listPins(SOURCE)).items).toEqual([]);
      c.clock.advance(25 * 3_600_000);
      c.workflows.endAll = true;
      Object.assign(c, { remainingMs: () => 900_000 });
      await sweepTransfer(c);
      expect(c.store.uploads(TRANSFER_BUCKET)).toEqual([]);
      expect(c.store.versions(TRANSFER_BUCKET)).toEqual([]);
      expect(await c.catalog.getArchive(ARCHIVE)).toBeUndefined();
      if (!crash.fired()) break;
    }
    expect(points).toBeGreaterThan(20);
  });
});

test.each<When>(["before", "after"])("a failed build ends as failed, with a crash %s any request", async (when) => {
  let points = 0;
  for (; points < 100; points++) {
    reset();
    await ask(c);
    await begin(c);
    // One part is stored, then the build is given up.
    let calls = 0;
    Object.assign(c, { remainingMs: () => (calls++ === 0 ? 900_000 : 0) });
    await build(c, { archiveId: ARCHIVE }, { limits: LIMITS });
    const crash = crashAt(c, points, when);
    const end = () =>
      archiveStep({ step: "fail", archiveId: ARCHIVE, executionArn: "e", error: { Error: "States.Timeout" } }, c);
    await end().catch(() => {
      crash.revive();
      return end();
    });
    crash.revive();
    expect(await item(c)).toMatchObject({
      state: "failed",
      statusMessage: "A step of the archive took longer than it may; see its execution's history.",
    });
    expect((await c.catalog.listPins(SOURCE)).items).toEqual([]);
    expect(c.store.uploads(TRANSFER_BUCKET).length).toBeLessThanOrEqual(when === "before" ? 1 : 0);
    if (!crash.fired()) break;
  }
  expect(points).toBeGreaterThan(3);
});
