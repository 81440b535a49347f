/** One id from the schedule to the object: every step's input, and every command of the task, leads to it. */
import { correlationOf, correlationOfCommand } from "../../lambda/observability/correlation";
import { createHandler } from "../../lambda/runtime/create-handler";
import { createLogger } from "../../lambda/runtime/logger";
import { fakeCollaborators } from "../support/collaborators";
import { z } from "zod";

test.each([
  [{ executionArn: "arn:x:e1", request: { environmentId: "shop", snapshotId: "s1" } }, "s1"],
  [{ attempt: { environmentId: "shop", snapshotId: "s1", attemptId: "a" }, shard: 0 }, "s1"],
  [{ environmentId: "shop", snapshotId: "s1", waitedSeconds: 0 }, "s1"],
  [{ step: "files", restoreId: "r1", executionArn: "arn:x:r1" }, "r1"],
  [{ step: "build", archiveId: "a1", executionArn: "arn:x:a1" }, "a1"],
  [{ step: "expire", executionArn: "arn:x:run-7", environmentId: "shop" }, "shop"],
  [{ step: "select", executionArn: "arn:x:run-7" }, "run-7"],
  [{ step: "start", night: { date: "2026-12-05" } }, "night-2026-12-05"],
  [{ scheduledTime: "2026-12-05T00:00:00Z" }, undefined],
  [null, undefined],
])("%j", (input, id) => {
  expect(correlationOf(input)).toBe(id);
});

test("the task's commands", () => {
  expect(correlationOfCommand(["dump", "shop", "s1", "attempt"])).toBe("s1");
  expect(correlationOfCommand(["pack", "shop", "s1", "attempt", "0"])).toBe("s1");
  expect(correlationOfCommand(["restore", "r1"])).toBe("r1");
  expect(correlationOfCommand([])).toBeUndefined();
});

test("an invocation's lines and metrics carry it, and the next invocation's another", async () => {
  const lines: { message: string; details: Record<string, unknown> }[] = [];
  const write = (message: string, details: Record<string, unknown>): void => void lines.push({ message, details });
  const log = createLogger("f", { info: write, warn: write, error: write });
  const handler = createHandler(
    z.object({ snapshotId: z.string().optional() }),
    async (_input, collaborators) => collaborators.log.info("hello", { step: 1 }),
    () => ({
      ...fakeCollaborators(),
      log,
      correlate: (id) => log.correlate(id),
      secrets: { databaseCredentials: () => Promise.reject(new Error("none")) },
    }),
  );
  const context = { getRemainingTimeInMillis: () => 1000 };
  await handler({ snapshotId: "s1" }, context);
  await handler({ snapshotId: "s2" }, context);
  await handler({}, context);
  expect(lines.map(({ details }) => details)).toEqual([
    { correlationId: "s1", step: 1 },
    { correlationId: "s2", step: 1 },
    { step: 1 },
  ]);
});
