/**
 * I3 and I5: the restore's steps are stopped at every request in turn, before its effect and after it (a lost reply).
 * Then either the step is called again and the target becomes as it should be, or the restore is undone and the target
 * is as it was, to the last version and upload.
 */
import type { RestoreInput } from "../../lambda/restore/contract";
import { FILES_BUCKET, fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import {
  call,
  callAll,
  item,
  putTarget,
  request,
  runPreflight,
  runRestore,
  runSwap,
  standing,
} from "./restore-fixture";
import { environment, sealSnapshot, SOURCE, TARGET } from "./snapshot-fixture";

class Crash extends Error {}
type When = "before" | "after";
type Step = RestoreInput["step"];

/** Stops the process at its `number`th request: nothing it asks for afterwards happens, until it is revived. */
const crashAt = (c: FakeCollaborators, number: number, when: When): { fired: () => boolean; revive: () => void } => {
  let requests = 0;
  let dead = false;
  let fired = false;
  const before = (): void => {
    if (dead || (requests++ === number && when === "before" && !fired)) fall();
  };
  const after = (): void => {
    if (when === "after" && requests > number && !fired) fall();
  };
  const fall = (): never => {
    dead = true;
    fired = true;
    throw new Crash();
  };
  for (const place of [c.store, c.replicaStore, c.table]) Object.assign(place, { onRequest: before, onReply: after });
  return { fired: () => fired, revive: () => (dead = false) };
};
const noCrash = (c: FakeCollaborators): void => {
  for (const place of [c.store, c.replicaStore, c.table])
    Object.assign(place, { onRequest: undefined, onReply: undefined });
};

const FILES = new Map([
  ["a", Buffer.from("A")],
  ["b/ü", Buffer.from("B")],
  ["c", Buffer.alloc(0)],
  ["d", Buffer.from("D")],
  ["e", Buffer.from("E")],
]);
const LARGE = new Map([...FILES, ["large", Buffer.alloc(17 * 1024 * 1024, "large")]]);
const OLD: [string, Buffer][] = [
  ["a", Buffer.from("A")],
  ["d", Buffer.from("overwritten since")],
  ["large", Buffer.alloc(1024, "encrypted")],
  ["old", Buffer.from("old")],
  ["other", Buffer.from("in neither")],
];
const VERSIONED = "test-versioned-files";

const start = async (files: ReadonlyMap<string, Buffer>, versioned = false): Promise<FakeCollaborators> => {
  const c = fakeCollaborators();
  await sealSnapshot(c, { files, linesPerPart: 3 });
  if (versioned) {
    c.store.createBucket(VERSIONED, { versioned: true });
    const { registration } = environment(TARGET);
    await c.catalog.updateEnvironment(TARGET, {
      registration: { ...registration, files: { ...registration.files, bucket: VERSIONED } },
    });
    for (const [key, body] of OLD) await c.store.put({ bucket: VERSIONED, key: `${TARGET}/${key}`, body });
  } else {
    await putTarget(c, OLD);
  }
  await request(c);
  return c;
};
/** Everything at the target, unfinished uploads too. */
const target = (c: FakeCollaborators, bucket = FILES_BUCKET): string =>
  JSON.stringify([
    c.store.versions(bucket).map(({ key, versionId, isDeleteMarker, etag }) => [key, versionId, isDeleteMarker, etag]),
    c.store.uploads(bucket),
  ]);
const letGo = async (c: FakeCollaborators): Promise<void> => {
  expect(await c.catalog.getLease(TARGET)).toBeUndefined();
  expect((await c.catalog.listPins(SOURCE)).items).toEqual([]);
};
/** Runs `work` with a crash at each request in turn, until it makes no more requests than that. */
const everywhere = async (work: (number: number) => Promise<boolean>): Promise<number> => {
  for (let number = 0; number < 1_000; number++) if (!(await work(number))) return number;
  throw new Error("It never ends.");
};

describe.each<When>(["before", "after"])("a crash %s any request", (when) => {
  test("is made good by calling the step again", async () => {
    const points = await everywhere(async (number) => {
      const c = await start(FILES);
      const crash = crashAt(c, number, when);
      const survive = async (step: Step): Promise<void> => {
        for (let tries = 0; ; tries++) {
          try {
            await callAll(c, step);
            return;
          } catch (error) {
            if (!(error instanceof Crash) || tries > 0) throw error;
            crash.revive();
          }
        }
      };
      const task = async (work: () => Promise<void>): Promise<void> => {
        noCrash(c);
        await work();
        Object.assign(c.store, hooks.store);
        Object.assign(c.replicaStore, hooks.replica);
        Object.assign(c.table, hooks.table);
      };
      const hooks = {
        store: { onRequest: c.store.onRequest, onReply: c.store.onReply },
        replica: { onRequest: c.replicaStore.onRequest, onReply: c.replicaStore.onReply },
        table: { onRequest: c.table.onRequest, onReply: c.table.onReply },
      };
      await survive("begin");
      await task(() => runPreflight(c));
      await survive("plan");
      await survive("files");
      await task(() =>
        runRestore(
          c,
          OLD.slice(0, 4).map(([key]) => key),
        ),
      );
      await survive("plan-removal");
      await task(() => runSwap(c));
      await survive("finish");
      noCrash(c);
      const expected = [...FILES, ["other", Buffer.from("in neither")] as const].toSorted(([a], [b]) =>
        a < b ? -1 : 1,
      );
      expect(standing(c)).toEqual(expected.map(([key, body]) => [key, body.toString("latin1"), false]));
      expect(c.store.uploads(FILES_BUCKET)).toEqual([]);
      expect(await item(c)).toMatchObject({ state: "completed", removal: { count: 2, done: true } });
      await letGo(c);
      return crash.fired();
    });
    expect(points).toBeGreaterThan(50);
  });

  test.each([false, true])(
    "of the files step is undone without a trace (bucket with versions: %s)",
    async (versioned) => {
      const points = await everywhere(async (number) => {
        const c = await start(LARGE, versioned);
        const bucket = versioned ? VERSIONED : FILES_BUCKET;
        const before = target(c, bucket);
        await call(c, "begin");
        await runPreflight(c);
        await callAll(c, "plan");
        const crash = crashAt(c, number, when);
        await callAll(c, "files").catch(() => undefined);
        noCrash(c);
        c.clock.advance(1000);
        // As often as not the step has been tried once more in between, and has crashed again.
        if (crash.fired() && number % 2 === 1) {
          crashAt(c, number, when);
          await callAll(c, "files").catch(() => undefined);
          noCrash(c);
        }
        expect((await callAll(c, "undo-files")).outcome).toBe("done");
        await call(c, "fail", { Error: "Crash" });
        expect(target(c, bucket)).toBe(before);
        expect(await item(c)).toMatchObject({ state: "failed" });
        await letGo(c);
        return crash.fired();
      });
      expect(points).toBeGreaterThan(25);
    },
    180_000,
  );

  test("of undoing and failing is made good by calling it again", async () => {
    const points = await everywhere(async (number) => {
      const c = await start(FILES, true);
      const before = target(c, VERSIONED);
      await call(c, "begin");
      await runPreflight(c);
      await callAll(c, "plan");
      await callAll(c, "files");
      expect(target(c, VERSIONED)).not.toBe(before);
      const crash = crashAt(c, number, when);
      for (const step of ["undo-files", "fail"] as const) {
        await callAll(c, step).catch((error: unknown) => {
          if (!(error instanceof Crash)) throw error;
          crash.revive();
          return callAll(c, step);
        });
      }
      noCrash(c);
      expect(target(c, VERSIONED)).toBe(before);
      expect(await item(c)).toMatchObject({ state: "failed" });
      expect(c.notifier.told.length).toBeGreaterThan(0);
      await letGo(c);
      return crash.fired();
    });
    expect(points).toBeGreaterThan(15);
  });
});
