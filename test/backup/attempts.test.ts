/** Beginning, failing, trying again, waiting and taking over. */
import { beginBackup } from "../../lambda/backup/begin-backup";
import { backupExecutionName } from "../../lambda/backup/contract";
import { failBackup } from "../../lambda/backup/fail-backup";
import { requestBackup } from "../../lambda/backup/request-backup";
import { sealSnapshot } from "../../lambda/backup/seal-snapshot";
import { attemptIdOf } from "../../lambda/backup/snapshot-ids";
import { fakeCollaborators, PRIMARY_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { snapshotOf } from "./environment-fixture";
import { ENVIRONMENT, manifestOfNight, nightRequest, playExecution, playNight, TaskFailed } from "./night";
import { arnOf, begun, keys, NIGHT, ready, SNAPSHOT } from "./small-night";
import { leftIn } from "../support/left-in-catalog";

const unreachable = async (collaborators: FakeCollaborators, { attemptId }: { attemptId: string }): Promise<void> => {
  const failure = { name: "DatabaseUnreachable", message: "The database does not answer." };
  await collaborators.catalog.updateAttempt(attemptId, { failure });
  throw new TaskFailed();
};
const hopeless = async ({ catalog }: FakeCollaborators, { attemptId }: { attemptId: string }): Promise<void> => {
  await catalog.updateAttempt(attemptId, {
    failure: { name: "ToolsTooOld", message: "No client tools for this server." },
  });
  throw new TaskFailed();
};

describe("Rule 5: retry", () => {
  test("Rule 5: a failed nightly is tried two more times as executions of their own, then recorded, and someone is told", async () => {
    const collaborators = await ready();
    expect(await playNight(collaborators, NIGHT, { listed: keys, dump: unreachable })).toMatchObject({
      failed: { nextAttempt: 2 },
    });
    expect(await collaborators.catalog.getLease(ENVIRONMENT)).toBeUndefined();
    expect(await snapshotOf(collaborators, ENVIRONMENT, SNAPSHOT)).toMatchObject({
      state: "queued",
      attempt: 2,
      statusMessage: "Attempt 1 of 3 failed: The database does not answer.",
    });
    expect(collaborators.notifier.told).toEqual([]);
    expect(
      await playExecution(collaborators, nightRequest(NIGHT, 2), { listed: keys, dump: unreachable }),
    ).toMatchObject({ failed: { nextAttempt: 3 } });
    expect(
      await playExecution(collaborators, nightRequest(NIGHT, 3), { listed: keys, dump: unreachable }),
    ).toMatchObject({ failed: { nextAttempt: null } });
    expect(await snapshotOf(collaborators, ENVIRONMENT, SNAPSHOT)).toMatchObject({
      state: "failed",
      attempt: 3,
      statusMessage: "The database does not answer.",
    });
    expect(collaborators.workflows.started.map(({ name }) => name)).toEqual(
      [1, 2, 3].map((attempt) => `${ENVIRONMENT}-${NIGHT}-${attempt}`),
    );
    expect(collaborators.notifier.told).toEqual([
      {
        subject: "Nightly backup of shop-production failed",
        message: `The nightly backup of environment shop-production for ${NIGHT} (snapshot ${SNAPSHOT}) failed for good at attempt 3 of 3: The database does not answer.`,
      },
    ]);
    expect(leftIn(collaborators.table)).toEqual(["ENVIRONMENT", "SNAPSHOT"]);
  });

  test("Rule 5: the next attempt completes the same snapshot, created when it began", async () => {
    const collaborators = await ready();
    await playNight(collaborators, NIGHT, { listed: keys, dump: unreachable });
    collaborators.clock.advance(300_000);
    expect(await playExecution(collaborators, nightRequest(NIGHT, 2), { listed: keys })).toMatchObject({
      outcome: "sealed",
    });
    expect(await snapshotOf(collaborators, ENVIRONMENT, SNAPSHOT)).toMatchObject({
      state: "completed",
      attempt: 2,
      statusMessage: "",
      createdAt: `${NIGHT}T00:15:00Z`,
      expiresAt: "2026-12-19T00:15:00Z",
    });
  });

  test("Rule 5: what only a person can mend is tried again too: it may be mended between two attempts", async () => {
    const collaborators = await ready();
    expect(await playNight(collaborators, NIGHT, { listed: keys, dump: hopeless })).toMatchObject({
      failed: { nextAttempt: 2 },
    });
    expect(collaborators.notifier.told).toEqual([]);
  });

  test("Fail may be called again after a lost reply, at any of its requests", async () => {
    for (let stop = 1; ; stop++) {
      const collaborators = await ready();
      const request = nightRequest(NIGHT);
      const output = await begun(collaborators);
      expect(output.outcome).toBe("begun");
      const error = { Error: "Boom", Cause: "Something broke." };
      let requests = 0;
      collaborators.table.onReply = () => {
        if (++requests === stop) throw new Error("reply lost");
      };
      const first = await failBackup({ executionArn: arnOf(request), request, error }, collaborators).catch(
        () => undefined,
      );
      collaborators.table.onReply = undefined;
      expect(await failBackup({ executionArn: arnOf(request), request, error }, collaborators)).toMatchObject({
        nextAttempt: 2,
        sealed: false,
      });
      expect(collaborators.workflows.started.map(({ name }) => name)).toEqual(
        [1, 2].map((attempt) => `${ENVIRONMENT}-${NIGHT}-${attempt}`),
      );
      expect(await snapshotOf(collaborators, ENVIRONMENT, SNAPSHOT)).toMatchObject({ state: "queued", attempt: 2 });
      expect(leftIn(collaborators.table)).toEqual(["ENVIRONMENT", "SNAPSHOT"]);
      if (first !== undefined) break;
    }
  });
});

describe("Begin", () => {
  test("gives the attempt, its network and a running snapshot; repeated, the same again", async () => {
    const collaborators = await ready();
    const first = await begun(collaborators);
    expect(first).toEqual({
      outcome: "begun",
      attempt: { environmentId: ENVIRONMENT, snapshotId: SNAPSHOT, attemptId: attemptIdOf(arnOf(nightRequest(NIGHT))) },
      network: { subnets: ["subnet-1"], securityGroups: ["sg-1"], assignPublicIp: "ENABLED" },
      database: "dump",
    });
    const snapshot = await snapshotOf(collaborators, ENVIRONMENT, SNAPSHOT);
    collaborators.clock.advance(5_000);
    expect(await begun(collaborators)).toEqual(first);
    expect(await snapshotOf(collaborators, ENVIRONMENT, SNAPSHOT)).toEqual({
      ...snapshot,
      updatedAt: `${NIGHT}T00:00:05Z`,
    });
  });

  test("a deleted, a completed and a failed snapshot are skipped, and no lease stays", async () => {
    const collaborators = await ready();
    await begun(collaborators);
    const request = nightRequest(NIGHT);
    await failBackup({ executionArn: arnOf(request), request: { ...request, attempt: 3 }, error: {} }, collaborators);
    expect(await beginBackup({ executionArn: "other", request }, collaborators)).toMatchObject({ outcome: "skip" });
    await collaborators.catalog.deleteSnapshot(ENVIRONMENT, SNAPSHOT);
    expect(await beginBackup({ executionArn: "other", request }, collaborators)).toEqual({
      outcome: "skip",
      reason: `The snapshot ${SNAPSHOT} has been deleted.`,
    });
    await playNight(collaborators, "2026-12-06", { listed: keys });
    expect(
      await beginBackup({ executionArn: "other", request: nightRequest("2026-12-06") }, collaborators),
    ).toMatchObject({
      outcome: "skip",
      reason: expect.stringContaining("is completed already"),
    });
    expect(await collaborators.catalog.getLease(ENVIRONMENT)).toBeUndefined();
  });

  test("an environment that isn't registered is a failure that names it", async () => {
    const collaborators = fakeCollaborators();
    await expect(beginBackup({ executionArn: "x", request: nightRequest(NIGHT) }, collaborators)).rejects.toMatchObject(
      {
        name: "EnvironmentNotFound",
        message: "The environment shop-production is not registered; register it, then start the backup again.",
      },
    );
  });

  test("the base is pinned while the attempt runs; an expired one is none", async () => {
    const collaborators = await ready();
    await playNight(collaborators, NIGHT, { listed: keys });
    collaborators.clock.set("2026-12-06T00:00:00Z");
    const second = nightRequest("2026-12-06");
    await begun(collaborators, second);
    expect((await collaborators.catalog.listPins(ENVIRONMENT)).items).toMatchObject([
      { snapshotId: SNAPSHOT, holder: attemptIdOf(arnOf(second)), executionArn: arnOf(second) },
    ]);
    await failBackup({ executionArn: arnOf(second), request: second, error: {} }, collaborators);
    expect((await collaborators.catalog.listPins(ENVIRONMENT)).items).toEqual([]);
    collaborators.clock.set("2026-12-19T00:10:00Z");
    expect(await playNight(collaborators, "2026-12-19", { listed: keys })).toMatchObject({ outcome: "sealed" });
    expect((await manifestOfNight(collaborators, "2026-12-19")).baseSnapshotId).toBeNull();
  });
});

describe("one changing operation at a time", () => {
  test("a second backup while one runs is queued and says why, then completes", async () => {
    const collaborators = await ready();
    await begun(collaborators);
    const request = await requestBackup(collaborators, {
      environmentId: ENVIRONMENT,
      createdBy: "Operator",
      comment: "before the release",
    });
    const name = backupExecutionName(request);
    expect(name.length).toBeLessThanOrEqual(80);
    expect(await playExecution(collaborators, request, { listed: keys })).toEqual({
      outcome: "busy",
      reason: `Queued: a backup of this environment is running since ${NIGHT}T00:00:00Z.`,
    });
    expect(await snapshotOf(collaborators, ENVIRONMENT, request.snapshotId)).toMatchObject({
      state: "queued",
      tier: "on-demand",
      createdBy: "Operator",
      comment: "before the release",
      statusMessage: `Queued: a backup of this environment is running since ${NIGHT}T00:00:00Z.`,
    });
    const nightly = nightRequest(NIGHT);
    await failBackup({ executionArn: arnOf(nightly), request: nightly, error: {} }, collaborators);
    collaborators.clock.advance(60_000);
    expect(await playExecution(collaborators, request, { listed: keys })).toMatchObject({ outcome: "sealed" });
    expect(await snapshotOf(collaborators, ENVIRONMENT, request.snapshotId)).toMatchObject({
      state: "completed",
      createdAt: `${NIGHT}T00:01:00Z`,
      expiresAt: "2027-03-05T00:01:00Z",
      night: null,
    });
  });

  test("a failed backup on demand is recorded at once", async () => {
    const collaborators = await ready();
    const request = await requestBackup(collaborators, {
      environmentId: ENVIRONMENT,
      createdBy: "Operator",
      comment: "",
    });
    expect(await playExecution(collaborators, request, { listed: keys, dump: unreachable })).toMatchObject({
      failed: { nextAttempt: null, reason: "The database does not answer." },
    });
    expect(await snapshotOf(collaborators, ENVIRONMENT, request.snapshotId)).toMatchObject({
      state: "failed",
      statusMessage: "The database does not answer.",
    });
  });

  test("a backup of an unknown environment is refused with a sentence", async () => {
    await expect(
      requestBackup(fakeCollaborators(), { environmentId: "nowhere", createdBy: "Operator", comment: "" }),
    ).rejects.toThrow(
      "There is no environment nowhere in eu-central-1; register it first, or check its name and region.",
    );
  });

  test("without the lease nothing is sealed", async () => {
    const collaborators = await ready();
    const played = await playNight(collaborators, NIGHT, {
      listed: keys,
      before: async (step) => {
        const lease = await collaborators.catalog.getLease(ENVIRONMENT);
        if (step === "seal" && lease !== undefined)
          await collaborators.catalog.takeOverLease(lease, { ...lease, token: "another", executionArn: "another" });
      },
    });
    expect(played).toMatchObject({
      outcome: "failed",
      failed: { sealed: false, reason: expect.stringContaining("no longer holds the environment's lease") },
    });
    await expect(manifestOfNight(collaborators, NIGHT)).rejects.toThrow("No manifest");
    expect((await collaborators.catalog.getLease(ENVIRONMENT))?.token).toBe("another");
  });
});

describe("the commit", () => {
  test("a seal whose replies are lost is finished by Fail: the snapshot is complete", async () => {
    const collaborators = await ready();
    const played = await playNight(collaborators, NIGHT, {
      listed: keys,
      before: (step) => {
        if (step !== "seal") return;
        collaborators.table.onRequest = (operation) => {
          if (operation !== "transact") return;
          collaborators.table.onRequest = undefined;
          throw new Error("the catalog is away");
        };
      },
    });
    expect(played).toMatchObject({ outcome: "sealed" });
    expect(await snapshotOf(collaborators, ENVIRONMENT, SNAPSHOT)).toMatchObject({ state: "completed" });
    expect(await collaborators.catalog.getLease(ENVIRONMENT)).toBeUndefined();
    expect(collaborators.workflows.started).toHaveLength(1);
  });

  test("a sealed snapshot sealed again answers the same", async () => {
    const collaborators = await ready();
    await playNight(collaborators, NIGHT, { listed: keys });
    const attempt = {
      environmentId: ENVIRONMENT,
      snapshotId: SNAPSHOT,
      attemptId: attemptIdOf(arnOf(nightRequest(NIGHT))),
    };
    expect(await sealSnapshot({ attempt }, collaborators)).toEqual({
      snapshotId: SNAPSHOT,
      environmentId: ENVIRONMENT,
      replicated: true,
    });
  });

  test("counts that do not agree are never sealed", async () => {
    const collaborators = await ready();
    const played = await playNight(collaborators, NIGHT, {
      listed: keys,
      before: async (step, { attemptId }) => {
        const attempt = await collaborators.catalog.getAttempt(attemptId);
        if (step === "seal" && attempt !== undefined && attempt.dump !== null)
          await collaborators.catalog.updateAttempt(attemptId, { dump: { ...attempt.dump, listCount: 6 } });
      },
    });
    expect(played).toMatchObject({
      outcome: "failed",
      failed: { reason: expect.stringContaining("the file index has 5 files where the list has 6") },
    });
  });
});

test("Rule 6: an attempt that runs for days renews what it wrote on the first", async () => {
  const collaborators = await ready();
  await playNight(collaborators, NIGHT, {
    listed: keys,
    before: (step) => {
      if (step === "pack") collaborators.clock.advance(30 * 3_600_000);
      if (step !== "seal") return;
      const locks = collaborators.store.versions(PRIMARY_BUCKET).map(({ lock }) => lock?.until.toISOString());
      // 00:10 + 30 h + two days.
      expect(new Set(locks)).toEqual(new Set(["2026-12-08T06:10:00.000Z"]));
      expect(locks.length).toBeGreaterThan(3);
    },
  });
  expect(await snapshotOf(collaborators, ENVIRONMENT, SNAPSHOT)).toMatchObject({ state: "completed" });
});
