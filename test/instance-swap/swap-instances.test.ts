/**
 * Two renames, through the real client on RDS's double: whatever is lost, stopped or changed from outside, the name
 * stands for the old instance, for the new one, or for none only until the next call.
 */
import type { InstanceOutput } from "../../lambda/instance-swap/contract";
import { nextOfSwap, type Seen, type Shown } from "../../lambda/instance-swap/swap-rules";
import { item, RESTORE } from "../restore/restore-fixture";
import { doubleInstance } from "../support/rds/rds-double";
import {
  BESIDE,
  idUnder,
  INSTANCE,
  OLD_ID,
  play,
  REPLACED,
  sent,
  sideBySide,
  step,
  swapOf,
  world,
  type World,
} from "./swap-fixture";

const ready = async (): Promise<World & { readonly newId: string }> => {
  const w = await world();
  await sideBySide(w);
  return { ...w, newId: idUnder(w, BESIDE) ?? "none" };
};
const renames = (w: World): readonly string[] =>
  sent(w, "ModifyDBInstance").flatMap(({ DBInstanceIdentifier, NewDBInstanceIdentifier }) =>
    NewDBInstanceIdentifier === undefined ? [] : [`${DBInstanceIdentifier} → ${NewDBInstanceIdentifier}`],
  );
/** Minute by minute until the first rename is through and nothing has the name. */
const betweenTheRenames = async (w: World): Promise<void> => {
  for (let minutes = 0; minutes < 30; minutes++) {
    await step(w, "swap");
    w.c.clock.advance(60_000);
    if (idUnder(w, INSTANCE) === undefined && idUnder(w, REPLACED) === OLD_ID) return;
  }
  throw new Error("The first rename does not come through.");
};
const expectSwapped = async (w: World & { newId: string }, output: InstanceOutput): Promise<void> => {
  expect(output).toMatchObject({ outcome: "done" });
  expect(idUnder(w, INSTANCE)).toBe(w.newId);
  expect(idUnder(w, REPLACED)).toBe(OLD_ID);
  expect(await item(w.c)).toMatchObject({ database: { swappedAt: expect.any(String) as string }, phase: "settle" });
};

test("the old instance gives its name up, the new one takes it and gets its protection; both at once, each after a look", async () => {
  const w = await ready();
  await expectSwapped(w, await play(w, "swap"));
  expect(renames(w)).toEqual([`${INSTANCE} → ${REPLACED}`, `${BESIDE} → ${INSTANCE}`]);
  expect(sent(w, "ModifyDBInstance").every(({ ApplyImmediately }) => ApplyImmediately === "true")).toBe(true);
  expect(w.c.rds.named(INSTANCE)).toMatchObject({ deletionProtection: true, resourceId: w.newId });
  expect(w.c.rds.instances.get(OLD_ID)).toMatchObject({ deletionProtection: true });
  // Once more after the end: nothing.
  expect(await step(w, "swap")).toMatchObject({ outcome: "done" });
  expect(renames(w)).toHaveLength(2);
});

test("who it will be is recorded before the first rename is asked for", async () => {
  const w = await ready();
  w.c.rds.onRequest = (action) => {
    if (action === "ModifyDBInstance") throw new Error("stopped here");
  };
  // First the old one is marked.
  await step(w, "swap");
  await step(w, "swap").catch(() => undefined);
  w.c.rds.onRequest = undefined;
  expect(await swapOf(w)).toMatchObject({
    oldResourceId: OLD_ID,
    newResourceId: w.newId,
    renamingSince: expect.any(String) as string,
  });
  expect(idUnder(w, INSTANCE)).toBe(OLD_ID);
});

test.each([1, 2])("the reply of rename %s is lost: the next look knows", async (which) => {
  const w = await ready();
  if (which === 2) await betweenTheRenames(w);
  // The client asks again by itself, and is told that the state or the name does not admit it.
  w.c.rds.faults.push({ action: "ModifyDBInstance", code: null });
  await expectSwapped(w, await play(w, "swap"));
});

test("every call while a rename is under way only waits", async () => {
  const w = await ready();
  for (let calls = 0; calls < 200; calls++) {
    await step(w, "swap");
    w.c.clock.advance(5_000);
  }
  await expectSwapped(w, await play(w, "swap"));
  expect(renames(w)).toHaveLength(2);
});

test("maintenance of either instance is waited for", async () => {
  const w = await ready();
  const old = w.c.rds.instances.get(OLD_ID);
  if (old === undefined) throw new Error("none");
  old.stuckAs = "maintenance";
  expect(await step(w, "swap")).toEqual({ outcome: "more", message: "the old instance is maintenance" });
  old.stuckAs = undefined;
  await betweenTheRenames(w);
  const fresh = w.c.rds.instances.get(w.newId);
  if (fresh === undefined) throw new Error("none");
  fresh.stuckAs = "maintenance";
  expect(await step(w, "swap")).toEqual({ outcome: "more", message: "the new instance is maintenance" });
  fresh.stuckAs = undefined;
  await expectSwapped(w, await play(w, "swap"));
});

test("throttled or refused between the renames: thrown for the workflow to try again, and then it goes on", async () => {
  const w = await ready();
  await betweenTheRenames(w);
  w.c.clock.advance(10 * 60_000);
  w.c.rds.faults.push({ action: "ModifyDBInstance", code: "Throttling", times: 5 });
  await expect(step(w, "swap")).rejects.toMatchObject({ code: "InstancesUnavailable", retryable: true });
  w.c.rds.faults.push({ action: "ModifyDBInstance", code: "AccessDenied" });
  await expect(step(w, "swap")).rejects.toMatchObject({ code: "InstancesRefused" });
  await expectSwapped(w, await play(w, "swap"));
}, 30_000);

test("before the first rename an old instance that was stopped, or a new one that is lost, gives up; undo takes it back", async () => {
  for (const spoil of [
    (w: World) => Object.assign(w.c.rds.instances.get(OLD_ID) ?? {}, { stuckAs: "stopped" }),
    (w: World) => Object.assign(w.c.rds.named(BESIDE) ?? {}, { stuckAs: "failed" }),
  ]) {
    const w = await ready();
    spoil(w);
    await expect(play(w, "swap")).rejects.toMatchObject({ code: "InstanceNotSwapped" });
    expect(await play(w, "undo")).toMatchObject({ outcome: "done" });
    w.c.clock.advance(10 * 60_000);
    expect(w.c.rds.names()).toEqual([INSTANCE, "shop-production-db"]);
    expect(idUnder(w, INSTANCE)).toBe(OLD_ID);
    expect(renames(w)).toEqual([]);
  }
});

test("between the renames the new instance breaks: the old one takes its name back, and undo removes the new one", async () => {
  const w = await ready();
  await betweenTheRenames(w);
  w.c.clock.advance(10 * 60_000);
  Object.assign(w.c.rds.named(BESIDE) ?? {}, { stuckAs: "storage-full" });
  await expect(play(w, "swap")).rejects.toMatchObject({ code: "InstanceNotSwapped" });
  expect(idUnder(w, INSTANCE)).toBe(OLD_ID);
  Object.assign(w.c.rds.named(BESIDE) ?? {}, { stuckAs: undefined });
  expect(await play(w, "undo")).toMatchObject({ outcome: "done" });
  w.c.clock.advance(10 * 60_000);
  expect(w.c.rds.names()).toEqual([INSTANCE, "shop-production-db"]);
});

test("between the renames the new instance is deleted: the old one comes back once it has been gone for long enough", async () => {
  const w = await ready();
  await betweenTheRenames(w);
  w.c.clock.advance(10 * 60_000);
  w.c.rds.instances.delete(w.newId);
  expect(await step(w, "swap")).toEqual({ outcome: "more", message: "the new instance is not seen" });
  expect(await play(w, "undo")).toMatchObject({ outcome: "done" });
  expect(idUnder(w, INSTANCE)).toBe(OLD_ID);
});

test("undo between the renames goes forward, and someone is told once", async () => {
  const w = await ready();
  await betweenTheRenames(w);
  w.c.clock.advance(10 * 60_000);
  expect(await play(w, "undo")).toMatchObject({ outcome: "forward" });
  expect(await play(w, "undo")).toMatchObject({ outcome: "forward" });
  expect(w.c.notifier.told).toHaveLength(1);
  expect(w.c.notifier.told[0]?.message).toMatch(
    /interrupted after the first of its two renames .* runbook's article instance-swap/,
  );
  await expectSwapped(w, await play(w, "swap"));
  expect(await step(w, "undo")).toMatchObject({ outcome: "forward" });
});

test("undo after a rename that was recorded and never came: nothing has moved, and the new instance goes", async () => {
  const w = await ready();
  await w.c.catalog.updateRestore(RESTORE, {
    instances: { ...(await swapOf(w)), renamingSince: "2026-12-06T09:00:00Z" },
  });
  expect(await play(w, "undo")).toMatchObject({ outcome: "done" });
  w.c.clock.advance(10 * 60_000);
  expect(w.c.rds.names()).toEqual([INSTANCE, "shop-production-db"]);
});

test("undo while the first rename is still coming waits for it, and then goes forward", async () => {
  const w = await ready();
  await step(w, "swap");
  await step(w, "swap");
  expect(renames(w)).toHaveLength(1);
  expect(await step(w, "undo")).toMatchObject({ outcome: "more" });
  expect(await play(w, "undo")).toMatchObject({ outcome: "forward" });
  expect(sent(w, "DeleteDBInstance")).toEqual([]);
  await expectSwapped(w, await play(w, "swap"));
});

test("a stranger under the name: nothing is touched, and the runbook is named", async () => {
  const w = await ready();
  await betweenTheRenames(w);
  w.c.clock.advance(10 * 60_000);
  w.c.rds.add(doubleInstance(INSTANCE, { resourceId: "db-STRANGER" }));
  await expect(step(w, "swap")).rejects.toMatchObject({
    code: "InstanceReplaced",
    message: expect.stringContaining("See the runbook's article instance-swap") as string,
  });
  await expect(step(w, "undo")).rejects.toMatchObject({ code: "InstanceReplaced" });
  expect(idUnder(w, INSTANCE)).toBe("db-STRANGER");
  expect(idUnder(w, REPLACED)).toBe(OLD_ID);
});

test("a twin that goes on after undoing has begun starts no rename", async () => {
  const w = await ready();
  await step(w, "undo");
  await expect(step(w, "swap")).rejects.toMatchObject({
    code: expect.stringMatching(/RestoreEnded|InstanceNotSwapped/) as string,
  });
  expect(renames(w)).toEqual([]);
});

describe("the old instance", () => {
  const settled = async (): Promise<World & { newId: string }> => {
    const w = await ready();
    await play(w, "swap");
    return w;
  };

  test("is deleted last, its protection lifted on purpose, with its automated backups kept", async () => {
    const w = await settled();
    expect(await play(w, "delete-replaced")).toMatchObject({ outcome: "done" });
    expect(sent(w, "DeleteDBInstance")).toMatchObject([
      { DBInstanceIdentifier: REPLACED, SkipFinalSnapshot: "true", DeleteAutomatedBackups: "false" },
    ]);
    w.c.clock.advance(10 * 60_000);
    expect(w.c.rds.names()).toEqual([INSTANCE, "shop-production-db"]);
    expect(w.c.rds.named(INSTANCE)).toMatchObject({ resourceId: w.newId, deletionProtection: true });
    expect((await item(w.c)).database?.oldDropped).toBe(true);
    expect(await step(w, "delete-replaced")).toMatchObject({ outcome: "done" });
  });

  test("is kept when the name no longer stands for the new one", async () => {
    const w = await settled();
    w.c.rds.instances.delete(w.newId);
    await expect(step(w, "delete-replaced")).rejects.toMatchObject({ code: "InstanceReplaced" });
    expect(idUnder(w, REPLACED)).toBe(OLD_ID);
  });

  test("is never taken for another one of its name", async () => {
    const w = await settled();
    w.c.rds.instances.delete(OLD_ID);
    w.c.rds.add(doubleInstance(REPLACED, { resourceId: "db-STRANGER", deletionProtection: false }));
    expect(await step(w, "delete-replaced")).toMatchObject({ outcome: "done" });
    expect(idUnder(w, REPLACED)).toBe("db-STRANGER");
  });
});

describe("what comes next, from what is shown", () => {
  const seen = (resourceId: string, status = "available", pendingName: string | null = null): Seen => ({
    resourceId,
    status,
    pendingName,
  });
  const [old, fresh] = [seen("old"), seen("new")];
  test.each<[string, Shown, boolean, string]>([
    ["side by side", { live: old, beside: fresh }, false, "rename-old"],
    ["the first rename is pending", { live: seen("old", "available", "x"), beside: fresh }, false, "wait"],
    ["the first rename is under way", { live: seen("old", "renaming"), beside: fresh }, false, "wait"],
    [
      "the old one restarts under its new name",
      { replaced: seen("old", "rebooting"), beside: fresh },
      false,
      "rename-new",
    ],
    ["neither is under the name for a moment", { beside: fresh }, false, "rename-new"],
    ["the second rename is under way", { replaced: old, beside: seen("new", "renaming") }, false, "wait"],
    ["out of sight for a moment", { replaced: old }, false, "wait"],
    ["gone", { replaced: old }, true, "rename-back"],
    ["gone while the old one restarts", { replaced: seen("old", "rebooting") }, true, "wait"],
    ["broken between the renames", { replaced: old, beside: seen("new", "failed") }, false, "rename-back"],
    ["gone before the first rename", { live: old }, true, "give-up"],
    [
      "the old one out of order before the first rename",
      { live: seen("old", "storage-full"), beside: fresh },
      false,
      "give-up",
    ],
    ["the new one restarts under the name", { live: seen("new", "rebooting"), replaced: old }, false, "wait"],
    ["swapped", { live: fresh, replaced: old }, false, "swapped"],
    ["swapped, the old one gone", { live: fresh }, false, "swapped"],
    ["a stranger", { live: seen("other"), replaced: old, beside: fresh }, false, "stranger"],
    ["nothing at all", {}, true, "stranger"],
  ])("%s", (_, shown, newIsGone, expected) => {
    expect(nextOfSwap(shown, { oldResourceId: "old", newResourceId: "new", newIsGone }).step).toBe(expected);
  });
});
