/** Restores a snapshot of the source into the target, and compares every table and every file. */
import { restoreAnswered, type PublicRestore, type RequestsResponse } from "../../lambda/requests/contract";
import { compareTarget, lookAtTarget } from "./compare-target";
import type { PlayedNight } from "./night";
import { askRequests, minutesAfter, part, type StoryContext } from "./story-context";

export const restoreIntoTarget = (context: StoryContext, night: PlayedNight): Promise<void> =>
  part(context, `Restoring ${night.snapshot.snapshotId} into ${context.target.environmentId}`, async () => {
    const { report, progress } = context;
    const before = await lookAtTarget(context);
    let restore = await runRestore(context, night, []);
    const warnings = restore.plan?.warnings ?? [];
    if (restore.state === "queued" && warnings.length > 0) {
      for (const { code, message } of warnings) progress.step(`acknowledged: ${code}, ${message}`);
      restore = await runRestore(
        context,
        night,
        warnings.map(({ code }) => code),
      );
    }
    const done = report.check(
      "restore",
      "the restore is completed",
      restore.state === "completed",
      restore.statusMessage,
    );
    if (!done) throw new Error(`The restore failed: ${restore.statusMessage}`);
    await compareTarget(context, "restore", night.source, before);
  });

/** As `npx backups restore` asks for it. */
const runRestore = async (
  { local, source, target }: StoryContext,
  { snapshot }: PlayedNight,
  acknowledged: readonly string[],
): Promise<PublicRestore> => {
  const asked = await askRequests(local, {
    action: "restore",
    sourceEnvironmentId: source.environmentId,
    snapshotId: snapshot.snapshotId,
    targetEnvironmentId: target.environmentId,
    databaseOnly: false,
    acknowledged: [...acknowledged],
    requestedBy: "npm start",
  });
  const { restoreId } = restoreIn(asked);
  await local.clock.advanceTo(minutesAfter(local.clock.now(), 24 * 60), () => !local.executions.anyRunning());
  return restoreIn(await askRequests(local, { action: "restore-status", restoreId }));
};

const restoreIn = (answer: RequestsResponse): PublicRestore => {
  if (!answer.ok) throw new Error(answer.message);
  return restoreAnswered.parse(answer).restore;
};
