/** The alarm on backups: raised by what failed for good, not by an attempt whose next one succeeds. */
import { failBackup } from "../../lambda/backup/fail-backup";
import { requestBackup } from "../../lambda/backup/request-backup";
import { ENVIRONMENT, nightRequest, playExecution, playNight, TaskFailed } from "../backup/night";
import { executionArn } from "../backup/environment-fixture";
import { keys, NIGHT, ready } from "../backup/small-night";
import type { FakeCollaborators } from "../support/collaborators";
import type { BackupRequest } from "../../lambda/backup/contract";
import { alarmNamed, executionDatapoint, names, testAlarm, valuesOf, type Observed } from "./alarms";
import type { Datapoint } from "./datapoints";
import { evaluateAlarm } from "./evaluate-alarm";

const unreachable = async (collaborators: FakeCollaborators, { attemptId }: { attemptId: string }): Promise<void> => {
  const failure = { name: "DatabaseUnreachable", message: "The database does not answer." };
  await collaborators.catalog.updateAttempt(attemptId, { failure });
  throw new TaskFailed();
};
const ended = (status: "FAILED" | "SUCCEEDED", { clock }: FakeCollaborators): Datapoint =>
  executionDatapoint("backup", status, clock.now());

/** A night of so many attempts that fail; the one after them succeeds, if there is one. */
const night = async (failures: number): Promise<Observed> => {
  const collaborators = await ready();
  const datapoints: Datapoint[] = [];
  for (let attempt = 1; attempt <= Math.min(3, failures + 1); attempt++) {
    const dump = attempt <= failures ? { dump: unreachable } : {};
    if (attempt === 1) await playNight(collaborators, NIGHT, { listed: keys, ...dump });
    else await playExecution(collaborators, nightRequest(NIGHT, attempt), { listed: keys, ...dump });
    datapoints.push(ended(attempt <= failures ? "FAILED" : "SUCCEEDED", collaborators));
    collaborators.metrics.flush();
    collaborators.clock.advance(60_000);
  }
  return { lines: collaborators.metrics.lines(), datapoints };
};

testAlarm("backup-failed", { condition: () => night(3), healthy: () => night(2) });

const stateAfter = (observed: Observed): string => evaluateAlarm(alarmNamed("backup-failed"), valuesOf(observed));

test("one that failed once and then succeeded raises nothing", async () => {
  expect(stateAfter(await night(1))).toBe("OK");
});

test("a backup on demand has one attempt, and raises it", async () => {
  const collaborators = await ready();
  const request = await requestBackup(collaborators, { environmentId: ENVIRONMENT, createdBy: "a user", comment: "" });
  await playExecution(collaborators, request, { listed: keys, dump: unreachable });
  expect(stateAfter({ lines: collaborators.metrics.lines() })).toBe("ALARM");
});

/** As Lambda and Step Functions count it when the function that records a failure fails itself, to the last try. */
test("a failure that could not be recorded raises it", async () => {
  const collaborators = await ready();
  await playNight(collaborators, NIGHT, { listed: keys, dump: unreachable });
  collaborators.table.onRequest = () => {
    throw new Error("The table answers nothing.");
  };
  const request = nightRequest(NIGHT, 2);
  const error = { Error: "States.TaskFailed", Cause: "" };
  await expect(failBackup({ executionArn: executionArn("x"), request, error }, collaborators)).rejects.toThrow();
  const errors: Datapoint = {
    namespace: "AWS/Lambda",
    name: "Errors",
    dimensions: { FunctionName: names.function("backup-fail") },
    at: collaborators.clock.now(),
    value: 1,
  };
  expect(
    stateAfter({ lines: collaborators.metrics.lines(), datapoints: [ended("FAILED", collaborators), errors] }),
  ).toBe("ALARM");
});

test.each(["TIMED_OUT", "ABORTED"] as const)("an execution that ended from outside (%s) raises it", (status) => {
  expect(stateAfter({ datapoints: [executionDatapoint("backup", status, new Date("2026-12-05T01:00:00Z"))] })).toBe(
    "ALARM",
  );
});

test("an upload that failed does not: it has an alarm of its own", async () => {
  const collaborators = await ready();
  const request: BackupRequest = { ...nightRequest(NIGHT), trigger: "upload", tier: "uploaded", night: null };
  await failBackup(
    { executionArn: executionArn("u"), request, error: { Error: "ArchiveUnreadable", Cause: "" } },
    collaborators,
  );
  expect(collaborators.metrics.valuesOf("BackupsFailed")).toEqual([]);
});
