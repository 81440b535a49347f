/** A restore that is only planned: what it says, and that it touches nothing and holds nothing but its pin. */
import { resumeRestores } from "../../lambda/retention/resume-restores";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { call, callAll, EXECUTION, item, planned, request, RESTORE, runPreflight, standing } from "./restore-fixture";
import { sealSnapshot, SOURCE, TARGET, type SnapshotOptions } from "./snapshot-fixture";

const files = new Map([
  ["a", Buffer.from("A")],
  ["b", Buffer.from("B")],
]);
const sealed = async (options: Partial<SnapshotOptions> = {}): Promise<FakeCollaborators> => {
  const c = fakeCollaborators({ now: new Date("2026-12-06T00:00:00Z") });
  await sealSnapshot(c, { files, ...options });
  return c;
};
const PLAN = { planOnly: true } as const;
const pins = async (c: FakeCollaborators) => (await c.catalog.listPins(SOURCE)).items;

test("says what would happen, and leaves the target and its lease alone", async () => {
  const c = await sealed();
  expect(await planned(c, PLAN)).toMatchObject({ outcome: "planned" });
  expect(await c.catalog.getLease(TARGET)).toBeUndefined();
  expect(await pins(c)).toMatchObject([{ holder: RESTORE }]);
  expect(await call(c, "finish")).toMatchObject({ outcome: "done" });
  expect(await item(c)).toMatchObject({
    planOnly: true,
    state: "completed",
    phase: "planned",
    statusMessage: "The restore can go ahead; it takes about 3 minutes.",
    finishedAt: "2026-12-06T00:00:00Z",
    leaseToken: null,
    plan: { refusals: [], warnings: [], filesToPut: 2, bytesToPut: 2, databaseBytesNeeded: 10_400_000 },
  });
  expect(await pins(c)).toEqual([]);
  expect(standing(c)).toEqual([]);
  expect(c.notifier.told).toEqual([]);
});

test("a refusal is the plan's result, not its failure: a running target is told so", async () => {
  const c = await sealed();
  await c.catalog.updateEnvironment(TARGET, { running: true });
  expect(await planned(c, PLAN)).toMatchObject({ outcome: "planned" });
  await call(c, "finish");
  expect(await item(c)).toMatchObject({
    state: "completed",
    phase: "planned",
    plan: { refusals: [{ code: "TargetRunning" }] },
    statusMessage: `The restore can't go ahead. The app of environment ${TARGET} is running: stop it, then restore.`,
  });
});

test("warnings are listed, and named only as long as they are not acknowledged", async () => {
  const warned = { manifest: { modelVersion: "1.0.0" }, missing: ["gone"] };
  const sentenceOf = async (acknowledged: readonly string[]): Promise<string> => {
    const c = await sealed(warned);
    await planned(c, { ...PLAN, acknowledged });
    await call(c, "finish");
    expect((await item(c)).plan?.warnings.map(({ code }) => code)).toEqual(["ModelVersionOlder", "FilesMissing"]);
    return (await item(c)).statusMessage;
  };
  expect(await sentenceOf(["ModelVersionOlder"])).toMatch(
    /^The restore can go ahead once these warnings are acknowledged; it takes about 3 minutes\. 1 file that /,
  );
  expect(await sentenceOf(["*"])).toBe("The restore can go ahead; it takes about 3 minutes.");
});

test("a restore takes the acknowledgement of everything", async () => {
  const c = await sealed({ manifest: { modelVersion: "1.0.0" }, missing: ["gone"] });
  expect((await planned(c, { acknowledged: ["*"] })).outcome).toBe("go");
});

test("neither waits for another operation nor disturbs it", async () => {
  const c = await sealed();
  const other = { environmentId: TARGET, executionArn: "backup-1", purpose: "backup", token: "t" } as const;
  const lease = { ...other, takenAt: "", taskArn: null };
  await c.catalog.acquireLease(lease);
  expect(await planned(c, PLAN)).toMatchObject({ outcome: "planned" });
  await call(c, "finish");
  expect(await c.catalog.getLease(TARGET)).toEqual(lease);
});

test("every step can be repeated, and comparing goes on where it stopped", async () => {
  const c = await sealed();
  await request(c, PLAN);
  const begun = await call(c, "begin");
  expect(begun).toMatchObject({ outcome: "begun", network: { subnets: ["subnet-1"] }, resumed: false });
  await runPreflight(c);
  c.remaining = 0;
  expect((await call(c, "plan")).outcome).toBe("more");
  const compared = (await item(c)).comparison;
  expect(compared).toMatchObject({ absent: 1, done: false });
  expect(await call(c, "begin")).toEqual(begun);
  expect((await item(c)).comparison).toEqual(compared);
  c.remaining = 900_000;
  expect((await callAll(c, "plan")).outcome).toBe("planned");
  await call(c, "finish");
  const result = await item(c);
  expect(result.plan).toMatchObject({ filesToPut: 2 });
  for (const step of ["plan", "finish"] as const) await call(c, step);
  expect(await call(c, "begin")).toMatchObject({ outcome: "skip" });
  expect(await item(c)).toEqual(result);
});

test("one that can't be made fails with its reason, gives its pin back and alarms nobody", async () => {
  const c = await sealed();
  await request(c, PLAN);
  await call(c, "begin");
  await c.catalog.updateRestore(RESTORE, { failure: { name: "DatabaseUnreachable", message: "It does not answer." } });
  await call(c, "fail", { Error: "States.TaskFailed" });
  expect(await item(c)).toMatchObject({ state: "failed", statusMessage: "It does not answer." });
  expect(await pins(c)).toEqual([]);
  expect(c.notifier.told).toEqual([]);
});

test("is no restore: it has an id of its own kind, is in no list of restores, and a restore may follow", async () => {
  const c = await sealed();
  const plan = await request(c, { ...PLAN, restoreId: undefined as unknown as string });
  expect(plan.restoreId).toMatch(/^plan-[0-9a-f]{32}$/);
  expect((await c.catalog.listRestores(TARGET)).items).toEqual([]);
  await request(c);
  expect((await c.catalog.listRestores(TARGET)).items.map(({ restoreId }) => restoreId)).toEqual([RESTORE]);
});

test("I5: one whose execution has ended is ended, not begun again", async () => {
  const c = await sealed();
  await request(c, PLAN);
  await call(c, "begin");
  expect(await resumeRestores(c)).toEqual([]);
  expect((await item(c)).state).toBe("running");
  c.workflows.ended.add(EXECUTION);
  c.workflows.endAll = true;
  const started = c.workflows.started.length;
  expect(await resumeRestores(c)).toEqual([]);
  expect(c.workflows.started).toHaveLength(started);
  expect(await item(c)).toMatchObject({
    state: "failed",
    statusMessage: "The planning of the restore broke off; ask for the plan again.",
  });
  expect(await pins(c)).toEqual([]);
  expect((await c.catalog.listOpenRestores()).items).toEqual([]);
});
