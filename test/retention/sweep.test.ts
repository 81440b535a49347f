/** Retention's calendar: when an environment is looked at again, and how often somebody is told the same. */
import type { Execution } from "../../lambda/retention/execute";
import { nextSweep, sweepSoon, tellDisagreements } from "../../lambda/retention/sweep";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";

const NOW = "2026-12-05T00:00:00Z";
const at = (milliseconds: number): Date => new Date(Date.parse(NOW) + milliseconds);
const HOUR = 3_600_000;
const TOMORROW = "2026-12-06T00:00:00Z";

describe("the next look", () => {
  const due = (given: { nextLook?: Date; left?: readonly Date[]; refused?: readonly (readonly string[])[] } = {}) => {
    const left = (given.left ?? []).map((until) => ({ side: "primary" as const, key: "k", reason: "r", until }));
    const refused = (given.refused ?? []).map((after) => ({
      side: "primary" as const,
      key: "k",
      versionId: "v",
      bytes: 1,
      reason: "r",
      after,
      code: "AccessDenied",
    }));
    const execution: Execution = { deleted: 0, bytes: 0, refused, finished: true };
    const plan = { manifests: [], data: [], records: [], left } as unknown as Parameters<typeof nextSweep>[0]["plan"];
    const told = { at: NOW, reasons: ["r"] };
    const nextLook = given.nextLook ?? null;
    const sweep = nextSweep({ environmentId: "e", plan, execution, told, nextLook, now: new Date(NOW) });
    expect(sweep).toStrictEqual({ environmentId: "e", sweptAt: NOW, dueAt: sweep.dueAt, told });
    return sweep.dueAt;
  };
  it.each([
    ["a day later when nothing else is known", {}, TOMORROW],
    ["when somebody is to be told, up to the next second", { nextLook: at(HOUR + 1) }, "2026-12-05T01:00:01Z"],
    ["a day later when somebody is to be told after that", { nextLook: at(25 * HOUR) }, TOMORROW],
    ["when the first of what is left comes free", { left: [at(3 * HOUR), at(2 * HOUR)] }, "2026-12-05T02:00:00Z"],
    ["in the second after it comes free", { left: [at(2 * HOUR + 1)] }, "2026-12-05T02:00:01Z"],
    ["an hour later when a leftover was refused", { refused: [["one"], []] }, "2026-12-05T01:00:00Z"],
    ["a day later when a snapshot's own was refused", { refused: [["one"]] }, TOMORROW],
  ])("%s", (_, given, dueAt) => expect(due(given)).toBe(dueAt));
});

describe("a disagreement", () => {
  let world: FakeCollaborators;
  beforeEach(() => {
    world = fakeCollaborators({ now: new Date(NOW) });
  });
  const tell = (reasons: readonly string[], nextLook: Date | null = null, environmentId = "e") =>
    tellDisagreements(environmentId, reasons, nextLook, world);

  it("is told at once, and again after a day", async () => {
    await tell(["a", "b"]);
    const message = "Nothing of this environment's backups is deleted until this is mended:\na\nb";
    expect(world.notifier.told).toStrictEqual([{ subject: "Backups of e: expiry has stopped", message }]);
    expect(await world.catalog.getSweep("e")).toMatchObject({
      sweptAt: null,
      dueAt: TOMORROW,
      told: { at: NOW, reasons: ["a", "b"] },
    });
    world.clock.advance(24 * HOUR - 1000);
    await tell(["a", "b"]);
    expect(world.notifier.told).toHaveLength(1);
    expect(await world.catalog.getSweep("e")).toMatchObject({ told: { at: NOW } });
    world.clock.advance(1000);
    await tell(["a", "b"]);
    expect(world.notifier.told).toHaveLength(2);
  });
  it("is told at once when its reasons change", async () => {
    await tell(["a"]);
    await tell(["b"]);
    expect(world.notifier.told).toHaveLength(2);
  });
  it("is told when a sweep before it found nothing, which stays known", async () => {
    await world.catalog.putSweep({ environmentId: "e", sweptAt: "2026-12-04T00:00:00Z", dueAt: NOW, told: null });
    await tell(["a"], at(HOUR));
    expect(world.notifier.told).toHaveLength(1);
    expect(await world.catalog.getSweep("e")).toMatchObject({
      sweptAt: "2026-12-04T00:00:00Z",
      dueAt: "2026-12-05T01:00:00Z",
    });
  });
  it("of many reasons names twenty, in a subject that is not too long", async () => {
    const reasons = Array.from({ length: 21 }, (_, number) => `reason ${number}`);
    await tell(reasons.slice(0, 20));
    await tell(reasons, null, "e".repeat(200));
    const [twenty, more] = world.notifier.told.map(({ message }) => message.split("\n").slice(1));
    expect(twenty).toStrictEqual(reasons.slice(0, 20));
    expect(more).toStrictEqual([...reasons.slice(0, 20), "… and 1 more."]);
    expect(world.notifier.told[1]?.subject).toBe(`Backups of ${"e".repeat(89)}`);
    expect(await world.catalog.getSweep("e".repeat(200))).toMatchObject({ told: { reasons: reasons.slice(0, 20) } });
  });
  it("stays told, and what was swept known, when the next run is to look", async () => {
    await sweepSoon("e", world);
    expect(await world.catalog.getSweep("e")).toMatchObject({ sweptAt: null, dueAt: NOW, told: null });
    const sweep = { environmentId: "e", sweptAt: "2026-12-04T00:00:00Z", told: { at: NOW, reasons: ["a"] } };
    await world.catalog.putSweep({ ...sweep, dueAt: TOMORROW });
    await sweepSoon("e", world);
    expect(await world.catalog.getSweep("e")).toMatchObject({ ...sweep, dueAt: NOW });
  });
});
