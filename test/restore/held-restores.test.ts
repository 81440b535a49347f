/** What becomes of a restore whose plan warns: it goes ahead, or waits for a person's word; it never fails for that. */
import type { RestoreItem } from "../../lambda/catalog/items";
import { Tally } from "../../lambda/gauges/tally";
import { restoredSentence } from "../../lambda/restore/finish";
import { resumeRestores } from "../../lambda/retention/resume-restores";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { call, item, planned, RESTORE, standing } from "./restore-fixture";
import { sealSnapshot, SOURCE, TARGET } from "./snapshot-fixture";

const files = new Map([
  ["a", Buffer.from("A")],
  ["b", Buffer.from("B")],
]);
const withWarnings = async (): Promise<FakeCollaborators> => {
  const c = fakeCollaborators({ now: new Date("2026-12-06T00:00:00Z"), tells: true });
  await sealSnapshot(c, { files, manifest: { modelVersion: "1.0.0" }, missing: ["gone"] });
  return c;
};

describe("a plan's warnings", () => {
  it.each([[[]], [["ModelVersionOlder"]]])(
    "are waited for where %j is named: nothing failed, nothing is held, nobody is told",
    async (acknowledged: readonly string[]) => {
      const c = await withWarnings();
      expect(await planned(c, { acknowledged })).toMatchObject({ outcome: "planned" });
      // The workflow goes on to its last step, and each may be repeated.
      expect(await call(c, "finish")).toMatchObject({ outcome: "done" });
      expect(await call(c, "plan")).toMatchObject({ outcome: "planned" });
      expect(await call(c, "begin")).toMatchObject({ outcome: "skip" });
      expect(await call(c, "fail", { Error: "States.Timeout" })).toMatchObject({ outcome: "skip" });
      expect(await item(c)).toMatchObject({
        state: "queued",
        phase: "acknowledgement",
        finishedAt: null,
        leaseToken: null,
        statusMessage: expect.stringMatching(/^Nothing was touched: .* acknowledge=ModelVersionOlder,FilesMissing\.$/),
        plan: { warnings: [{ code: "ModelVersionOlder" }, { code: "FilesMissing" }] },
      });
      expect(await c.catalog.getLease(TARGET)).toBeUndefined();
      expect((await c.catalog.listPins(SOURCE)).items).toEqual([]);
      expect(c.notifier.told).toEqual([]);
      expect(standing(c)).toEqual([]);
    },
  );

  it("are no failed restore to those who hear of events, nor to the gauges, and nobody starts it again", async () => {
    const c = await withWarnings();
    await planned(c);
    const { statusMessage } = await item(c);
    const told = c.events.published.filter(({ type }) => type === "Restore State Change");
    expect(told.map(({ detail }) => detail)).toMatchObject([
      { state: "queued" },
      { state: "running" },
      { state: "waiting", reason: statusMessage },
    ]);
    const tally = new Tally(c.clock.now(), { region: "eu-central-1", startUtc: "00:00", durationMinutes: 180 });
    tally.restore(await item(c));
    expect(tally.gauges()).toMatchObject({ queued: 0, longestQueuedSeconds: 0 });
    c.workflows.endAll = true;
    expect(await resumeRestores(c)).toEqual([]);
    c.clock.advance(24 * 3_600_000);
    expect(await resumeRestores(c)).toEqual([]);
    expect(await c.catalog.getRestore(RESTORE)).toBeUndefined();
    expect((await c.catalog.listRestores(TARGET)).items).toEqual([]);
  });

  it.each([
    ["all are named", { acknowledged: ["ModelVersionOlder", "FilesMissing"] }, ""],
    ["all are meant", { acknowledged: ["*"] }, ""],
    ["nobody has said a word", { overWarnings: true }, "Warnings that nobody acknowledged: ModelVersionOlder"],
  ])("let a restore through where %s", async (_, asked, said) => {
    const c = await withWarnings();
    expect((await planned(c, asked)).outcome).toBe("go");
    const { state, phase, statusMessage } = await item(c);
    expect({ state, phase }).toEqual({ state: "running", phase: "files" });
    expect(statusMessage.slice(0, said.length || undefined)).toBe(said);
    const database = { swappedAt: "2026-12-06T00:00:00Z" } as RestoreItem["database"];
    expect(restoredSentence({ ...(await item(c)), database }).includes("Warnings that nobody acknowledged")).toBe(
      said !== "",
    );
  });

  it("never let one through that is refused", async () => {
    const c = await withWarnings();
    await c.catalog.updateEnvironment(TARGET, { running: true });
    expect((await planned(c, { overWarnings: true })).outcome).toBe("refused");
  });
});
