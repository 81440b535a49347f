/** A restore whose execution was stopped from outside is begun again by another execution, under a new lease. */
import { restoreStep } from "../../lambda/restore/restore.handler";
import { FILES_BUCKET, fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import {
  call,
  callAll,
  EXECUTION,
  item,
  planned,
  putTarget,
  RESTORE,
  runPreflight,
  runRestore,
  runSwap,
  standing,
} from "./restore-fixture";
import { sealSnapshot, SOURCE, TARGET } from "./snapshot-fixture";
import { asStanding, smallFiles, text } from "./test-files";

const SECOND = `${EXECUTION}-1`;
const beginAgain = (c: FakeCollaborators): ReturnType<typeof restoreStep> => {
  c.workflows.ended.add(EXECUTION);
  return restoreStep({ step: "begin", restoreId: RESTORE, executionArn: SECOND }, c);
};
const files = smallFiles(2_500);
/** Stopped among its files: two batches of 1,000 are recorded and counted, the third one is not. */
const stopped = async (): Promise<FakeCollaborators> => {
  const c = fakeCollaborators();
  await sealSnapshot(c, { files });
  await putTarget(c, [["mine", text("mine")]]);
  await planned(c);
  let puts = 0;
  c.store.onRequest = (operation, { bucket }) => {
    if (operation === "put" && bucket === FILES_BUCKET && ++puts > 2_200) throw new Error("stopped");
  };
  await expect(callAll(c, "files")).rejects.toThrow("stopped");
  c.store.onRequest = undefined;
  expect((await item(c)).files.after).not.toBeNull();
  return c;
};

test("goes on past the snapshot's expiry, and ends with every file", async () => {
  const c = await stopped();
  c.clock.set("2027-01-01T00:00:00Z");
  expect(await beginAgain(c)).toMatchObject({ outcome: "begun", resumed: false });
  expect(await c.catalog.getLease(TARGET)).toMatchObject({ executionArn: SECOND });
  await runPreflight(c);
  expect((await callAll(c, "plan")).outcome).toBe("go");
  await callAll(c, "files");
  expect(standing(c)).toEqual(asStanding([...files, ["mine", text("mine")]]));
  expect((await item(c)).files.put + (await item(c)).files.kept).toBe(2_500);
});

test("stopped in the middle of undoing, puts again what was removed", async () => {
  const c = await stopped();
  c.remaining = 0;
  expect((await call(c, "undo-files")).outcome).toBe("more");
  c.remaining = 900_000;
  expect(standing(c).length).toBeLessThan(2_200);
  await beginAgain(c);
  await runPreflight(c);
  await callAll(c, "plan");
  await callAll(c, "files");
  expect(standing(c)).toEqual(asStanding([...files, ["mine", text("mine")]]));
  await callAll(c, "undo-files");
  expect(standing(c)).toEqual([["mine", text("mine").toString(), false]]);
});

test("refused this time, it takes its files back before it fails", async () => {
  const c = await stopped();
  await beginAgain(c);
  await runPreflight(c, { sessions: 3 });
  const refused = await callAll(c, "plan");
  expect(refused.outcome).toBe("refused");
  c.remaining = 0;
  const error = { Error: "RestoreRefused", Cause: refused.message };
  await expect(call(c, "fail", error)).rejects.toMatchObject({ name: "UndoGoesOn", retryable: true });
  c.remaining = 900_000;
  await call(c, "fail", error);
  expect(standing(c)).toEqual([["mine", text("mine").toString(), false]]);
  expect(await item(c)).toMatchObject({ state: "failed", statusMessage: refused.message });
  expect(await c.catalog.getLease(TARGET)).toBeUndefined();
  expect((await c.catalog.listPins(SOURCE)).items).toEqual([]);
});

test("stopped with the database beside, it says so, and its files stay until the task has looked", async () => {
  const c = await stopped();
  await callAll(c, "files");
  await runRestore(c, []);
  expect(await beginAgain(c)).toMatchObject({ outcome: "begun", resumed: true });
  await call(c, "fail", { Error: "States.TaskFailed" });
  expect(standing(c)).toHaveLength(2_501);
});

test("stopped after the swap, it goes straight to the end and touches no file", async () => {
  const c = await stopped();
  await callAll(c, "files");
  await runRestore(c, []);
  await callAll(c, "plan-removal");
  await runSwap(c);
  await c.store.deleteBatch(
    FILES_BUCKET,
    [...files.keys()].slice(0, 5).map((key) => ({ key: `${TARGET}/${key}` })),
  );
  expect(await beginAgain(c)).toMatchObject({ outcome: "begun" });
  await runPreflight(c, { sessions: 3 });
  expect((await callAll(c, "plan")).outcome).toBe("go");
  expect((await callAll(c, "files")).outcome).toBe("done");
  expect((await callAll(c, "plan-removal")).outcome).toBe("done");
  expect((await call(c, "finish")).outcome).toBe("done");
  expect(standing(c)).toHaveLength(2_496);
  expect(await item(c)).toMatchObject({ state: "completed" });
  expect(await c.catalog.getLease(TARGET)).toBeUndefined();
});
