/** Which last snapshot is told of, and what is noted; when recovery points are let go. */
import { releasePoints } from "../../lambda/retention/release-points";
import { countExpiring, lookAtLast, warnOfLast } from "../../lambda/retention/warn-last";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { item, PLACE } from "./evidence-of";

const { environmentId } = PLACE;
const NOW = "2026-12-20T00:00:00Z";
const inDays = (days: number): string => `${new Date(Date.parse(NOW) + days * 86_400_000).toISOString().slice(0, 19)}Z`;

let world: FakeCollaborators;
beforeEach(() => {
  world = fakeCollaborators({ now: new Date(NOW) });
});
const told = () => world.notifier.told.length;
const ofDays = (days: number, change: Parameters<typeof item>[1] = {}, snapshotId = "one") =>
  world.catalog.createSnapshot(item(snapshotId, { expiresAt: inDays(days), ...change }));
const noted = () => world.catalog.getLastWarning(environmentId);
const NOTE = { environmentId, snapshotId: "one", expiresAt: inDays(1.5), lead: 2, toldAt: NOW };

describe("a look", () => {
  it("finds nothing where nothing is left, and notes nothing", async () => {
    expect(await lookAtLast(environmentId, world)).toBeNull();
    expect(world.table.requests.some(({ operation }) => operation === "delete")).toBe(false);
    expect(told()).toBe(0);
  });
  it("finds when the next lead comes; none comes after the last", async () => {
    await ofDays(5);
    expect(await lookAtLast(environmentId, world)).toStrictEqual(new Date(inDays(3)));
    world.clock.set(inDays(4.5));
    expect(await lookAtLast(environmentId, world)).toBeNull();
  });
  it("passes over what is not offered any more", async () => {
    await ofDays(1.5);
    await ofDays(10, { deleting: true, createdAt: "2026-12-19T00:00:00Z" }, "two");
    expect(await warnOfLast(environmentId, world)).toMatchObject({ snapshotId: "one", lead: 2 });
  });
  it("takes the note away when nobody is to be told any more", async () => {
    await world.catalog.putLastWarning(NOTE);
    await ofDays(10);
    await warnOfLast(environmentId, world);
    expect(await noted()).toBeUndefined();
    await world.catalog.putLastWarning(NOTE);
    await world.catalog.deleteSnapshot(environmentId, "one");
    expect(await warnOfLast(environmentId, world)).toBeUndefined();
    expect(await noted()).toBeUndefined();
  });
  it("that fails is said, and made again at once", async () => {
    world.catalog.getLastWarning = async () => Promise.reject(new Error("The table is away."));
    expect(await lookAtLast(environmentId, world)).toStrictEqual(new Date(NOW));
    const notAnError: unknown = "away";
    world.catalog.getLastWarning = async () => Promise.reject(notAnError);
    await lookAtLast(environmentId, world);
    expect(world.log.lines.map(({ details }) => details)).toStrictEqual([
      { environmentId, cause: "The table is away." },
      { environmentId, cause: "away" },
    ]);
  });
});

describe("what was told", () => {
  it.each([
    ["the same", {}, 0],
    ["a later lead", { lead: 1 }, 0],
    ["an earlier lead", { lead: 7 }, 1],
    ["another snapshot", { snapshotId: "two" }, 1],
    ["another expiry", { expiresAt: inDays(1) }, 1],
  ])("of %s", async (_, change, times) => {
    await ofDays(1.5);
    await world.catalog.putLastWarning({ ...NOTE, toldAt: "2026-12-19T00:00:00Z", ...change });
    await warnOfLast(environmentId, world);
    expect(told()).toBe(times);
    if (times === 1) expect(await noted()).toMatchObject(NOTE);
  });
  it("says why, and is published", async () => {
    await ofDays(1.5);
    await warnOfLast(environmentId, world);
    expect(world.notifier.told[0]?.message).toContain(`expires on ${inDays(1.5)} and no newer one exists`);
    const detail = { environmentId, snapshotId: "one", state: "expiring", expiresAt: inDays(1.5) };
    expect(world.events.published).toStrictEqual([{ type: "Snapshot State Change", detail }]);
  });
  it("has a subject that is not too long", async () => {
    const long = "e".repeat(120);
    await ofDays(1.5, { environmentId: long });
    await warnOfLast(long, world);
    expect(world.notifier.told[0]?.subject).toBe(`Last snapshot of ${"e".repeat(83)}`);
  });
});

test("those are counted whose last snapshot still expires soon", async () => {
  for (const one of ["a", "b", "c", "d"]) await world.catalog.putLastWarning({ ...NOTE, environmentId: one });
  await ofDays(1.5, { environmentId: "a" });
  await ofDays(1.5, { environmentId: "b" });
  await ofDays(10, { environmentId: "c" });
  await countExpiring(world);
  expect(world.metrics.valuesOf("LastSnapshotExpiring")).toStrictEqual([2]);
});

describe("recovery points", () => {
  const DAY = 86_400_000;
  const release = async (later: number, outcome: "gone" | "busy") => {
    const recoveryPoint = { vault: "v", arn: "point", copyVault: null, copyArn: null, deleteAt: NOW };
    world.clock.set(new Date(Date.parse(NOW) + later));
    const recoveryPoints = { ...world.recoveryPoints, delete: async () => ({ outcome }) };
    const items = [item("one", { recoveryPoint }), item("two")];
    return releasePoints(items, ["one", "two", "three"], { ...world, recoveryPoints });
  };
  const BUSY = "The recovery point point in eu-central-1 stays for now: AWS Backup is at work on it.";
  it("are not asked for before their lock ends", async () =>
    expect(await release(-1, "gone")).toStrictEqual({
      gone: ["two", "three"],
      waiting: [`The recovery points of snapshot one are locked until ${NOW}.`],
      stuck: [],
    }));
  it("go with their lock", async () =>
    expect(await release(0, "gone")).toStrictEqual({ gone: ["one", "two", "three"], waiting: [], stuck: [] }));
  it("may stay for a day", async () => {
    expect(await release(DAY - 1, "busy")).toStrictEqual({ gone: ["two", "three"], waiting: [BUSY], stuck: [] });
    expect(await release(DAY, "busy")).toStrictEqual({ gone: ["two", "three"], waiting: [], stuck: [BUSY] });
  });
});
