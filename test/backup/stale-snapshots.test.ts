/** What a workflow leaves behind that ended without its Fail state, and who brings it into order. */
import { queueBackup } from "../../lambda/backup/queue-backup";
import { requestBackup } from "../../lambda/backup/request-backup";
import { settleStaleSnapshots } from "../../lambda/backup/stale-snapshots";
import { takeLease } from "../../lambda/runtime/lease";
import { PRIMARY_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { snapshotOf } from "./environment-fixture";
import { ENVIRONMENT, filesOf, manifestOfNight, nightRequest, playExecution, playNight } from "./night";
import { arnOf, begun, keys, NIGHT, ready, SNAPSHOT } from "./small-night";
import { leftIn } from "../support/left-in-catalog";

describe("an execution that ended without its Fail state", () => {
  test("the next backup takes the lease over and records the stale snapshot as failed", async () => {
    const collaborators = await ready();
    await playNight(collaborators, "2026-12-04", { listed: keys });
    await begun(collaborators);
    collaborators.clock.set("2026-12-06T00:00:00Z");
    expect(await playNight(collaborators, "2026-12-06", { listed: keys })).toMatchObject({ outcome: "busy" });
    collaborators.workflows.ended.add(arnOf(nightRequest(NIGHT)));
    expect(await playNight(collaborators, "2026-12-06", { listed: keys })).toMatchObject({ outcome: "sealed" });
    expect(await snapshotOf(collaborators, ENVIRONMENT, SNAPSHOT)).toMatchObject({
      state: "failed",
      statusMessage:
        "The backup's workflow ended unexpectedly before the snapshot was complete; the next backup takes its place.",
    });
    expect(leftIn(collaborators.table)).toEqual(["ENVIRONMENT", "SNAPSHOT", "SNAPSHOT", "SNAPSHOT"]);
  });

  test.each(["without its manifest", "with its manifest"])(
    "stopped in its seal, %s: retention completes it",
    async (how) => {
      const collaborators = await ready();
      await stopInSeal(collaborators, how === "with its manifest");
      // The next backup can't tell how far it came, and leaves it alone.
      expect(await playNight(collaborators, "2026-12-06", { listed: keys })).toMatchObject({ outcome: "sealed" });
      expect(await snapshotOf(collaborators, ENVIRONMENT, SNAPSHOT)).toMatchObject({ state: "running" });
      expect(await settleByRetention(collaborators)).toEqual({ failed: [], completed: [SNAPSHOT] });
      expect(await snapshotOf(collaborators, ENVIRONMENT, SNAPSHOT)).toMatchObject({
        state: "completed",
        expiresAt: "2026-12-19T00:00:00Z",
      });
      // A completion recorded late does not become the base again.
      expect(await collaborators.catalog.getEnvironment(ENVIRONMENT)).toMatchObject({
        lastSnapshotId: nightRequest("2026-12-06").snapshotId,
      });
      expect((await filesOf(collaborators, await manifestOfNight(collaborators, NIGHT))).size).toBe(keys.length);
    },
  );

  test("stopped in its seal and damaged since: retention records it as failed", async () => {
    const collaborators = await ready();
    await stopInSeal(collaborators, false);
    const dump = collaborators.store.versions(PRIMARY_BUCKET).find(({ key }) => key.includes("database"));
    await collaborators.store.deleteBatch(
      PRIMARY_BUCKET,
      [{ key: dump?.key ?? "", versionId: dump?.versionId ?? "" }],
      { bypassGovernance: true },
    );
    expect(await settleByRetention(collaborators)).toEqual({ failed: [SNAPSHOT], completed: [] });
    expect(await snapshotOf(collaborators, ENVIRONMENT, SNAPSHOT)).toMatchObject({ state: "failed" });
    await expect(manifestOfNight(collaborators, NIGHT)).rejects.toThrow("No manifest");
  });

  test("stopped in its seal and expired since: it is not brought back", async () => {
    const collaborators = await ready();
    await stopInSeal(collaborators, false);
    collaborators.clock.set("2026-12-19T00:10:00Z");
    expect(await settleByRetention(collaborators)).toEqual({ failed: [SNAPSHOT], completed: [] });
  });

  test("a snapshot queued a day ago whose workflow never began is recorded as failed", async () => {
    const collaborators = await ready();
    const request = await requestBackup(collaborators, {
      environmentId: ENVIRONMENT,
      createdBy: "Operator",
      comment: "",
    });
    collaborators.clock.advance(25 * 3_600_000);
    await settleStaleSnapshots(collaborators, { environmentId: ENVIRONMENT, token: "ours" });
    expect(await snapshotOf(collaborators, ENVIRONMENT, request.snapshotId)).toMatchObject({
      state: "failed",
      statusMessage: expect.stringContaining("ended before it began"),
    });
  });
});

/** The execution ends for good in its seal, before the manifest or just after it. */
async function stopInSeal(collaborators: FakeCollaborators, withManifest: boolean): Promise<void> {
  const request = nightRequest(NIGHT);
  await queueBackup(request, { modelVersion: "1.2.3" }, collaborators);
  const before = (step: string): void => {
    if (step !== "seal") return;
    collaborators.store.onRequest = (operation, { key }) => {
      if (operation === "put" && key?.endsWith("manifest.json") === true && !withManifest) stop();
    };
    collaborators.table.onRequest = (operation) => {
      if (operation === "transact") stop();
    };
  };
  await expect(playExecution(collaborators, request, { listed: keys, before, withoutFail: true })).rejects.toThrow(
    "killed",
  );
  collaborators.store.onRequest = undefined;
  collaborators.table.onRequest = undefined;
}

async function settleByRetention(collaborators: FakeCollaborators): ReturnType<typeof settleStaleSnapshots> {
  const taken = await takeLease(collaborators, {
    environmentId: ENVIRONMENT,
    executionArn: "retention",
    purpose: "expiry",
  });
  if (taken.outcome !== "held") throw new Error("No lease.");
  return settleStaleSnapshots(collaborators, taken.lease);
}

const stop = (): never => {
  throw new Error("killed");
};
